"""A keyboard reader opens the person's page; a reader's service hands a card over; a clerk decides."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from jianzai.channels.station.models import CardReading
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.channels.station.test_cards import handover
from tests.channels.station.test_in_browser import enter, fits
from tests.people import make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reader():
    """A vendor's service on this machine; ``reader.card`` is what it hands over, None without a card."""

    class Service(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if server.card else 503)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write((server.card or "").encode())

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Service)
    server.card = None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_the_whole_walk(browse, people, reader, settings):
    settings.CARD_READER = f"http://127.0.0.1:{reader.server_port}/card"
    person = people[0]
    desk = browse()
    enter(desk, make_staff("clerk", username="clerk"))
    desk.wait_for_url("**/console/")

    # A keyboard reader types the number faster than the list comes, and Enter behind it.
    desk.keyboard.press("/")
    desk.keyboard.type(identity_number(person))
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/people/{person.key}")
    # A slower one, after a list for the first characters came: it opens nobody but whose number it is.
    desk.goto("/console/")
    desk.keyboard.press("/")
    desk.keyboard.type("wang")
    desk.wait_for_selector("#search-found a")
    desk.fill("#search-text", "")
    desk.keyboard.type(identity_number(people[1]))
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/people/{people[1].key}")

    desk.goto(f"/console/people/{person.key}")
    desk.click("#cards a.button")
    desk.wait_for_selector("#card-reader")
    fits(desk, "station-card-read-desktop")
    desk.click("#card-reader")
    desk.wait_for_selector("#card-silent:not([hidden])")
    reader.card = handover(person, name="王桂蘭", valid_until="20250101")
    desk.click("#card-reader")
    desk.wait_for_selector("#card-decide")
    fits(desk, "station-card-desktop")
    desk.click("#card-decide button.main-action")
    assert not CardReading.objects.filter(state="accepted").exists()
    for code, reason in (("name_sounds", "卡面为繁体字"), ("valid_expired", "人与照片相符，已提醒换证")):
        desk.check(f"[name=decide_{code}][value=accept]")
        desk.fill(f"[name=reason_{code}]", reason)
    desk.click("#card-decide button.main-action")
    desk.wait_for_selector(".messages .success")
    assert say("station.done_card_accepted", "zh", name=person.name) in desk.inner_text(".messages")
    fits(desk, "station-cards-person-desktop")
    assert CardReading.objects.get().state == "accepted"

    phone = browse("phone", "en")
    enter(phone, make_staff("clerk", username="second"))
    phone.wait_for_url("**/console/")
    phone.goto("/console/station/card")
    phone.click("#card-reader")
    phone.wait_for_selector("#card-decide")
    fits(phone, "station-card-phone-english")
    phone.click("details.finding summary")
    phone.fill("[name=name]", person.name)
    phone.click("#card-correct button")
    phone.wait_for_selector("text=corrected by hand")
    fits(phone, "station-card-corrected-phone-english")
