"""The questions as somebody meets them who reads only the pages."""

import pytest

from jianzai.channels.guidance.rules import QUESTIONS, Way
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
def test_every_guide_is_fit_for_old_eyes(browse, cycle):  # noqa: F811
    page = browse("phone", "en")
    paths = {
        Way.FACE: "camera=yes",
        Way.STATION: "camera=no&where=here&out=yes",
        Way.MAINLAND: "camera=no&where=mainland",
        Way.HONG_KONG: "camera=no&where=region&region=hong_kong",
        Way.MISSION: "camera=no&where=abroad&mission=yes",
    }
    for way, answers in paths.items():
        page.goto(f"/guidance/?{answers}")
        assert_accessible(page)
        assert page.locator("ol li").count() >= 3
        keep_picture(page, f"guidance-{way}-en")
    page.goto("/guidance/?camera=no")
    assert page.locator("main .actions a").count() >= len(QUESTIONS["where"])
