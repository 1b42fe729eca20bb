"""The questions as somebody meets them who reads only the pages."""

import html

import pytest

from jianzai.channels.fingerprint import reading
from jianzai.channels.guidance.aloud import spoken_guides
from jianzai.channels.guidance.rules import QUESTIONS, Way
from jianzai.sentences import LANGUAGES, say
from tests.browser import assert_accessible, browse, chromium, keep_picture, playwright_driver  # noqa: F401
from tests.channels.online.conftest import cycle, district, person, service_point  # noqa: F401


@pytest.mark.django_db
def test_nothing_is_kept_and_nonsense_asks_the_first_question(client):
    answer = client.get("/guidance/", {"camera": "maybe", "where": "here", "x": "<script>"})
    assert "摄像头" in answer.content.decode()
    assert "<script>x" not in answer.content.decode()
    assert set(answer.cookies) <= {"csrftoken"}


@pytest.mark.django_db
def test_the_page_of_all_ways_begins_with_it(client):
    page = client.get("/ways").content.decode()
    assert "/guidance/" in page
    assert "帮我选一种办法" in page


@pytest.mark.django_db
def test_the_question_stands_first_and_a_family_is_told_what_to_do(client):
    page = client.get("/ways").content.decode()
    first = page.index("帮我选一种办法")
    assert first < page.index(say("station.offer_link")) < page.index(say("guidance.family_link"))
    front = client.get("/").content.decode()
    assert "/guidance/family" in front
    assert "/station/helpers" in front
    told = client.get("/guidance/family").content.decode()
    assert say("guidance.family_step_2") in told
    assert say("guidance.family_paper_1") in told


@pytest.fixture
def reader(settings, monkeypatch):
    """Turns the reading of fingers on or off, as an office does."""
    monkeypatch.setattr(reading, "_installed", lambda: True)

    def turn(on):
        settings.FINGERPRINT = on

    return turn


OUT = {"camera": "no", "where": "here"}


def test_fingerprints_are_guided_to_where_the_office_has_them(client, cycle, service_point, reader):  # noqa: F811
    reader(True)
    service_point.services = ["fingerprint"]
    service_point.save()
    assert "/guidance/fingerprint" in client.get("/ways").content.decode()
    assert "out=finger" in client.get("/guidance/", OUT).content.decode()
    asked, named = client.get("/guidance/", OUT | {"out": "finger"}), client.get("/guidance/fingerprint")
    assert say("guidance.out_finger") in spoken_guides("zh")["guide_asks_out"]
    for page in (asked.content.decode(), named.content.decode()):
        assert say("guidance.fingerprint_note") in page
        assert service_point.name in page
        assert service_point.phone in page
        assert 'data-key="guide_to_fingerprint"' in page
    english = client.get("/guidance/fingerprint", headers={"Accept-Language": "en"}).content.decode()
    assert say("guidance.fingerprint_note", "en") in html.unescape(english)
    found = client.get("/station/", {"area": service_point.area_id}).content.decode()
    assert say("station.service_fingerprint") in found
    service_point.services = []
    service_point.save()
    assert service_point.name not in client.get("/guidance/fingerprint").content.decode()


def test_where_the_office_has_no_fingerprints_no_page_speaks_of_them(client, cycle, service_point, reader):  # noqa: F811
    reader(False)
    service_point.services = ["fingerprint", "advice"]
    service_point.save()
    assert client.get("/guidance/fingerprint").status_code == 404
    said = [
        client.get("/ways"),
        client.get("/guidance/", OUT),
        client.get("/guidance/", OUT | {"out": "finger"}),
    ]
    said.append(client.get("/station/", {"area": service_point.area_id}))
    assert say("station.service_advice") in said[-1].content.decode()
    for page in said:
        assert "指纹" not in page.content.decode()
        assert "/guidance/fingerprint" not in page.content.decode()
    for language in LANGUAGES:
        assert not [key for key, text in spoken_guides(language).items() if "finger" in key or "指纹" in text]
        assert say("guidance.out_finger", language) not in spoken_guides(language)["guide_asks_out"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_from_the_front_page_to_a_visit_at_home(browse, cycle, service_point, size):  # noqa: F811
    page = browse(size)
    page.goto("/")
    page.click('a[href="/ways"] >> nth=0')
    page.click("text=帮我选一种办法")
    for question, answer in (("摄像头", "不愿意"), ("住在哪里", "住在本市"), ("出门", "卧床")):
        assert question in page.locator("h1").inner_text()
        assert_accessible(page)
        keep_picture(page, f"guidance-{question}-{size}")
        page.click(f"main a:has-text('{answer}')")
    assert page.locator("h1").inner_text() == "请工作人员上门认证"
    assert_accessible(page)
    keep_picture(page, f"guidance-visit-{size}")
    assert page.locator('[data-part="print"]').is_visible()
    page.click('[data-part="aloud"]')
    page.go_back()
    assert "出门" in page.locator("h1").inner_text()
    page.click("text=返回上一个问题")
    assert "住在哪里" in page.locator("h1").inner_text()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_guide_is_fit_for_old_eyes(browse, cycle, service_point, reader):  # noqa: F811
    page = browse("phone", "en")
    reader(True)
    service_point.services = ["fingerprint"]
    service_point.save()
    paths = {
        Way.FACE: "camera=yes",
        Way.STATION: "camera=no&where=here&out=yes",
        Way.FINGERPRINT: "camera=no&where=here&out=finger",
        Way.MAINLAND: "camera=no&where=mainland",
        Way.HONG_KONG: "camera=no&where=region&region=hong_kong",
        Way.MISSION: "camera=no&where=abroad&mission=yes",
    }
    for way, answers in paths.items():
        page.goto(f"/guidance/?{answers}")
        assert_accessible(page)
        assert page.locator("ol li").count() >= 3
        keep_picture(page, f"guidance-{way}-en")
    page.goto("/guidance/family")
    assert_accessible(page)
    page.goto("/guidance/?camera=no")
    assert page.locator("main .actions a").count() >= len(QUESTIONS["where"])
