"""A form from the download to the certification, over HTTP."""

from __future__ import annotations

import io
import re
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pypdfium2
import pytest
import segno
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits.models import Order, Pause
from jianzai.benefits.services import record_death, sweep_now, withdraw_death
from jianzai.certification.models import Certification, Cycle, Obligation
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import certify_in_person, enforce_retention, open_this_years_cycle
from jianzai.channels.mail import services
from jianzai.channels.mail.errors import (
    AgentTooOften,
    AttestedAfterDeath,
    AttestedLate,
    AuthorityTooOld,
    CertificateUsed,
    FormOfAnother,
    IssuerNotAllowed,
    NotReadYet,
    OutOfCycle,
    PaperTooOld,
    PersonMissing,
    SheetDecided,
)
from jianzai.channels.mail.layouts import layout
from jianzai.channels.mail.models import Form, Sheet, SheetPage, seal_page
from jianzai.channels.mail.payload import Kind, form_number, seal_payload
from jianzai.channels.mail.queries import under_way
from jianzai.channels.mail.scans import pages_of
from jianzai.channels.mail.services import intake
from jianzai.channels.mail.services.forms import _payload
from jianzai.channels.mail.tasks import read_left_sheets, see_to_sheets
from jianzai.clock import today
from jianzai.demo.papers import letter, returned
from jianzai.entitlement import Month
from jianzai.notices.models import Notice
from jianzai.notices.wording import words
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.channels.mail import office
from tests.channels.mail.office import text_of
from tests.console.office import reference as add_reference
from tests.people import DISTRICT, ELSEWHERE, OTHER_DISTRICT, failed_attempt, make_person, make_staff

pytestmark = pytest.mark.django_db


def hold_of(sheet: Sheet):
    holds = standing_of(Obligation.objects.get(pk=sheet.obligation_id)).holds
    return next((each for each in holds if each.case == sheet.case), None)


def bring(client, content: bytes | list[bytes], page: str = "/console/mail/arrive", **more):
    contents = content if isinstance(content, list) else [content]
    files = [SimpleUploadedFile(f"scan-{place}.pdf", each) for place, each in enumerate(contents)]
    typed = {"received_on": today().isoformat(), "custodian": "柜 3", **more}
    return client.post(page, {**typed, "files": files})


def pages_in(content: bytes) -> int:
    with pypdfium2.PdfDocument(content) as document:
        return len(document)


def page_with(code: str) -> bytes:
    """A sheet of paper with nothing but a code on it."""
    drawn = io.BytesIO()
    segno.make(code, error="q").save(drawn, kind="png", scale=6)
    page = Image.new("RGB", (1240, 1754), "white")
    page.paste(Image.open(drawn), (900, 100))
    file = io.BytesIO()
    page.save(file, "PDF", resolution=150)
    return file.getvalue()


def copy_of(form: Form) -> bytes:
    return page_with(seal_payload(_payload(form)))


def status(client, number: str):
    return client.post("/mail/status", {"number": number})


class TestOnTheSite:
    def test_without_a_face_match_a_form_carries_only_what_was_typed_and_its_number(self, family, person):
        person.employer, person.phone = "湘江纺织厂", "0731-88887777"
        person.save()
        answer = family.post("/mail/form/elsewhere", {"address": "深圳市福田区景田路 12 号"})
        assert answer["Content-Type"] == "application/pdf"
        text = text_of(answer.content)
        form = Form.objects.get(person=person)
        for there in (form.number, person.name, identity_number(person), "深圳市福田区景田路 12 号"):
            assert there in text
        for absent in (person.employer, person.phone, person.personal_number):
            assert absent not in text
        assert "1940" not in text.replace(identity_number(person), "")
        assert AuditEntry.objects.filter(act="mail.issued").count() == 1

    def test_after_a_face_match_it_is_filled_in_whole(self, family, person):
        person.employer = "湘江纺织厂"
        person.save()
        attempt = failed_attempt(person, live=True, decision="same")
        session = family.session
        session["visit"] = {**session["visit"], "attempt": attempt.pk}
        session.save()
        text = text_of(family.post("/mail/form/hmt", {}).content)
        assert person.employer in text

    def test_asking_again_gives_the_same_number_and_every_form_its_own(self, family, person):
        for _ in range(3):
            family.post("/mail/form/elsewhere", {})
        family.post("/mail/form/abroad", {})
        assert [form.number for form in Form.objects.order_by("pk")] == [
            form_number(2026, 1),
            form_number(2026, 2),
        ]

    def test_a_letter_is_no_form_of_ours(self, family):
        assert family.get("/mail/form/letter").status_code == 404

    def test_everybody_else_is_sent_to_sign_in(self, client, person):
        assert client.get("/mail/").status_code == 200
        assert client.get("/mail/form/hmt")["Location"] == "/sign-in?to=%2Fmail%2Fform%2Fhmt"

    def test_where_no_form_can_be_had_it_says_what_else_is_taken(self, client, person):
        def others():
            text = client.get("/mail/").text
            letter = say("mail.other_letter", "zh") in text
            newspaper = say("mail.other_newspaper", "zh", days=30) in text
            return letter, newspaper, text.count(say("mail.other_alone", "zh"))

        assert others() == (True, True, 1)
        cycle = Cycle.objects.get()
        cycle.policy |= {"letter_strength": 0, "newspaper_strength": 2}
        cycle.save()
        assert others() == (False, True, 0)

    def test_its_number_tells_how_it_stands_and_nothing_else(self, client, person, clerk):
        form = office.issued(person)
        answer = status(client, form.number)
        assert say("mail.status_not_here", "zh") in answer.text
        assert say("mail.status_not_here", "zh") in status(client, form_number(2026, 999)).text
        assert status(client, form.number[:-1] + "x").status_code == 422
        sheet = office.waiting(person, clerk, read=False)
        for state, told in (("received", "received"), ("read", "being_read")):
            Sheet.objects.filter(pk=sheet.pk).update(state=state)
            answer = status(client, form.number.replace("-", " "))
            assert say(f"mail.status_{told}", "zh") in answer.text
            assert person.name not in answer.text

    def test_numbers_cannot_be_tried_out(self, client, person):
        numbers = [form_number(2026, running) for running in range(1, 30)]
        answers = [status(client, number).status_code for number in numbers]
        assert answers == [200] * 20 + [429] * 9

    def test_the_person_reads_what_is_under_way(self, family, person, clerk):
        assert under_way(person) is None
        sheet = office.waiting(person, clerk)
        assert say("mail.under_way", "zh") in family.get("/me").text
        services.reject(sheet, ["no_seal"], "", clerk, Actor.SYSTEM)
        assert "2026-10-01" in family.get("/me").text


class TestPrinting:
    def test_a_clerk_prints_it_whole(self, desk, clerk, person):
        person.employer = "湘江纺织厂"
        person.save()
        answer = desk(clerk).post(f"/console/mail/print/{person.key}", {"kind": "elsewhere"})
        assert person.employer in text_of(answer.content)
        assert pages_in(answer.content) == 2
        assert AuditEntry.objects.filter(act="mail.printed").count() == 1

    def test_forms_are_posted_together_with_their_addresses_once(self, desk, clerk, person):
        other = make_person(name="李秀英", address="湖南省长沙市示范路 2 号（虚构） 410000")
        client = desk(clerk)
        refused = client.post(f"/console/mail/to-post/{person.key}", {"kind": "hmt"}, follow=True)
        assert say("mail.no_address", "zh") in refused.text
        person.address = "示范路 1 号（虚构）"
        person.save()
        for _ in range(2):
            client.post(f"/console/mail/to-post/{person.key}", {"kind": "hmt"})
        client.post(f"/console/mail/to-post/{other.key}", {"kind": "elsewhere"})
        client.post("/console/mail/posting/print")
        posting = person.forms.get().posting
        content = client.get(f"/console/mail/posting/{posting.pk}.pdf").content
        assert pages_in(content) == 2 + 3
        assert "410000" in text_of(content)
        again = client.post("/console/mail/posting/print", follow=True)
        assert say("mail.nothing_to_post", "zh") in again.text

    def test_whoever_certified_meanwhile_gets_no_form(self, clerk, person):
        person.address = "示范路 1 号（虚构）"
        person.save()
        services.ask_to_post(person, Kind.HMT, clerk, Actor.SYSTEM)
        certify_in_person(person, clerk, document="x", reason="y", note="", actor=Actor.SYSTEM)
        assert not Form.objects.get().to_post

    def test_whoever_sent_one_last_year_is_sent_one(self, desk, clerk, person, on_day):
        other = make_person(address="示范路 2 号（虚构）")
        current_obligation(other)
        person.address = "示范路 1 号（虚构）"
        person.save()
        services.accept(office.waiting(person, clerk), office.attestation(), clerk, Actor.SYSTEM)
        on_day(date(2027, 3, 1))
        open_this_years_cycle(Actor.SYSTEM)
        for _ in range(2):
            desk(clerk).post("/console/mail/posting/again")
        form = Form.objects.get(to_post=True)
        assert (form.person, form.kind, form.year) == (person, "elsewhere", 2027)

    def test_empty_prints_have_numbers_of_their_own(self, desk, clerk, person):
        answer = desk(clerk).post("/console/mail/empty", {"kind": "abroad", "count": 3})
        assert pages_in(answer.content) == 3
        assert Form.objects.filter(person=None).values("number").distinct().count() == 3


class TestComingIn:
    def test_a_form_comes_back_is_read_and_certifies(self, desk, clerk, person):
        client = desk(clerk)
        scan = office.scan(office.issued(person))
        assert bring(client, scan).status_code == 302
        sheet = Sheet.objects.get()
        assert (sheet.person, sheet.state) == (person, "received")
        assert hold_of(sheet).last_day > today()
        read_left_sheets(0)
        sheet.refresh_from_db()
        assert (sheet.state, sheet.says) == ("read", "alive")
        page = client.get(f"/console/mail/{sheet.pk}")
        assert page.status_code == 200
        assert [found.rule for found in page.context["findings"] if found.ok is False] == []
        assert client.get(f"/console/mail/{sheet.pk}/pages/1").content.startswith(b"\xff\xd8")
        assert AuditEntry.objects.filter(act="mail.scan_seen").count() == 1
        typed = {field.name: field.value() or "" for field in page.context["accept"]}
        typed |= {"attester": office.ATTESTER, "attested_on": "2026-08-20", "read_handler": "赵 敏"}
        typed = {name: value for name, value in typed.items() if value}
        done = client.post(f"/console/mail/{sheet.pk}/accept", typed)
        assert done.status_code == 302
        certification = Certification.objects.get(person=person)
        assert (certification.channel, certification.officer) == ("mail", clerk)
        assert certification.on == date(2026, 8, 20)
        assert "handler" in certification.evidence["corrected"]
        sheet.refresh_from_db()
        assert (sheet.state, sheet.certification) == ("accepted", certification)
        assert (
            sheet.read["fields"]["handler"] | {"text": "赵 敏", "corrected": True}
            == sheet.read["fields"]["handler"]
        )
        assert hold_of(sheet).closed_on == today()
        assert Form.objects.get().used
        assert say("mail.status_accepted", "zh") in status(client, sheet.form.number).text

    def test_what_cannot_be_read_is_decided_by_eye(self, desk, clerk, person, monkeypatch):
        def fails(pictures):
            raise MemoryError

        monkeypatch.setattr("jianzai.channels.mail.services.intake.read_pages", fails)
        (sheet,) = office.arrived(copy_of(office.issued(person)), clerk)
        read_left_sheets(0)
        sheet.refresh_from_db()
        assert (sheet.state, sheet.person) == ("read", person)
        assert desk(clerk).get(f"/console/mail/{sheet.pk}/pages/1").status_code == 200
        assert desk(clerk).get(f"/console/mail/{sheet.pk}").context["accept"]

    def test_what_is_no_scan_is_refused_and_nothing_of_it_is_kept(self, desk, clerk, person):
        client = desk(clerk)
        small, long = io.BytesIO(), io.BytesIO()
        Image.new("1", (8, 8)).save(small, "PNG")
        head = small.getvalue()[12:16] + struct.pack(">II", 60_000, 60_000) + small.getvalue()[24:29]
        bomb = small.getvalue()[:12] + head + struct.pack(">I", zlib.crc32(head)) + small.getvalue()[33:]
        page = Image.new("1", (100, 140), 1)
        page.save(long, "TIFF", save_all=True, append_images=[page] * 20)
        for content, code, values in (
            (b"hello", "wrong_file", {}),
            (b"", None, {}),
            (b"%PDF-1.7\n" + b"0" * 5000, "wrong_file", {}),
            (b"\xff\xd8\xff\xe0" + b"0" * 5000, "wrong_file", {}),
            (bomb, "too_many_pixels", {}),
            (long.getvalue(), "too_many_pages", {"most": 20}),
        ):
            answer = bring(client, content)
            assert answer.status_code == 422, code
            if code:
                assert say(f"mail.{code}", "zh", **values) in answer.text
        assert not Sheet.objects.exists()
        assert not SheetPage.objects.exists()

    def test_a_file_too_large_is_refused_unread(self, desk, clerk, person, monkeypatch):
        monkeypatch.setattr(
            "jianzai.channels.mail.scans._decoded", lambda content: pytest.fail("it was read")
        )
        answer = bring(desk(clerk), b"%PDF" + b"0" * (25 * 2**20))
        assert answer.status_code == 422
        assert not Sheet.objects.exists()

    def test_one_bad_file_keeps_none_of_the_others_out(self, desk, clerk, person):
        answer = bring(desk(clerk), [b"hello", copy_of(office.issued(person))])
        assert answer.status_code == 302
        assert Sheet.objects.get().person == person
        page = desk(clerk).get("/console/mail/")
        assert (
            say("mail.file_refused", "zh", name="scan-0.pdf", why=say("mail.wrong_file", "zh")) in page.text
        )

    def test_nobody_is_locked_while_files_are_decoded_and_then_all_in_one_order(
        self, desk, clerk, person, monkeypatch
    ):
        other = make_person()
        copies = [copy_of(office.issued(each)) for each in (other, person)]
        obligations = [current_obligation(each).pk for each in (person, other)]
        blocks, client = len(connection.atomic_blocks), desk(clerk)

        def decoded(content):
            assert len(connection.atomic_blocks) == blocks
            return pages_of(content)

        monkeypatch.setattr("jianzai.channels.mail.services.intake.pages_of", decoded)
        with CaptureQueriesContext(connection) as asked:
            assert bring(client, copies).status_code == 302
        assert {sheet.person for sheet in Sheet.objects.all()} == {person, other}
        lock = re.compile(r'"certification_obligation"."id" = (\d+).* FOR UPDATE')
        locked = [int(found[1]) for each in asked if (found := lock.search(each["sql"]))]
        assert list(dict.fromkeys(locked)) == obligations

    def test_the_same_form_is_taken_once_while_it_waits(self, desk, clerk, person):
        content = copy_of(office.issued(person))
        bring(desk(clerk), content)
        page = desk(clerk).post(
            "/console/mail/arrive",
            {
                "received_on": today().isoformat(),
                "custodian": "柜 3",
                "files": [SimpleUploadedFile("again.pdf", content)],
            },
            follow=True,
        )
        assert Form.objects.get().number in page.text
        assert Sheet.objects.count() == 1

    def test_pages_of_one_file_are_told_apart_by_their_codes(self, clerk, person):
        other = make_person()
        first, second = office.issued(person), office.issued(other)
        pages = []
        for content in (copy_of(first), copy_of(first), copy_of(second)):
            with pypdfium2.PdfDocument(content) as document:
                pages.append(document[0].render(scale=1.5).to_pil())
        file = io.BytesIO()
        pages[0].save(file, "PDF", save_all=True, append_images=pages[1:])
        sheets = office.arrived(file.getvalue(), clerk)
        assert [(sheet.person, sheet.pages.count()) for sheet in sheets] == [(person, 2), (other, 1)]

    def test_a_form_of_somebody_else_is_not_taken_for_theirs(self, desk, clerk, person):
        other = make_person()
        page = f"/console/mail/arrive/{other.key}"
        answer = bring(desk(clerk), copy_of(office.issued(person)), page, kind="elsewhere")
        assert answer.status_code == 422
        assert say("mail.form_of_another", "zh") in answer.text
        assert not Sheet.objects.exists()

    def test_a_code_that_we_did_not_sign_finds_nobody(self, desk, clerk, person):
        form = office.issued(person)
        true = seal_payload(_payload(form))
        forged = true[:-1] + ("6" if true.endswith("7") else "7")
        (sheet,) = office.arrived(page_with(forged), clerk)
        assert (sheet.form, sheet.person) == (None, None)
        sheet.state = "read"  # as the worker leaves it
        sheet.keep_reading({**office.EMPTY_READING, "code": forged, "refused": "signature"})
        sheet.save()
        page = desk(clerk).get(f"/console/mail/{sheet.pk}")
        assert say("mail.code_refused", "zh") in page.text
        with pytest.raises(PersonMissing):
            services.accept(sheet, office.attestation(), clerk, Actor.SYSTEM)

    def test_the_day_it_came_is_neither_in_the_future_nor_long_ago(self, desk, clerk, person):
        content = copy_of(office.issued(person))
        for day in (today() + timedelta(days=1), today() - timedelta(days=61)):
            assert bring(desk(clerk), content, received_on=day.isoformat()).status_code == 422

    def test_what_came_in_time_counts_as_in_time(self, clerk, person, on_day):
        on_day(date(2026, 10, 8))
        (sheet,) = office.arrived(copy_of(office.issued(person)), clerk, received_on=date(2026, 9, 28))
        assert hold_of(sheet).opened == date(2026, 9, 28)
        sweep_now(today(), Actor.SYSTEM)
        assert not Pause.objects.exists()

    def test_a_paper_belongs_to_the_area_of_whose_it_is(self, desk, person):
        here = make_staff("clerk", area=DISTRICT)
        away = make_person(area=OTHER_DISTRICT)
        (sheet,) = office.arrived(copy_of(office.issued(away)), here)
        assert desk(here).get(f"/console/mail/{sheet.pk}").status_code == 404
        there = make_staff("clerk", area=OTHER_DISTRICT)
        assert desk(there).get(f"/console/mail/{sheet.pk}").status_code == 200

    def test_a_clerk_finds_whose_it_is(self, desk, clerk, person):
        (sheet,) = office.arrived(page_with("something else"), clerk)
        assert sheet.person is None
        client, page = desk(clerk), f"/console/mail/{sheet.pk}/find"
        found = client.post(page, {"text": person.name})
        assert [each.pk for each in found.context["found"]] == [person.pk]
        stranger = make_person(area=ELSEWHERE)
        assert client.post(page, {"person": stranger.key}).status_code == 404
        assert client.post(page, {"person": person.key}).status_code == 302
        sheet.refresh_from_db()
        assert (sheet.person, sheet.area_id) == (person, person.area_id)
        assert hold_of(sheet).closed_on is None
        with pytest.raises(FormOfAnother):
            services.find_person(sheet, make_person(), clerk, Actor.SYSTEM)

    def test_an_empty_print_is_found_by_name_and_number(self, clerk, person):
        (form,) = services.issue_empty(Kind.ELSEWHERE, 1, clerk, Actor.SYSTEM)
        written = {**office.WRITTEN, "name": person.name, "identity": identity_number(person)}
        content = returned(services.empty_file([form], clerk.area), Kind.ELSEWHERE, written)
        (sheet,) = office.arrived(content, clerk)
        assert (sheet.form, sheet.person) == (form, None)
        read_left_sheets(0)
        sheet.refresh_from_db()
        assert sheet.person == person

    def test_a_paper_without_a_number_of_ours_only_proposes_and_takes_a_note(self, desk, clerk, person):
        """A copied empty print, or somebody else's: right name and number alone prove no form of ours."""
        (sheet,) = office.arrived(page_with("nothing of ours"), clerk)
        written = {"name": person.name, "identity": identity_number(person)}
        read = office.EMPTY_READING | {
            "kind": "elsewhere",
            "fields": {
                name: {"text": text, "confidence": 0.99, "box": [0, 0, 9, 9], "page": 0, "corrected": False}
                for name, text in written.items()
            },
        }
        intake._write(sheet, read, [page.picture for page in sheet.pages.all()])
        sheet.refresh_from_db()
        assert (sheet.state, sheet.form, sheet.person) == ("read", None, None)
        client, page = desk(clerk), f"/console/mail/{sheet.pk}"
        shown = client.get(page)
        assert [each.person for each in shown.context["proposals"]] == [person]
        assert say("mail.unnumbered", "zh") in shown.text
        client.post(f"{page}/find", {"person": person.key})
        typed = {"attester": office.ATTESTER, "attested_on": "2026-08-20"}
        refused = client.post(f"{page}/accept", typed)
        assert say("mail.form_unnumbered", "zh") in refused.text
        assert not Certification.objects.exists()
        client.post(f"{page}/accept", {**typed, "note": "去电街道核实"})
        assert Certification.objects.get().person == person

    def test_while_it_is_read_its_page_asks_and_then_shows_itself_anew(self, desk, clerk, person):
        (form,) = services.issue_empty(Kind.ELSEWHERE, 1, clerk, Actor.SYSTEM)
        (sheet,) = office.arrived(copy_of(form), clerk)
        client, page = desk(clerk), f"/console/mail/{sheet.pk}"
        assert f'hx-get="{page}/being-read"' in client.get(page).text
        assert 'hx-select="#waiting"' in client.get("/console/mail/").text
        looked = AuditEntry.objects.count()
        assert client.get(f"{page}/being-read").status_code == 204
        assert AuditEntry.objects.count() == looked
        office.read_by_hand(sheet)
        assert client.get(f"{page}/being-read")["HX-Refresh"] == "true"
        told = client.get(page).text
        assert say("mail.find_how_numbered", "zh", number=form.number) in told
        assert say("mail.find_how", "zh") not in told
        assert "being-read" not in told
        assert 'hx-select="#waiting"' not in client.get("/console/mail/").text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("named", [False, True], ids=["an empty print", "a form of somebody's"])
def test_one_form_brought_twice_at_the_same_moment_is_taken_once(clerk, person, named):
    form = office.issued(person) if named else services.issue_empty(Kind.ELSEWHERE, 1, clerk, Actor.SYSTEM)[0]
    content, arrival = copy_of(form), services.Arrival(today(), clerk, "柜 3")
    first_file = [services.decode(content)]

    def bring_too():
        try:
            client = Client()
            client.force_login(clerk.user)
            return bring(client, content)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():  # the first upload is not through yet
            (first,) = services.take_in(first_file, arrival, Actor.SYSTEM)
            second = threads.submit(bring_too)
            wait_for_a_lock()
        answer = second.result(timeout=30)
    assert len(first.sheets) == 1
    assert answer.status_code == 302
    assert [str(each) for each in get_messages(answer.wsgi_request)] == [
        say("mail.known_already", numbers=form.number)
    ]
    assert Sheet.objects.get().pk == first.sheets[0].pk


@pytest.mark.django_db(transaction=True)
def test_a_form_brought_while_its_number_is_being_read_off_another_copy_is_taken_once(
    clerk, person, monkeypatch
):
    """The first copy's code was not seen at once; the worker finds it as the second copy comes in."""
    (form,) = services.issue_empty(Kind.ELSEWHERE, 1, clerk, Actor.SYSTEM)
    (sheet,) = office.arrived(page_with("nothing of ours"), clerk)
    found = office.EMPTY_READING | {"code": seal_payload(_payload(form))}
    monkeypatch.setattr(intake, "read_pages", lambda pictures: (found, pictures))

    def read():
        try:
            services.read_sheet(sheet.pk)
        finally:
            connection.close()

    pages = services.decode(copy_of(form))
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            services.take_in([pages], services.Arrival(today(), clerk, "柜 3"), Actor.SYSTEM)
            reading = threads.submit(read)
            wait_for_a_lock()
        reading.result(timeout=30)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.form) == ("read", None)
    assert Sheet.objects.get(form=form) != sheet


def wait_for_a_lock() -> None:
    """Until another connection waits for something that this one has locked."""
    for _ in range(300):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


class TestDeciding:
    @pytest.fixture
    def sheet(self, person, clerk):
        return office.waiting(person, clerk)

    def accepted(self, sheet, clerk, on=None, **more):
        return services.accept(sheet, office.attestation(on, **more), clerk, Actor.SYSTEM)

    def test_told_twice_it_certifies_once(self, sheet, clerk, person):
        first, again = self.accepted(sheet, clerk), self.accepted(sheet, clerk)
        assert first.certification == again.certification == Certification.objects.get(person=person)
        with pytest.raises(SheetDecided):
            services.reject(sheet, ["no_seal"], "", clerk, Actor.SYSTEM)

    def test_before_it_was_read_nobody_decides(self, person, clerk):
        with pytest.raises(NotReadYet):
            self.accepted(office.waiting(person, clerk, read=False), clerk)

    def test_who_attests_stands_on_the_list_or_in_a_note(self, sheet, clerk):
        attestation = services.Attestation(today(), attester="某某茶馆")
        with pytest.raises(IssuerNotAllowed):
            services.accept(sheet, attestation, clerk, Actor.SYSTEM)
        attestation = services.Attestation(today(), attester="某某茶馆", note="当地居委会改制")
        assert services.accept(sheet, attestation, clerk, Actor.SYSTEM).certification

    @pytest.mark.parametrize(
        ("on", "refusal"),
        [(date(2026, 9, 2), AttestedLate), (date(2025, 12, 31), OutOfCycle)],
    )
    def test_it_is_attested_in_the_year_before_it_arrived(self, sheet, clerk, on, refusal):
        with pytest.raises(refusal):
            self.accepted(sheet, clerk, on)

    def test_a_form_of_last_year_certifies_that_year_only(self, sheet, clerk, person, on_day):
        on_day(date(2027, 1, 8))
        open_this_years_cycle(Actor.SYSTEM)
        see_to_sheets(0)
        self.accepted(sheet, clerk, date(2026, 8, 30))
        assert Certification.objects.get(person=person).obligation.cycle.year == 2026
        late = office.issued(person)
        assert late.year == 2027

    def test_attested_before_new_year_and_arrived_after_it_it_certifies_the_old_year(
        self, desk, clerk, person, on_day
    ):
        form = office.issued(person)
        on_day(date(2027, 1, 10))
        open_this_years_cycle(Actor.SYSTEM)
        (sheet,) = office.arrived(copy_of(form), clerk, received_on=date(2027, 1, 8))
        office.read_by_hand(sheet)
        sheet.keep_reading({**office.EMPTY_READING, "code": seal_payload(_payload(form))})
        sheet.save()
        see_to_sheets(0)
        assert hold_of(sheet).opened == date(2027, 1, 8)
        page = desk(clerk).get(f"/console/mail/{sheet.pk}")
        assert next(found.ok for found in page.context["findings"] if found.rule == "year")
        done = self.accepted(sheet, clerk, date(2026, 12, 20))
        assert done.certification.obligation.cycle.year == 2026
        assert done.certification.on == date(2026, 12, 20)
        assert hold_of(done).closed_on == today()

    def test_papers_of_two_years_do_not_add_up(self, person, clerk, on_day):
        cycle = current_obligation(person).cycle
        cycle.policy["letter_strength"] = 2
        cycle.save()
        on_day(date(2027, 1, 10))
        open_this_years_cycle(Actor.SYSTEM)
        for kind, on in (("newspaper", date(2027, 1, 5)), ("letter", date(2026, 12, 28))):
            done = self.accepted(office.paper(person, clerk, kind), clerk, on)
            assert (done.state, done.certification) == ("accepted", None)

    def test_last_years_form_is_refused_this_year(self, person, clerk, on_day):
        form = office.issued(person)
        on_day(date(2027, 2, 1))
        open_this_years_cycle(Actor.SYSTEM)
        (sheet,) = office.arrived(copy_of(form), clerk)
        sheet.keep_reading(office.EMPTY_READING)
        sheet.state = "read"
        sheet.save()
        with pytest.raises(OutOfCycle):
            self.accepted(sheet, clerk, date(2027, 1, 20))

    def test_a_certificates_own_number_counts_once(self, person, clerk):
        union = {"attested_on": today(), "attester": "香港工会联合会"}
        first = services.Attestation(certificate_number="HK-26/0017", **union)
        services.accept(office.waiting(person, clerk, Kind.HMT), first, clerk, Actor.SYSTEM)
        other = make_person()
        again = services.Attestation(certificate_number="hk 26 0017", **union)
        with pytest.raises(CertificateUsed):
            services.accept(office.waiting(other, clerk, Kind.HMT), again, clerk, Actor.SYSTEM)

    @pytest.mark.parametrize("age", [-1, 31, None])
    def test_an_agents_authority_is_thirty_days_old_at_most(self, person, clerk, age):
        sheet = office.waiting(person, clerk, Kind.ABROAD)
        mission = {"attester": "中国驻东京大使馆", "by_agent": True}
        on = None if age is None else today() - timedelta(days=age)
        with pytest.raises(AuthorityTooOld):
            services.accept(
                sheet, services.Attestation(today(), authority_on=on, **mission), clerk, Actor.SYSTEM
            )
        right = services.Attestation(today(), authority_on=today() - timedelta(days=30), **mission)
        assert services.accept(sheet, right, clerk, Actor.SYSTEM).by_agent

    def test_in_the_fourth_year_the_person_comes(self, person, clerk, on_day):
        for year in (2026, 2027, 2028, 2029):
            on_day(date(year, 9, 1))
            open_this_years_cycle(Actor.SYSTEM)
            sheet = office.waiting(person, clerk, Kind.HMT)
            attestation = services.Attestation(today(), attester="香港工会联合会", by_agent=True)
            if year < 2029:
                services.accept(sheet, attestation, clerk, Actor.SYSTEM)
        with pytest.raises(AgentTooOften):
            services.accept(sheet, attestation, clerk, Actor.SYSTEM)

    def test_what_is_wrong_is_told_by_letter_and_the_pause_waits_once(self, sheet, clerk, person, on_day):
        person.address = "示范路 1 号（虚构）"
        person.save()
        on_day(date(2026, 10, 1))
        services.reject(sheet, ["no_seal", "other"], "请写清楚姓名。", clerk, Actor.SYSTEM)
        letter = Notice.objects.get(person=person, transport="letter")
        assert letter.body["mend_says"] == ["mail.mend_no_seal"]
        assert letter.body["by"] == "2026-10-31"
        assert all(sheet.form.number in words(letter, part) for part in ("letter", "page"))
        sweep_now(date(2026, 10, 31), Actor.SYSTEM)
        assert not Pause.objects.exists()
        on_day(date(2026, 10, 30))
        second = office.waiting(person, clerk)
        assert second.form == sheet.form
        services.reject(second, ["no_seal"], "", clerk, Actor.SYSTEM)
        on_day(date(2026, 11, 2))
        sweep_now(today(), Actor.SYSTEM)
        assert Pause.objects.exists()

    def test_mended_it_certifies_and_is_paid_again(self, sheet, clerk, person, on_day):
        services.reject(sheet, ["no_seal"], "", clerk, Actor.SYSTEM)
        on_day(date(2026, 11, 5))
        sweep_now(today(), Actor.SYSTEM)
        mended = office.waiting(person, clerk)
        self.accepted(mended, clerk)
        assert Pause.objects.get().state == "resumed"

    def test_a_paper_that_says_dead_stops_nothing_and_leads_to_the_record(self, desk, sheet, clerk, person):
        client = desk(clerk)
        answer = client.post(
            f"/console/mail/{sheet.pk}/report", {"says": "dead", "note": "街道写明 8 月去世"}
        )
        assert answer["Location"] == reverse("console:death", args=[person.key])
        assert not Certification.objects.exists()
        assert not Pause.objects.exists()
        assert person.name in client.get("/console/mail/").text
        record_death(person, date(2026, 8, 1), "certificate", today(), clerk, Actor.SYSTEM)
        sheet.refresh_from_db()
        assert sheet.seen_to_on == today()

    def test_missing_is_looked_into(self, desk, sheet, clerk):
        client = desk(clerk)
        client.post(f"/console/mail/{sheet.pk}/report", {"says": "missing", "note": "街道称下落不明"})
        page = client.get(f"/console/mail/{sheet.pk}")
        assert page.context["reported"]
        client.post(f"/console/mail/{sheet.pk}/seen-to", {"reason": "家属说在医院"})
        sheet.refresh_from_db()
        assert sheet.seen_to_on == today()

    @pytest.mark.parametrize("says", ["dead", ""])
    def test_a_paper_that_says_dead_or_cannot_be_read_is_not_overtaken(self, sheet, clerk, person, says):
        Sheet.objects.filter(pk=sheet.pk).update(says=says)
        certify_in_person(person, clerk, document="x", reason="y", note="", actor=Actor.SYSTEM)
        sheet.refresh_from_db()
        assert sheet.state == "read"

    @pytest.mark.parametrize(("says", "became"), [("dead", "read"), ("", "read"), ("alive", "overtaken")])
    def test_certified_before_it_was_read_it_waits_for_what_it_says(
        self, person, clerk, monkeypatch, says, became
    ):
        sheet = office.waiting(person, clerk, read=False)
        certify_in_person(person, clerk, document="x", reason="y", note="", actor=Actor.SYSTEM)
        sheet.refresh_from_db()
        assert sheet.state == "received"
        monkeypatch.setattr(
            "jianzai.channels.mail.services.intake.read_pages",
            lambda pictures: (office.EMPTY_READING | {"ticks": {says: True}}, pictures),
        )
        read_left_sheets(0)
        sheet.refresh_from_db()
        assert (sheet.state, sheet.says) == (became, says)
        assert (hold_of(sheet).closed_on is None) == sheet.waiting

    @pytest.mark.parametrize("came", [date(2026, 10, 5), date(2027, 1, 10)])
    @pytest.mark.parametrize("read", [True, False])
    def test_older_than_a_pause_it_waits_and_pays_what_was_withheld(
        self, person, clerk, on_day, monkeypatch, came, read
    ):
        form = office.issued(person)
        on_day(date(2026, 10, 3))
        sweep_now(today(), Actor.SYSTEM)
        assert Pause.objects.get().state == "active"
        on_day(came)
        open_this_years_cycle(Actor.SYSTEM)
        for cycle in Cycle.objects.all():
            cycle.policy["resumption"] = "month_after"
            cycle.save()
        (sheet,) = office.arrived(copy_of(form), clerk)
        if read:
            office.read_by_hand(sheet)
        certify_in_person(person, clerk, document="x", reason="y", note="", actor=Actor.SYSTEM)
        monkeypatch.setattr(
            "jianzai.channels.mail.services.intake.read_pages",
            lambda pictures: (office.EMPTY_READING, pictures),
        )
        read_left_sheets(0)
        sheet.refresh_from_db()
        assert sheet.state == "read"
        self.accepted(sheet, clerk, date(2026, 9, 20))
        pause = Pause.objects.get()
        assert (pause.effective_month, pause.made_good_to) == ("2026-10", pause.granted_from)
        assert pause.granted_from > "2026-10"

    def test_after_a_death_it_certifies_nobody(self, sheet, clerk, person):
        record_death(person, today(), "certificate", today(), clerk, Actor.SYSTEM)
        sheet.refresh_from_db()
        assert sheet.state == "overtaken"
        with pytest.raises(SheetDecided):
            self.accepted(sheet, clerk)

    def test_scans_go_when_their_time_is_over(self, clerk, person, on_day):
        (sheet,) = office.arrived(copy_of(office.issued(person)), clerk)
        sheet.keep_reading(office.EMPTY_READING)
        sheet.state = "read"
        sheet.save()
        services.reject(sheet, ["not_readable"], "", clerk, Actor.SYSTEM)
        enforce_retention(today() + timedelta(days=183))
        assert sheet.pages.exists()
        enforce_retention(today() + timedelta(days=184))
        sheet.refresh_from_db()
        assert (sheet.pages.exists(), sheet.reading) == (False, None)


class TestOfSomebodyWhoDied:
    """A paper that waits when its person dies is the estate's, or contradicts the record."""

    @pytest.fixture
    def paused(self, person, on_day):
        """Paused on 3 October 2026; today is the 20th."""
        on_day(date(2026, 10, 3))
        sweep_now(today(), Actor.SYSTEM)
        assert current_obligation(person).status == "paused"
        on_day(date(2026, 10, 20))

    def dies(self, person, clerk, on, recorded=None):
        record_death(person, on, "certificate", recorded or on, clerk, Actor.SYSTEM)

    def orders(self, person):
        return [(order.kind, order.arrears_fen) for order in Order.objects.order_by("sequence")]

    @pytest.mark.parametrize("arrives", ["before", "after"])
    @pytest.mark.parametrize("rule", ["back_pay", "month_after"])
    def test_attested_before_the_pause_the_estate_is_paid_what_it_withheld(
        self, desk, paused, person, clerk, on_day, rule, arrives
    ):
        cycle = Cycle.objects.get()
        cycle.policy |= {"resumption": rule}
        cycle.save()
        sheet = office.waiting(person, clerk) if arrives == "before" else None
        died_on = date(2026, 12, 2)
        form = sheet.form if sheet else office.issued(person)
        on_day(date(2026, 12, 10))
        self.dies(person, clerk, died_on)
        if sheet is None:
            (sheet,) = office.arrived(copy_of(form), clerk, received_on=date(2026, 12, 5))
            office.read_by_hand(sheet)
        sheet.refresh_from_db()
        assert sheet.state == "read"
        assert "2026-12-02" in desk(clerk).get(f"/console/mail/{sheet.pk}").content.decode()
        accepted = services.accept(sheet, office.attestation(date(2026, 9, 28)), clerk, Actor.SYSTEM)
        assert (accepted.state, accepted.certification.on) == ("accepted", date(2026, 9, 28))
        pause = Pause.objects.get()
        assert (pause.granted_from, pause.resumed_month) == (pause.effective_month, "2027-01")
        months = 13 - Month.parse(pause.effective_month).month
        assert self.orders(person)[-1] == ("end", months * person.monthly_fen)
        assert not Notice.objects.filter(person=person, kind="certified").exists()

    def test_a_later_day_than_that_of_the_death_is_looked_into(self, person, clerk, on_day):
        sheet = office.waiting(person, clerk)
        self.dies(person, clerk, date(2026, 8, 10))
        with pytest.raises(AttestedAfterDeath):
            services.accept(sheet, office.attestation(date(2026, 8, 20)), clerk, Actor.SYSTEM)
        sheet.refresh_from_db()
        assert sheet.waiting
        supervisor = make_staff("supervisor")
        withdraw_death(person.deaths.get(), supervisor, "a namesake", Actor.SYSTEM)
        assert services.accept(
            sheet, office.attestation(date(2026, 8, 20)), clerk, Actor.SYSTEM
        ).certification
        assert current_obligation(person).status == "certified"

    def test_or_it_is_sent_back_and_nobody_is_written_to(self, desk, person, clerk):
        sheet = office.waiting(person, clerk)
        self.dies(person, clerk, date(2026, 8, 10))
        client = desk(clerk)
        page = client.post(
            f"/console/mail/{sheet.pk}/accept", {"attested_on": "2026-08-20", "attester": office.ATTESTER}
        )
        assert page.status_code == 422
        assert say("mail.attested_after_death", day="2026-08-10")[:12] in page.content.decode()
        reasons = {"reasons": ["other"], "note": "冒名"}
        assert client.post(f"/console/mail/{sheet.pk}/reject", reasons).status_code == 302
        sheet.refresh_from_db()
        assert (sheet.state, sheet.mend_by) == ("rejected", None)
        assert not Notice.objects.filter(kind="form_rejected").exists()

    def test_what_was_not_read_yet_and_says_dead_is_over_once_read(self, person, clerk, paused):
        sheet = office.waiting(person, clerk, read=False)
        self.dies(person, clerk, today())
        sheet.refresh_from_db()
        assert sheet.state == "received"
        read = office.EMPTY_READING | {"kind": "elsewhere", "ticks": {"dead": True}}
        intake._write(sheet, read, [])
        sheet.refresh_from_db()
        assert (sheet.says, sheet.state) == ("dead", "overtaken")

    def test_reported_dead_it_asks_nobody_to_look_into_it(self, person, clerk, paused):
        sheet = office.waiting(person, clerk)
        self.dies(person, clerk, today())
        assert services.report(sheet, Sheet.State.DEAD, "as it says", clerk, Actor.SYSTEM).seen_to_on

    def test_where_nothing_was_withheld_and_it_came_before_there_is_nothing_to_decide(self, person, clerk):
        sheet = office.waiting(person, clerk)
        self.dies(person, clerk, today())
        sheet.refresh_from_db()
        assert sheet.state == "overtaken"


class TestLettersOfNobodyKnown:
    """A stamped letter brought in with the post: read, and shown with whose it may be."""

    @pytest.fixture
    def brought(self, desk, clerk):
        def bring_in(*lines, read=True):
            client = desk(clerk)
            answer = bring(client, letter(lines, "景田社区居民委员会"), letters="on")
            assert answer.status_code == 302
            sheet = Sheet.objects.latest("pk")
            if read:
                services.read_sheet(sheet.pk)
                sheet.refresh_from_db()
            return sheet

        return bring_in

    def proposed(self, desk, clerk, sheet):
        page = desk(clerk).get(f"/console/mail/{sheet.pk}")
        return [(each.person, each.number, each.name) for each in page.context["proposals"]], page

    def test_name_and_number_propose_somebody_and_a_clerk_decides(self, brought, desk, clerk, person):
        sheet = brought(
            "健在证明",
            f"兹证明{person.name}同志（身份证号",
            f"{identity_number(person)}）",
            "现住本社区，健在。",
        )
        assert (sheet.kind, sheet.state, sheet.person, sheet.form) == (Kind.LETTER, "read", None, None)
        found, page = self.proposed(desk, clerk, sheet)
        assert found == [(person, True, True)]
        shown = page.content.decode()
        assert say("mail.proposed_number") in shown
        assert person.personal_number in shown
        client = desk(clerk)
        assert client.post(f"/console/mail/{sheet.pk}/find", {"person": person.key}).status_code == 302
        sheet.refresh_from_db()
        assert (sheet.person, hold_of(sheet).kind) == (person, "form")
        assert AuditEntry.objects.filter(act="mail.person_found").count() == 1
        assert services.accept(sheet, office.attestation(), clerk, Actor.SYSTEM).certification

    def test_a_name_alone_proposes_all_who_have_it_and_only_here(self, brought, desk, clerk, person):
        namesake = make_person(name=person.name)
        make_person(name=person.name, area=ELSEWHERE)
        sheet = brought("兹证明", f"{person.name}同志健在。")
        found, page = self.proposed(desk, clerk, sheet)
        assert found == [(person, None, True), (namesake, None, True)]
        assert say("mail.proposed_number") not in page.content.decode()

    def test_what_disagrees_is_said(self, brought, desk, clerk, person):
        other = make_person(name="陈建国")
        sheet = brought(f"兹证明{person.name}同志", f"身份证号{identity_number(other)}健在。")
        found, page = self.proposed(desk, clerk, sheet)
        assert found == [(other, True, False), (person, False, True)]
        assert say("mail.proposed_other_name") in page.content.decode()
        assert say("mail.proposed_other_number") in page.content.decode()

    def test_a_letter_that_names_nobody_is_left_to_the_search(self, brought, desk, clerk, person):
        found, page = self.proposed(desk, clerk, brought("此人健在。"))
        assert found == []
        assert say("mail.find_how") in page.content.decode()

    def test_letters_the_policy_does_not_take_are_refused_at_the_door(self, desk, clerk, person):
        cycle = Cycle.objects.get()
        cycle.policy |= {"letter_strength": 0}
        cycle.save()
        assert bring(desk(clerk), letter(["兹证明"], ""), letters="on").status_code == 422
        assert not Sheet.objects.exists()


class TestOlderWays:
    """A stamped letter counts 3 of 3 in Changsha's rules of 2013, a photograph with a newspaper 1."""

    def test_a_stamped_letter_certifies(self, person, clerk):
        sheet = services.accept(
            office.paper(person, clerk, "letter"), office.attestation(), clerk, Actor.SYSTEM
        )
        assert sheet.certification.evidence["paper"] == "letter"

    def test_a_newspaper_alone_is_not_enough_and_is_not_old(self, person, clerk):
        sheet = office.paper(person, clerk, "newspaper")
        with pytest.raises(PaperTooOld):
            services.accept(sheet, services.Attestation(today() - timedelta(days=31)), clerk, Actor.SYSTEM)
        done = services.accept(sheet, services.Attestation(today() - timedelta(days=30)), clerk, Actor.SYSTEM)
        assert (done.state, done.strength, done.certification) == ("accepted", 1, None)
        assert not Certification.objects.exists()

    def test_together_they_certify_as_of_the_older_day(self, person, clerk):
        cycle = current_obligation(person).cycle
        cycle.policy["letter_strength"] = 2
        cycle.save()
        letter = services.accept(
            office.paper(person, clerk, "letter"),
            office.attestation(today() - timedelta(days=20)),
            clerk,
            Actor.SYSTEM,
        )
        assert letter.certification is None
        paper = services.accept(
            office.paper(person, clerk, "newspaper"),
            services.Attestation(today() - timedelta(days=3)),
            clerk,
            Actor.SYSTEM,
        )
        letter.refresh_from_db()
        assert paper.certification == letter.certification == Certification.objects.get()
        assert paper.certification.on == today() - timedelta(days=20)

    @pytest.fixture
    def photograph(self, person, clerk):
        """Of a person with a newspaper, lying on its side: wider than high, its left half dark."""
        sheet, file, picture = (
            office.paper(person, clerk, "newspaper"),
            io.BytesIO(),
            Image.new("L", (80, 40), 255),
        )
        picture.paste(0, (0, 0, 40, 40))
        picture.save(file, "JPEG")
        SheetPage.objects.create(sheet=sheet, number=1, content=seal_page(sheet, file.getvalue()))
        return sheet

    def test_a_photograph_is_turned_by_quarters_and_stays_so(self, desk, clerk, photograph):
        client, page = desk(clerk), f"/console/mail/{photograph.pk}"
        assert say("mail.turn_left", "zh") in client.get(page).text
        came = photograph.pages.get().picture

        def shown():
            picture = Image.open(io.BytesIO(client.get(f"{page}/pages/1").content)).convert("L")
            return picture.size, picture.getpixel((2, 2)) < 128

        for turn, seen in (
            ("right", ((40, 80), True)),
            ("right", ((80, 40), False)),
            ("left", ((40, 80), True)),
        ):
            assert client.post(f"{page}/pages/1/turn", {"turn": turn})["Location"] == page
            assert shown() == seen
        assert photograph.pages.get().picture == came
        assert AuditEntry.objects.filter(act="mail.page_turned").count() == 3
        services.reject(photograph, ["no_newspaper"], "", clerk, Actor.SYSTEM)
        told = client.post(f"{page}/pages/1/turn", {"turn": "right"}, follow=True)
        assert say("mail.sheet_decided", "zh") in told.text

    def test_the_model_stands_beside_it_where_there_is_one(self, desk, clerk, person, photograph):
        page = f"/console/mail/{photograph.pk}"
        assert say("mail.no_reference", "zh") in desk(clerk).get(page).text
        model = add_reference(person)
        told = desk(clerk).get(page).text
        assert f'href="/console/references/{model.pk}/picture"' in told
        assert say("mail.no_reference", "zh") not in told

    def test_it_is_sent_back_for_what_is_wrong_with_photographs(self, desk, clerk, person, photograph):
        person.address = "示范路 1 号（虚构）"
        person.save()
        client, page = desk(clerk), f"/console/mail/{photograph.pk}"
        offered = [reason for reason, _ in client.get(page).context["reject"].fields["reasons"].choices]
        assert "face_unclear" in offered
        assert "no_seal" not in offered
        refused = client.post(f"{page}/reject", {"reasons": ["no_seal"]})
        assert refused.status_code == 422
        assert client.post(f"{page}/reject", {"reasons": ["face_unclear"]}).status_code == 302
        letter = Notice.objects.get(person=person, transport="letter")
        assert "报纸" in words(letter, "letter", "zh")
        assert say("mail.mend_face_unclear", "zh") in words(letter, "letter", "zh")

    def test_what_the_policy_does_not_take_is_refused_at_the_door(self, desk, person, clerk):
        cycle = current_obligation(person).cycle
        cycle.policy["newspaper_strength"] = 0
        cycle.save()
        page = f"/console/mail/arrive/{person.key}"
        answer = bring(desk(clerk), page_with("x"), page, kind="newspaper")
        assert answer.status_code == 422
        assert say("mail.not_accepted", "zh") in answer.text


def test_every_form_has_the_boxes_that_decide():
    for kind in (Kind.ELSEWHERE, Kind.HMT, Kind.ABROAD, Kind.ABROAD_2013):
        assert {"attester", "attested_on", "seal", "signature"} <= {
            field.name for field in layout(kind).fields
        }


def test_what_waits_stands_on_the_work_list(desk, clerk, person):
    office.waiting(person, clerk)
    page = desk(clerk).get("/console/").content.decode()
    assert f'<a href="/console/mail/"><b>1</b> {say("mail.sheets", "zh")}</a>' in page
