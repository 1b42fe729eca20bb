"""At a desk: a finger is kept after consent, another one does not match, the right one certifies."""

import pytest

from jianzai.audit.services import Actor
from jianzai.certification.models import Certification
from jianzai.certification.services import open_cycle
from jianzai.sentences import say
from tests.browser import keep_picture
from tests.channels.fingerprint.prints import hers, his
from tests.console.test_looks import faults
from tests.people import PASSWORD, make_person, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def file_of(content: bytes) -> dict:
    return {"name": "finger.png", "mimeType": "image/png", "buffer": content}


def test_the_whole_walk(browse):
    person, clerk = make_person(name="王桂兰"), make_staff("clerk", username="clerk")
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    desk = browse()
    desk.goto("/console/sign-in")
    desk.fill("[name=username]", clerk.user.username)
    desk.fill("[name=password]", PASSWORD)
    desk.click("button.main-action")
    desk.wait_for_url("**/console/")
    desk.goto(f"/console/people/{person.key}")
    keep_picture(desk, "fingerprint-person-desktop")
    desk.click(f"text={say('fingerprint.to_fingers', 'zh')}")
    desk.wait_for_url("**/console/fingerprint/*")
    assert faults(desk) == []
    desk.set_input_files("#enrol [name=print]", file_of(hers(2)))
    desk.check("[name=agreed]")
    desk.click("#enrol button")
    desk.wait_for_selector("#verify")
    for content, told in ((his(), "done_below"), (hers(6), "matched")):
        desk.set_input_files("#verify [name=print]", file_of(content))
        desk.fill("[name=document]", "居民身份证，已核对原件")
        desk.click("#verify button")
        desk.wait_for_selector(f"text={say(f'fingerprint.{told}', 'zh')}")
        desk.wait_for_load_state()
        keep_picture(desk, f"fingerprint-{told}-desktop")
        assert faults(desk) == []
    assert Certification.objects.get(person=person).channel == "fingerprint"
    desk.set_viewport_size({"width": 390, "height": 844})
    keep_picture(desk, "fingerprint-phone")
    assert faults(desk) == []
