"""What can go wrong on a clerk's device, in Chromium: no receipt may be given for what is lost."""

import cv2
import numpy as np
import pytest

from jianzai.channels.counter.models import Received
from jianzai.registry.people import identity_number
from jianzai.sentences import say
from tests.channels.counter.office import DOCUMENT
from tests.channels.counter.test_in_browser import PAGE, READY, fits, receive, sign_in
from tests.console.office import jpeg
from tests.people import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "card.jpg"
    path.write_bytes(jpeg())
    return path


def prepare(page):
    page.click("[data-part=do-prepare]")
    code = page.wait_for_selector("[data-part=code-shown]:not(:empty)").inner_text()
    page.click("[data-part=code-written]")
    return code


def test_what_the_server_would_refuse_gets_no_receipt(browse, person, clerk, picture, tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (1600, 1600, 3), np.uint8)
    large = [tmp_path / f"large-{place}.jpg" for place in range(2)]
    for each in large:
        each.write_bytes(cv2.imencode(".jpg", noise)[1].tobytes())
    page = browse("desktop")
    sign_in(page, clerk)
    prepare(page)
    page.fill("#counter-name", person.name)
    page.fill("#counter-number", identity_number(person))
    page.fill("#counter-document", DOCUMENT)
    for papers in ([picture] * 13, large):
        page.set_input_files("#counter-paper", [str(each) for each in papers])
        page.click("[data-form=counter] button.main-action")
        page.wait_for_selector(f"text={say('offline.too_much', 'zh')}")
        fits(page, "offline-too-much-desktop")
        assert not page.is_visible("[data-part=receipt]")
        page.set_input_files("#counter-paper", [])
        page.evaluate("document.querySelector('[data-form=counter] [data-part=wrong]').hidden = true")
    page.set_input_files("#counter-paper", [str(picture)] * 12)
    page.click("[data-form=counter] button.main-action")
    assert page.wait_for_selector("[data-part=receipt-number]:not(:empty)").inner_text().endswith("-001")
    page.click("[data-part=next]")
    page.wait_for_selector("li[data-state=received]")
    assert Received.objects.get().papers == 12


def test_prepared_in_two_windows_each_number_is_given_once_and_the_code_stays(browse, person, clerk, picture):
    first = browse("phone")
    sign_in(first, clerk)
    second = first.context.new_page()
    second.goto(PAGE)
    second.wait_for_selector(READY)
    code = prepare(first)
    first.evaluate("navigator.serviceWorker.ready.then(() => true)")
    given = receive(first, person, picture)
    second.click("[data-part=do-prepare]")
    second.wait_for_selector(f"text={say('offline.code_before', 'zh')}")
    assert not second.is_visible("[data-part=code]")
    fits(second, "offline-prepared-before-phone")
    assert receive(second, make_person(name="李秀英"), picture) == given.replace("-001", "-002")
    second.click("[data-part=next]")
    second.wait_for_selector("[data-part=waiting][data-count='0']")
    assert second.locator("li[data-state=received]").count() == 2
    assert sorted(Received.objects.values_list("arrival__number", flat=True)) == [1, 2]

    first.context.set_offline(True)
    first.reload()
    first.wait_for_selector(READY)
    first.fill("#code", code)
    first.click("[data-part=unlock] button")
    first.wait_for_selector("[data-part=work]:not([hidden])")


def test_one_item_over_which_the_server_fails_keeps_no_other_waiting(browse, person, clerk, picture):
    page = browse("desktop")
    sign_in(page, clerk)
    prepare(page)
    page.context.set_offline(True)
    for each in (person, make_person(name="李秀英")):
        receive(page, each, picture)
        page.click("[data-part=next]")
    failed = []

    def fail_over_the_first(route):
        if b'name="number"\r\n\r\n1\r\n' in route.request.post_data_buffer:
            failed.append(1)
            route.fulfill(status=500)
        else:
            route.continue_()

    page.route("**/console/offline/items", fail_over_the_first)
    page.context.set_offline(False)
    page.wait_for_selector("li[data-state=received]")
    assert failed
    assert page.locator("li[data-state=kept]").count() == 1
    assert Received.objects.get().arrival.number == 2
    page.unroute("**/console/offline/items")
    page.click("[data-part=send]")
    page.wait_for_selector("[data-part=waiting][data-count='0']")
    assert Received.objects.count() == 2


@pytest.mark.parametrize("fails", ["keys*", "sign-out"])
def test_locked_it_stays_locked_until_the_session_has_ended(browse, clerk, fails):
    page = browse("desktop")
    sign_in(page, clerk)
    prepare(page)
    address = "**/console/sign-out" if fails == "sign-out" else f"**/console/offline/{fails}"
    page.route(address, lambda route: route.fulfill(status=502))
    page.click("[data-part=lock]")
    page.wait_for_selector("[data-part=network][data-status='502']")
    page.wait_for_selector("[data-part=unlock]:not([hidden])")
    page.unroute(address)
    page.reload()  # the session of who locked it is still there, and opens nothing
    page.wait_for_selector(READY)
    assert page.get_attribute("[data-part=network]", "data-status") == "401"
    assert page.is_visible("[data-part=unlock]")
    assert not page.is_visible("[data-part=work]")
    sign_in(page, clerk)  # who signs in anew goes on
    assert page.is_visible("[data-part=work]")
