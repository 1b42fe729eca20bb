"""Text messages, handed over to a gateway that listens on this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from django.utils import timezone

from jianzai.audit.services import Actor
from jianzai.benefits.services import record_death, withdraw_death
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import give_consent, lock_standing
from jianzai.channels.visit.models import Contact
from jianzai.channels.visit.services import Request, book, cancel, correct, request_visit
from jianzai.channels.visit.slots import Half
from jianzai.cli import main
from jianzai.notices import services
from jianzai.notices.kinds import TO_FAMILY, Kind
from jianzai.notices.models import Notice
from jianzai.notices.services import texts
from jianzai.notices.tasks import hand_texts_over
from jianzai.notices.transports import sms
from jianzai.operations.checks import findings
from jianzai.operations.tasks import delete_on_time
from jianzai.registry.services import identity_number
from jianzai.sentences import LANGUAGES, say, sentences
from tests.benefits import office
from tests.channels.visit.office import team
from tests.notices.outbox import contacts, remind
from tests.people import make_person, make_staff

pytestmark = pytest.mark.django_db
MOBILE, TOKEN = "13900001234", "a token of the gateway"
State = Notice.State


class Gateway:
    """Takes messages as a gateway does: each number once. ``answers``: the status codes it gives first;
    0 hangs up without an answer, and has taken the message all the same. ``meanwhile`` happens once, before
    the first answer."""

    def __init__(self):
        self.meanwhile = lambda: None
        self.answers: list[int] = []
        self.posted: list[dict] = []
        self.headers: list[dict[str, str]] = []

    @property
    def sent(self) -> dict[str, dict]:
        return {each["id"]: each for each in self.posted}

    @contextmanager
    def listening(self):
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = gateway.answers.pop(0) if gateway.answers else 202
                gateway.headers.append(dict(self.headers))
                if answer < 300:
                    gateway.posted.append(json.loads(body))
                meanwhile, gateway.meanwhile = gateway.meanwhile, lambda: None
                meanwhile()
                if not answer:
                    self.close_connection = True
                    return
                self.send_response(answer)
                if answer == 307:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}/messages"
            server.shutdown()


@pytest.fixture
def gateway(settings, monkeypatch):
    monkeypatch.setattr(texts, "HOURS", range(24))
    made = Gateway()
    with made.listening() as address:
        settings.SMS_GATEWAY, settings.SMS_TOKEN = address, TOKEN
        yield made


@pytest.fixture
def person(person):
    person.phone = "139 0000 1234"
    person.save()
    return person


def text_of(person, kind="reminder"):
    return person.notices.get(transport="sms", kind=kind)


def later(by: timedelta = timedelta(hours=7)):
    """The waiting time of what was not taken is over."""
    Notice.objects.filter(next_try__isnull=False).update(next_try=timezone.now() - timedelta(seconds=1))


def test_a_reminder_is_handed_over_once_and_counts_as_a_contact(person, gateway):
    remind(person)
    assert contacts(person) == []
    hand_texts_over(0)
    hand_texts_over(0)
    notice = text_of(person)
    assert gateway.posted == [
        {
            "id": f"notice-{notice.pk}",
            "to": MOBILE,
            "language": "zh",
            "template": "reminder_due_sms",
            "values": {"due": "2026年9月30日"},
            "text": sentences()["notices.reminder_due_sms"]["zh"].format(due="2026年9月30日"),
        }
    ]
    assert gateway.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    assert gateway.headers[0]["Idempotency-Key"] == f"notice-{notice.pk}"
    assert (notice.state, contacts(person)) == (State.SENT, [("2026-09-01", "sms")])


def test_neither_name_nor_numbers_of_the_person_go_along(person, gateway):
    remind(person)
    services.notify(person, Kind.HELPER_NAMED, helper="陈建国")
    services.send_texts()
    assert len(gateway.posted) == 2
    told = json.dumps(gateway.posted, ensure_ascii=False)
    for known in (person.name, identity_number(person), person.personal_number, "陈建国", str(person.key)):
        assert known not in told


def test_it_is_in_the_language_of_the_persons_consent(person, gateway):
    give_consent(person, "en", Actor.SYSTEM)
    remind(person)
    services.send_texts()
    assert gateway.posted[0]["language"] == "en"
    assert "30 September 2026" in gateway.posted[0]["text"]


@pytest.mark.parametrize("answer", [500, 503, 429, 401, 404, 307, 0])
def test_what_the_gateway_did_not_take_is_posted_again_under_the_same_number(person, gateway, answer):
    remind(person)
    gateway.answers = [answer]
    assert services.send_texts() == 0
    assert (text_of(person).state, contacts(person)) == (State.QUEUED, [])
    assert services.send_texts() == 0  # not at once
    later()
    assert services.send_texts() == 1
    assert {each["Idempotency-Key"] for each in gateway.headers} == {f"notice-{text_of(person).pk}"}
    assert len(gateway.headers) == 2
    assert len(gateway.sent) == 1
    assert contacts(person) == [("2026-09-01", "sms")]


def test_a_token_that_fits_no_header_is_not_logged(person, settings, gateway, caplog):
    settings.SMS_TOKEN = "secret\n"
    remind(person)
    assert services.send_texts() == 0
    assert "does not answer (ValueError)" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("token", "known"), [("secret\n", "secret"), ("sec\nret", None), ("密", None)])
def test_the_settings_take_a_token_for_a_header(token, known):
    environment = os.environ | {"JIANZAI_SMS_GATEWAY": "https://gateway.example/", "JIANZAI_SMS_TOKEN": token}
    say_it = "from jianzai import settings; print(settings.SMS_TOKEN)"
    run = subprocess.run([sys.executable, "-c", say_it], env=environment, capture_output=True, text=True)
    assert run.stdout.strip() == (known or "")
    assert ("must be printable ASCII" in run.stderr) == (known is None)


@pytest.mark.parametrize(
    ("answer", "state"), [(400, "failed"), (422, "failed"), (409, "sent"), (200, "sent")]
)
def test_what_the_gateway_says_of_the_message_itself_ends_it(person, gateway, answer, state):
    remind(person)
    gateway.answers = [answer]
    services.send_texts()
    later()
    services.send_texts()
    assert (text_of(person).state, len(gateway.headers)) == (state, 1)


def test_where_nobody_listens_nothing_is_lost_and_after_a_day_it_is_old_news(person, settings, gateway):
    listening, settings.SMS_GATEWAY = settings.SMS_GATEWAY, "http://127.0.0.1:9/"
    remind(person)
    assert services.send_texts() == 0
    later()
    Notice.objects.update(made=timezone.now() - texts.GIVEN_UP_AFTER - timedelta(minutes=1))
    settings.SMS_GATEWAY = listening
    assert services.send_texts() == 0
    assert (text_of(person).state, gateway.headers, contacts(person)) == (State.FAILED, [], [])


def test_a_gateway_that_is_away_is_not_asked_for_everybody(gateway, on_day, person):
    for number in range(6):
        services.notify(make_person(phone=f"1390000000{number}"), Kind.HELPER_ENDED, helper="x")
    gateway.answers = [503] * 10
    services.send_texts()
    assert len(gateway.headers) == 3


def test_what_is_true_no_more_is_not_sent(person, gateway):
    remind(person)
    office.certified(person)
    other = make_person(phone=MOBILE)
    services.notify(other, Kind.HELPER_ENDED, helper="x")
    record_death(other, date(2026, 8, 1), "certificate 1", date(2026, 8, 1), make_staff(), Actor.SYSTEM)
    services.send_texts()
    assert [each["template"] for each in gateway.posted] == ["certified_sms"]
    assert text_of(person).state == State.WITHDRAWN


def test_of_a_pause_is_told_after_a_mistaken_death_too(person, gateway, on_day):
    on_day(date(2026, 10, 15))
    first, second = make_staff("supervisor"), make_staff("supervisor")
    office.confirm(office.propose(first), second)
    death = record_death(person, date(2026, 10, 1), "certificate 1", date(2026, 10, 1), first, Actor.SYSTEM)
    assert services.send_texts() == 0
    assert [each.kind for each in services.print_letters(Actor.SYSTEM).notices.all()] == ["condolence"]
    withdraw_death(death, first, "a namesake", Actor.SYSTEM)
    assert services.send_texts() == 1
    assert gateway.posted[0]["template"].startswith("paused")
    run = services.print_letters(Actor.SYSTEM)
    assert [each.kind for each in run.notices.all()] == ["paused"]
    # Printed before another mistake, it waits again and is not lost.
    death = record_death(person, date(2026, 10, 2), "certificate 2", date(2026, 10, 2), first, Actor.SYSTEM)
    assert services.post_letter(run.notices.get(), Actor.SYSTEM) == State.QUEUED
    withdraw_death(death, first, "a namesake", Actor.SYSTEM)
    again = services.print_letters(Actor.SYSTEM)
    assert services.post_letter(again.notices.get(kind="paused"), Actor.SYSTEM) == State.SENT


def test_nobody_is_written_to_at_night_or_without_a_mobile_number(person, gateway, monkeypatch):
    remind(person)
    assert services.notify(make_person(phone="0731-88880001"), Kind.HELPER_ENDED, helper="x")
    assert Notice.objects.filter(transport="sms").count() == 1
    monkeypatch.setattr(texts, "HOURS", range(0))
    assert services.send_texts() == 0
    assert gateway.headers == []


def test_a_round_that_runs_into_the_night_leaves_the_rest_to_the_morning(person, gateway, monkeypatch):
    class UntilOneWasTaken:
        def __contains__(self, hour):
            return not gateway.posted

    monkeypatch.setattr(texts, "HOURS", UntilOneWasTaken())
    for number in range(3):
        services.notify(make_person(phone=f"1390000000{number}"), Kind.HELPER_ENDED, helper="x")
    assert services.send_texts() == 1
    assert Notice.objects.filter(transport="sms", state=State.QUEUED, next_try=None).count() == 2


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13900001234", MOBILE),
        ("+86 139-0000-1234", MOBILE),
        ("86 13900001234", MOBILE),
        ("0731-88880001", None),
        ("139000012345", None),
        ("", None),
        ("13900001234 (女儿)", None),
    ],
)
def test_mobile_numbers(written, number):
    assert sms.mobile(written) == number


def test_without_a_gateway_the_demo_shows_what_would_be_sent_and_production_makes_nothing(
    person, settings, client
):
    remind(person)
    assert services.send_texts() == 0
    client.force_login(make_staff("clerk").user)
    page = client.get(f"/console/people/{person.key}").content.decode()
    assert sentences()["console.would_be_sent"]["zh"] in page
    assert sms.text(text_of(person)) in page
    assert contacts(person) == []
    settings.DEMO = False
    assert not sms.reaches(person)
    page = client.get(f"/console/people/{person.key}").content.decode()
    assert sentences()["console.would_be_sent"]["zh"] not in page


def test_visits_are_told_to_whoever_asked_for_them(person, gateway):
    contact = Contact("芙蓉区文艺路 1 号", "137 0000 9999")
    visit = request_visit(person, Request("child", "bedridden", contact), Actor("person"))
    book(visit, team(person.area), date(2026, 9, 3), Half.MORNING, Actor.SYSTEM)
    assert b"9999" not in bytes(text_of(person, "visit_booked").phone)
    services.send_texts()
    assert [each["to"] for each in gateway.posted] == ["13700009999"]
    assert "2026年9月3日上午" in gateway.posted[0]["text"]
    assert text_of(person, "visit_booked").phone is None  # kept no longer than needed


def test_a_visit_is_told_to_the_corrected_number_and_not_to_the_old_one(person, gateway):
    contact = Contact("芙蓉区文艺路 1 号", "137 0000 9999")
    visit = request_visit(person, Request("child", "bedridden", contact), Actor("person"))
    book(visit, team(person.area), date(2026, 9, 3), Half.MORNING, Actor.SYSTEM)
    for _ in range(2):
        correct(visit, Contact(contact.address, "137 0000 8888"), Actor("person"))
    services.send_texts()
    assert [each["to"] for each in gateway.posted] == ["13700008888"]
    assert "2026年9月3日上午" in gateway.posted[0]["text"]


def test_the_number_of_a_visit_that_was_cancelled_or_never_sent_is_not_kept(person, settings):
    contact = Contact("芙蓉区文艺路 1 号", "137 0000 9999")
    visit = request_visit(person, Request("child", "bedridden", contact), Actor("person"))
    book(visit, team(person.area), date(2026, 9, 3), Half.MORNING, Actor.SYSTEM)
    cancel(visit, "the team is ill", Actor.SYSTEM, make_staff())
    assert text_of(person, "visit_booked").phone is None
    waiting = text_of(person, "visit_cancelled")
    delete_on_time(0)
    waiting.refresh_from_db()
    assert waiting.phone  # it may still be sent
    Notice.objects.update(made=timezone.now() - timedelta(hours=25))
    delete_on_time(0)
    waiting.refresh_from_db()
    assert waiting.phone is None


def test_where_a_visit_was_asked_for_from_a_landline_the_roster_has_the_number(person, gateway):
    services.notify(person, Kind.HELPER_ENDED, phone="0731-88880001", helper="x")
    services.send_texts()
    assert [each["to"] for each in gateway.posted] == [MOBILE]


@pytest.mark.django_db(transaction=True)
def test_two_workers_hand_every_message_over_once(person, gateway):
    for number in range(5):
        services.notify(make_person(phone=f"1390000000{number}"), Kind.HELPER_ENDED, helper="x")

    def work():
        try:
            return services.send_texts()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        taken = [each.result(timeout=60) for each in [threads.submit(work) for _ in range(3)]]
    assert sum(taken) == len(gateway.posted) == len(gateway.sent) == 5


@pytest.mark.django_db(transaction=True)
def test_while_one_hands_over_no_other_does(person, gateway):
    """Else every minute of a long round takes one more slot of the worker."""
    for number in range(3):
        services.notify(make_person(phone=f"1390000000{number}"), Kind.HELPER_ENDED, helper="x")
    beside = []

    def another():
        hand_texts_over(0)
        connection.close()
        beside.append(len(gateway.posted))

    gateway.meanwhile = another
    hand_texts_over(0)
    assert beside == [1]  # none but the one that was being handed over
    assert len(gateway.posted) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("transport", ["sms", "page"])
def test_a_clerk_takes_back_what_goes_out_at_that_moment(person, gateway, transport):
    """Both lock the obligation first; else one of them ends with a deadlock."""
    remind(person)

    def goes_out():
        try:
            hand_texts_over(0) if transport == "sms" else services.messages_for(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            lock_standing(current_obligation(person))
            out = threads.submit(goes_out)
            tired = time.monotonic() + 20
            while not somebody_waits():
                assert time.monotonic() < tired
                time.sleep(0.01)
            services.take_back(person, (Kind.REMINDER,))
        out.result(timeout=20)
    assert person.notices.get(transport=transport).state == State.WITHDRAWN
    assert contacts(person) == []


def somebody_waits() -> bool:
    """Whether a statement waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


def test_a_round_ends_in_time_and_the_next_goes_on(person, gateway, monkeypatch):
    monkeypatch.setattr(texts, "ROUND", timedelta(seconds=0.2))
    for number in range(3):
        services.notify(make_person(phone=f"1390000000{number}"), Kind.HELPER_ENDED, helper="x")
    gateway.meanwhile = lambda: time.sleep(0.3)
    assert services.send_texts() == 1
    assert services.send_texts() == 2


def test_a_worker_killed_after_posting_leaves_it_to_be_posted_again(person, gateway, monkeypatch):
    remind(person)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(texts, "_conclude", killed)
        with pytest.raises(KeyboardInterrupt):
            services.send_texts()
    assert text_of(person).state == State.QUEUED
    later()
    assert services.send_texts() == 1
    assert (len(gateway.posted), len(gateway.sent)) == (2, 1)
    assert contacts(person) == [("2026-09-01", "sms")]


def test_every_kind_has_its_sentence_short_and_without_a_name_or_money():
    known = sentences()
    for kind in set(Kind) - TO_FAMILY:
        codes = [code for code in known if re.fullmatch(rf"notices\.{kind}(_[a-z_]+)?_sms", code)]
        pages = [code for code in known if re.fullmatch(rf"notices\.{kind}(_[a-z_]+)?_page", code)]
        assert {code.removesuffix("sms") for code in codes} == {code.removesuffix("page") for code in pages}
        for code in codes:
            for language in LANGUAGES:
                text = known[code][language]
                assert not re.search(r"\{(name|helper|\w*fen|receipt|note)\}|http", text), code
                assert len(text) <= (70 if language == "zh" else 160), (code, len(text))


def test_what_is_stuck_is_told_with_what_to_do(person, settings):
    def told() -> dict[str, dict]:
        return {one.code: one.values for one in findings() if one.code.startswith("check_texts")}

    settings.SMS_GATEWAY = "https://gateway.example/"
    assert told() == {"check_texts": {}}
    for number, (state, hours) in enumerate(
        (("queued", 23), ("queued", 25), ("failed", 30), ("failed", 24 * 8), ("sent", 30))
    ):
        notice = Notice.objects.create(
            person=person, kind="reminder", transport="sms", body={}, state=state, dedupe=str(number)
        )
        Notice.objects.filter(pk=notice.pk).update(made=timezone.now() - timedelta(hours=hours))
    given_up = Notice.objects.get(dedupe="2").pk
    assert told() == {
        "check_texts_waiting": {"number": 1},
        "check_texts_given_up": {"number": 1, "days": 7, "numbers": f"notice-{given_up}"},
    }
    output = CliRunner().invoke(main, ["check"], env={"LANG": "zh_CN.UTF-8", "LC_ALL": ""}).output
    for code, values in told().items():
        assert say(f"operations.{code}", "zh", **values) in output
        assert say(f"operations.{code}_mend", "zh", **values) in output
    settings.SMS_GATEWAY, settings.DEMO = "", True
    assert told() == {}
