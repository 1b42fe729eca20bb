"""The visitor's list and the outcome without a network, sent when it is back."""

from datetime import date, timedelta

import pytest

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification.models import Certification
from jianzai.channels.visit import services
from jianzai.channels.visit.models import HomeVisit
from jianzai.channels.visit.slots import Half
from jianzai.clock import today
from jianzai.notices.models import Notice
from jianzai.offline.models import Arrival
from jianzai.sentences import say
from tests.browser import keep_picture
from tests.channels.visit import office
from tests.console.test_looks import faults
from tests.offline.device import LISTS, Device
from tests.people import ELSEWHERE, PASSWORD, make_person, make_staff

pytestmark = pytest.mark.django_db
DOCUMENT = "社保卡原件，签名与存档一致"


@pytest.fixture
def visit(person, team):
    return office.booked(person, team)


@pytest.fixture
def second(db):
    return make_staff("clerk", username="second")


@pytest.fixture
def device(clerk, visit):
    made = Device(clerk)
    made.prepare()
    return made


def key_of(visit) -> str:
    """What the entry of the standing appointment is called on the device."""
    return f"appointment {visit.booked.pk}"


def met(visit, second, **more) -> dict[str, str]:
    fields = {"entry": key_of(visit), "found": "met", "second": str(second.pk), "document": DOCUMENT}
    return fields | more


def test_the_list_of_a_team_is_taken_along_and_that_is_recorded(device, visit, team, second):
    answer = device.client.post(LISTS, {"form": "visit", "value": team.pk})
    (entry,) = answer.json()["entries"]
    assert entry["key"] == key_of(visit)
    assert visit.person.name in entry["title"]
    assert office.ADDRESS in entry["lines"]
    assert entry["phone"] == office.PHONE
    assert [value for value, _ in entry["options"]["second"]] == [str(second.pk)]
    assert AuditEntry.objects.filter(act="visit.list_taken").count() == 1
    for wrong in ({"form": "visit", "value": "0"}, {"form": "counter", "value": ""}, {}):
        assert device.client.post(LISTS, wrong).status_code == 404


def test_a_list_is_for_who_certifies_there(visit, team):
    for role, where, expected in (
        ("clerk", visit.person.area_id, 200),
        ("supervisor", visit.person.area_id, 200),
        ("clerk", ELSEWHERE, 404),
        ("auditor", visit.person.area_id, 403),
        ("administrator", visit.person.area_id, 403),
    ):
        client = Device(make_staff(role, where)).client
        assert client.post(LISTS, {"form": "visit", "value": team.pk}).status_code == expected, role


def test_met_as_of_the_day_of_the_visit_once(device, visit, second, on_day):
    picture = [("photograph", office.picture(640, 480))]
    item = device.receive("visit", met(visit, second, photograph_consent="relative"), picture)
    on_day(today() + timedelta(days=3))
    first, again = device.send(item).json(), device.send(item).json()
    assert first == again
    assert first["state"] == "received"
    assert not Certification.objects.exists()
    services.sign(visit, second, Actor.SYSTEM)
    assert device.send(item).json()["state"] == "certified"
    certification = Certification.objects.get()
    assert (certification.channel, certification.on) == ("visit", date(2026, 9, 1))
    visit.refresh_from_db()
    assert (visit.state, visit.photograph_consent) == ("certified", "relative")
    assert visit.picture
    assert Notice.objects.filter(person=visit.person, kind="certified").exists()


@pytest.mark.parametrize("found", ["nobody", "dead", "moved", "missing"])
def test_not_met(device, visit, found):
    fields = {"entry": key_of(visit), "found": found, "finding": "邻居说的"}
    told = device.send(device.receive("visit", fields)).json()
    assert told["state"] == "noted"
    visit.refresh_from_db()
    assert visit.state == ("open" if found == "nobody" else found)


@pytest.mark.parametrize("found", ["met", "nobody", "dead"])
@pytest.mark.parametrize("days", [1, 3], ids=["before the new one", "after it"])
def test_told_late_it_is_of_the_appointment_the_team_went_to(
    device, visit, second, team, on_day, found, days
):
    """The office heard nothing and booked anew before the device was in the network again."""
    fields = met(visit, second) if found == "met" else {"entry": key_of(visit), "found": found}
    item = device.receive("visit", fields | ({"finding": "邻居说的"} if found == "dead" else {}))
    went, start = visit.booked, today()
    on_day(start + timedelta(days=1))
    services.book(visit, team, start + timedelta(days=2), Half.MORNING, Actor.SYSTEM)
    on_day(start + timedelta(days=days))
    answer = device.send(item)
    if found == "met":
        services.sign(visit, second, Actor.SYSTEM)
        answer = device.send(item)
    states = dict(visit.appointments.values_list("day", "state"))
    visit.refresh_from_db()
    if found == "nobody":
        assert answer.status_code == 422
        assert answer.json()["sentence"] == say("visit.appointment_over", "zh", day=went.day)
        assert states == {went.day: "moved", start + timedelta(days=2): "booked"}
        assert visit.state == "open"
        return
    assert answer.json()["state"] == ("certified" if found == "met" else "noted")
    assert states == {went.day: "kept", start + timedelta(days=2): "cancelled"}
    assert visit.state == ("certified" if found == "met" else found)
    assert list(Certification.objects.values_list("on", flat=True)) == ([start] if found == "met" else [])


def test_an_appointment_that_is_told_or_was_moved_on_another_day_proves_nothing(
    device, visit, second, team, on_day
):
    fields = met(visit, second)
    nobody = device.receive("visit", {"entry": key_of(visit), "found": "nobody"})
    assert device.send(nobody).status_code == 200
    assert device.send(device.receive("visit", fields)).status_code == 422
    on_day(today() + timedelta(days=1))
    for days in (0, 1):
        services.book(visit, team, today() + timedelta(days=days), Half.MORNING, Actor.SYSTEM)
    fields = met(visit, second, entry=f"appointment {visit.appointments.get(state='moved').pk}")
    assert device.send(device.receive("visit", fields)).status_code == 422  # the key is of the day before
    assert not Certification.objects.exists()


def test_what_comes_in_late_does_not_take_the_place_of_a_newer_meeting(
    device, visit, second, clerk, team, on_day
):
    late, went = device.receive("visit", met(visit, second)), visit.booked
    newer = today() + timedelta(days=1)
    on_day(newer)
    services.book(visit, team, newer, Half.MORNING, Actor.SYSTEM)
    services.meet(visit, services.Meeting(clerk, second, "card"), Actor.SYSTEM)
    answer = device.send(late)
    assert answer.json()["sentence"] == say("visit.appointment_over", "zh", day=went.day)
    assert services.sign(visit, second, Actor.SYSTEM).on == newer


def test_a_receipt_is_concluded_where_the_meeting_is_told_again_at_the_desk(device, visit, second, clerk):
    item = device.receive("visit", met(visit, second))
    assert device.send(item).json()["state"] == "received"
    services.meet(visit, services.Meeting(clerk, second, "card"), Actor.SYSTEM)
    services.sign(visit, second, Actor.SYSTEM)
    assert device.send(item).json()["state"] == "certified"


@pytest.mark.parametrize(
    "changed",
    [
        {"second": ""},
        {"second": "first"},
        {"document": ""},
        {"found": "dead", "finding": " "},
        {"found": ""},
        {"entry": "x"},
        {"entry": "0"},
        {"entry": "appointment 0"},
        {"photograph_consent": ""},
    ],
    ids=str,
)
def test_what_is_refused_is_told_and_leaves_nothing(device, visit, second, clerk, changed):
    if changed.get("second") == "first":
        changed = {"second": str(clerk.pk)}
    fields = met(visit, second, photograph_consent="person") | changed
    answer = device.send(device.receive("visit", fields, [("photograph", office.picture(64, 48))]))
    assert answer.status_code == 422
    assert answer.json()["sentence"]
    assert not Arrival.objects.exists()
    visit.refresh_from_db()
    assert visit.state == "open"


def test_what_ended_meanwhile_is_told(device, visit, second):
    late = device.receive("visit", met(visit, second))
    fields = {"entry": key_of(visit), "found": "moved", "finding": "邻居说的"}
    assert device.send(device.receive("visit", fields)).status_code == 200
    answer = device.send(late)
    assert answer.status_code == 422
    assert answer.json()["sentence"] == say("visit.visit_ended", "zh")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_day_of_visits_without_a_network(browse, person, clerk, team, on_day, tmp_path):
    second = make_staff("clerk", username="second")
    other = make_person(name="李秀英")
    visit, missed = office.booked(person, team), office.booked(other, team)
    picture = tmp_path / "meeting.jpg"
    picture.write_bytes(office.picture())
    page = browse("phone")
    page.goto("/console/sign-in?next=/console/visit/")
    page.fill("[name=username]", clerk.user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("button.main-action")
    page.click(f"text={say('visit.to_phone_page', 'zh')}")
    page.click("[data-part=do-prepare]")
    page.wait_for_selector("[data-part=code-shown]:not(:empty)")
    page.click("[data-part=code-written]")
    page.click("[data-form=visit] [data-part=take-list]")  # which is shown, since it was asked for
    page.wait_for_selector("[data-part=entries] li")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    page.context.set_offline(True)
    page.wait_for_selector("[data-part=network][data-status='0']")
    entries = page.locator("[data-part=entries] li")
    assert entries.count() == 2
    assert office.ADDRESS in entries.first.inner_text()
    keep_picture(page, "offline-visits-phone")
    assert faults(page) == []
    entries.filter(has_text=person.name).locator("button").click()
    page.check("[name=found][value=met]")
    page.select_option("[name=second]", str(second.pk))
    page.fill("#visit-document", DOCUMENT)
    page.select_option("[name=photograph_consent]", "person")
    page.set_input_files("#visit-photograph", str(picture))
    keep_picture(page, "offline-visit-met-phone")
    assert faults(page) == []
    page.click("[data-form=visit] button.main-action")
    page.wait_for_selector(f"text={say('visit.offline_receipt', 'zh')}")
    assert not page.is_visible(f"text={say('offline.receipt_text', 'zh')}")
    keep_picture(page, "offline-visit-receipt-phone")
    page.click("[data-part=next]")
    assert entries.filter(has_text=person.name).locator("button").count() == 0  # told once
    entries.filter(has_text=other.name).locator("button").click()
    page.check("[name=found][value=nobody]")
    page.click("[data-form=visit] button.main-action")
    page.click("[data-part=next]")
    assert page.get_attribute("[data-part=waiting]", "data-count") == "2"
    assert not Certification.objects.exists()

    on_day(today() + timedelta(days=1))
    page.context.set_offline(False)
    page.wait_for_selector("[data-part=waiting][data-count='0']")
    page.wait_for_selector("li[data-state=received]")
    page.wait_for_selector("li[data-state=noted]")
    keep_picture(page, "offline-visits-sent-phone")
    services.sign(visit, second, Actor.SYSTEM)
    assert Certification.objects.get().on == date(2026, 9, 1)
    assert HomeVisit.objects.get(pk=visit.pk).photograph_consent == "person"
    assert HomeVisit.objects.get(pk=missed.pk).appointments.get().state == "missed"
    assert Notice.objects.filter(person=person, kind="certified").exists()
