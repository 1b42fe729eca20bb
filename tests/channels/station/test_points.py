"""Where people go in person: found by everybody, kept by a supervisor."""

import pytest

from jianzai.notices.transports.letter import stations
from jianzai.registry.models import Area, ServicePoint
from tests.people import DISTRICT, OTHER_DISTRICT, areas, make_staff

STREET, OTHER_STREET = "430102001000", "430102002000"
TYPED = {
    "name": "文艺路街道服务站",
    "kind": "station",
    "area": STREET,
    "address": "文艺路 1 号",
    "phone": "0731-8000002",
    "hours": "周一至周五 9:00–17:00",
    "services": ["certification", "no_steps"],
}


@pytest.fixture
def streets(db):
    areas()
    Area.objects.create(code=STREET, name="文艺路街道")
    Area.objects.create(code=OTHER_STREET, name="朝阳街街道")


def page(client, area=""):
    return client.get("/station/", {"area": area}).content.decode()


def test_what_a_supervisor_saves_everybody_finds_until_it_is_closed(client, desk, streets, supervisor):
    assert "12333" in page(client)
    console = desk(supervisor)
    assert console.post("/console/station/points", TYPED).status_code == 302
    whole = TYPED | {"name": "芙蓉区大厅", "area": DISTRICT, "services": []}
    console.post("/console/station/points", whole)
    console.post("/console/station/points", TYPED | {"name": "朝阳街站", "area": OTHER_STREET})
    client.logout()
    assert "文艺路街道服务站" not in page(client)
    assert all(name in page(client, DISTRICT) for name in ("文艺路街道服务站", "芙蓉区大厅", "朝阳街站"))
    near = page(client, STREET)
    assert near.index("文艺路街道服务站") < near.index("芙蓉区大厅")
    assert "朝阳街站" not in near
    assert all(told in near for told in ("轮椅", "周一至周五 9:00–17:00", "tel:0731-8000002"))
    assert "建模" not in near

    point = ServicePoint.objects.get(name=TYPED["name"])
    console = desk(supervisor)
    changed = TYPED | {"hours": "周一 9:00–12:00", "closed": "on"}
    assert console.post(f"/console/station/points/{point.pk}", changed).status_code == 302
    assert TYPED["name"] in console.get("/console/station/points").content.decode()
    assert TYPED["name"] not in page(client, DISTRICT)
    assert TYPED["name"] not in client.get("/ways", {"district": DISTRICT}).content.decode()
    assert TYPED["name"] not in [station.name for station in stations()]
    console.post(f"/console/station/points/{point.pk}", TYPED)
    assert TYPED["name"] in page(client, DISTRICT)


@pytest.mark.parametrize("area", ["%", "43", "999999000000", "430102009000", "1" * 40])
def test_an_area_without_points_finds_none(client, streets, area):
    ServicePoint.objects.create(area_id=STREET, name="站一", address="路", phone="1", hours="周一")
    assert client.get("/station/", {"area": area}).status_code == 200
    assert ("站一" in page(client, area)) is area.startswith("430102")


def test_a_supervisor_keeps_the_points_of_their_own_area(desk, streets):
    console = desk(make_staff("supervisor", DISTRICT))
    assert console.post("/console/station/points", TYPED | {"area": OTHER_DISTRICT}).status_code == 422
    assert console.post("/console/station/points", TYPED | {"services": ["church"]}).status_code == 422
    assert console.post("/console/station/points", TYPED | {"name": ""}).status_code == 422
    assert not ServicePoint.objects.exists()
