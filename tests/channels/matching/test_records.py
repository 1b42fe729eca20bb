"""From another office's file to a certification, or to a doubt that the person rebuts; over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits.models import Benefit, Death, Order, Pause
from jianzai.benefits.services import sweep_now
from jianzai.certification.models import Certification
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import certify_in_person, enforce_retention
from jianzai.channels.matching import services
from jianzai.channels.matching.models import Case, Sign, SignFile, Source
from jianzai.channels.matching.tasks import finish_left_files
from jianzai.clock import today
from jianzai.entitlement import Status
from jianzai.notices.models import Notice
from jianzai.registry.models import Area
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.channels.matching import office
from tests.people import CITY, ELSEWHERE, OTHER_DISTRICT, make_person, make_staff, resident_number
from tests.worker import work

pytestmark = pytest.mark.django_db

TERMS = {
    "name": "市医保局住院结算",
    "code": "hospital-visits",
    "area": CITY,
    "kind": "hospital",
    "says": "alive",
    "ground": "社会保险经办条例",
    "purpose": "核对养老金领取资格",
    "trust": "3",
    "fresh_days": "90",
    "active": "on",
}


def page(name: str, *arguments) -> str:
    return reverse(f"matching-desk:{name}", args=arguments)


def upload(content: bytes, name: str = "records.csv") -> dict:
    return {"file": SimpleUploadedFile(name, content)}


class TestAFileOfVisits:
    def test_registered_tried_looked_at_and_used_it_certifies_as_of_the_day(
        self, desk, supervisor, person, on_day
    ):
        office_desk = desk(supervisor)
        answer = office_desk.post(page("sources"), TERMS | {"column_day": "就诊时间"})
        source = Source.objects.get()
        assert answer["Location"] == page("source", source.pk)
        header = ["证件号码", "姓名", "科室", "就诊时间"]
        stranger = [resident_number(999), "无名氏", "内科", "2026-08-20"]
        theirs = [identity_number(person), person.name, "心内科", "2026-08-20 10:22:31"]
        content = office.table(theirs, stranger, header=header)
        answer = office_desk.post(page("upload", source.pk), upload(content))
        file = SignFile.objects.get()
        assert answer["Location"] == page("file", file.pk)
        work()
        shown = office_desk.get(page("file", file.pk)).text
        assert say("matching.file_fine") in shown
        assert not Sign.objects.exists()
        office_desk.post(page("file", file.pk))
        work()
        file.refresh_from_db()
        assert (file.state, bytes(file.content)) == ("imported", b"")
        counts = {key: file.report[key] for key in ("rows", "exact", "probable", "nobody")}
        assert counts == {"rows": 2, "exact": 1, "probable": 0, "nobody": 1}
        certification = Certification.objects.get(person=person)
        assert (certification.channel, certification.on) == ("matching", date(2026, 8, 20))
        assert certification.officer is None
        assert certification.evidence["signs"][0]["expires"] == "2026-11-18"
        assert current_obligation(person).status == Status.CERTIFIED
        kept = Sign.objects.get()
        assert (kept.person, kept.details) == (person, None)
        assert "心内科" not in str(list(Sign.objects.values())) + str(certification.evidence)
        listed = page("brought", file.pk, "exact")
        shown = office_desk.get(page("file", file.pk)).text
        assert listed in shown
        assert page("brought", file.pk, "probable") not in shown  # there are none
        told = office_desk.get(listed).text
        assert f"/console/people/{person.key}" in told
        assert say("matching.certified_by_it", day="2026-08-20") in told
        assert office_desk.get(page("brought", file.pk, "nobody")).status_code == 404

    def test_whom_a_file_of_hints_is_about_and_the_doubt_it_opened(self, desk, supervisor, person):
        source = office.source("dead")
        desk(supervisor).post(
            page("upload", source.pk), upload(office.table(office.row_of(person, number=False)))
        )
        work()
        file = SignFile.objects.get()
        desk(supervisor).post(page("file", file.pk))
        work()
        listed = page("brought", file.pk, "probable")
        assert listed in desk(supervisor).get(page("file", file.pk)).text
        told = desk(supervisor).get(listed).text
        assert person.name in told
        assert page("case", Case.objects.get().pk) in told

    def test_the_same_file_and_the_same_row_again_change_nothing(self, desk, supervisor, person):
        source = office.source()
        office.bring(source, office.row_of(person))
        for content in (
            office.table(office.row_of(person)),
            office.table(office.row_of(person), office.row_of(make_person(name="李大妈"))),
        ):
            desk(supervisor).post(page("upload", source.pk), upload(content))
            work()
            file = SignFile.objects.first()
            desk(supervisor).post(page("file", file.pk))
            work()
        assert Sign.objects.count() == 2
        assert Sign.objects.filter(person=person).count() == 1
        assert Certification.objects.filter(person=person).count() == 1
        assert file.report["known"] in (0, 1)
        before = SignFile.objects.get(state="read")
        assert say("matching.file_before") in desk(supervisor).get(page("file", before.pk)).text

    def test_a_bad_row_keeps_the_whole_file_out_and_is_named(self, desk, supervisor, person):
        source = office.source()
        tomorrow = today() + timedelta(days=1)
        content = office.table(
            office.row_of(person),
            office.row_of(person, day="bald"),
            office.row_of(person, tomorrow),
            office.row_of(person, identity_number=office.slipped(identity_number(person)), name=""),
            office.row_of(person, identity_number="", birth_date=""),
            office.row_of(person, day=""),
        )
        desk(supervisor).post(page("upload", source.pk), upload(content))
        work()
        file = SignFile.objects.get()
        shown = desk(supervisor).get(page("file", file.pk)).text
        assert say("matching.file_refused", count=5) in shown
        assert say("matching.day_impossible", value=tomorrow.isoformat()) in shown
        lines = desk(supervisor).get(page("problems", file.pk)).text.splitlines()
        assert [line.split(",")[0] for line in lines[1:]] == ["3", "4", "5", "6", "7"]
        desk(supervisor).post(page("file", file.pk))
        work()
        assert not Sign.objects.exists()

    @pytest.mark.parametrize(
        "content",
        [
            b"\x00\xff\x00 neither",
            b"PK\x03\x04 no workbook",
            "姓名,金额\n王桂兰,3\n".encode(),
            b"identity_number,identity_number,day\n1,2,2026-08-01\n",
        ],
        ids=["binary", "broken workbook", "other columns", "a column twice"],
    )
    def test_what_cannot_be_read_is_refused_with_a_sentence(self, desk, supervisor, person, content):
        source = office.source()
        desk(supervisor).post(page("upload", source.pk), upload(content))
        work()
        file = SignFile.objects.get()
        assert (file.state, bytes(file.content)) == ("refused", b"")
        assert 'class="note bad"' in desk(supervisor).get(page("file", file.pk)).text
        assert not Sign.objects.exists()

    def test_an_empty_and_a_huge_file(self, desk, supervisor, person, settings):
        source = office.source()
        assert desk(supervisor).post(page("upload", source.pk), upload(b"")).status_code == 422
        settings.UPLOAD_MAX_SIZE = 1000
        answer = desk(supervisor).post(page("upload", source.pk), upload(b"x" * 5000))
        assert answer.status_code == 400
        assert say("web.error_too_large_staff", "zh") in answer.text
        assert not SignFile.objects.exists()

    def test_killed_between_file_and_people_it_is_taken_up_again(self, person, supervisor, monkeypatch):
        source = office.source()
        file = services.receive(
            source, "a.csv", office.table(office.row_of(person)), supervisor, Actor.SYSTEM
        )
        services.carry_out(file.pk)
        SignFile.objects.filter(pk=file.pk).update(state="importing")
        services.carry_out(file.pk)  # and here the process died
        assert Sign.objects.get().settled is False
        assert not Certification.objects.exists()
        finish_left_files(0)
        assert Certification.objects.get().person == person

    def test_a_15_digit_number_is_the_same_person(self, person):
        number = identity_number(person)
        assert number[6:8] == "19"
        old = number[:6] + number[8:17]
        office.bring(office.source(), office.row_of(person, identity_number=old))
        assert Certification.objects.get().person == person

    def test_nobody_of_another_area_is_looked_for(self, person):
        other = make_person(area=ELSEWHERE)
        report = office.bring(office.source(), office.row_of(other))
        assert (report.exact, report.nobody) == (0, 1)
        assert not Sign.objects.exists()

    def test_a_resting_source_takes_nothing_and_counts_no_more(self, desk, supervisor, person):
        source = office.source(trust=2)
        office.bring(source, office.row_of(person))
        Source.objects.update(active=False)
        answer = desk(supervisor).post(page("upload", source.pk), upload(office.table()))
        assert answer.status_code == 422
        assert say("matching.source_resting") in answer.text
        office.bring(office.source(trust=2), office.row_of(person))
        assert not Certification.objects.exists()

    def test_a_code_belongs_to_one_source(self, desk, supervisor, person):
        desk(supervisor).post(page("sources"), TERMS)
        answer = desk(supervisor).post(page("sources"), TERMS | {"name": "again"})
        assert answer.status_code == 422
        assert say("matching.code_taken") in answer.text


class TestOnlyByPolicy:
    def test_off_in_the_preset(self, tmp_path):
        from jianzai.certification.services import open_cycle

        someone = make_person()
        open_cycle(2026, Actor.SYSTEM, "changsha-2013")
        office.bring(office.source(), office.row_of(someone))
        assert Sign.objects.get().settled
        assert not Certification.objects.exists()

    def test_two_weaker_sources_together_as_of_the_older_day(self, person):
        one, two = office.source(trust=2), office.source(trust=1)
        office.bring(one, office.row_of(person, date(2026, 8, 1)), office.row_of(person, date(2026, 8, 5)))
        assert not Certification.objects.exists()  # one source counts once
        office.bring(two, office.row_of(person, date(2026, 8, 3)))
        assert Certification.objects.get().on == date(2026, 8, 3)

    @pytest.mark.parametrize("days", [91, 200])
    def test_what_is_older_than_the_policy_or_the_source_says_does_not_count(self, person, days):
        source = office.source(fresh_days=180 if days == 91 else 90)
        report = office.bring(source, office.row_of(person, today() - timedelta(days=days)))
        assert report.stale == (days == 200)
        assert not Certification.objects.exists()

    def test_never_by_a_probable_match(self, person):
        for number in ("", office.slipped(identity_number(person))):
            report = office.bring(office.source(), office.row_of(person, identity_number=number))
            assert (report.exact, report.probable) == (0, 1)
        assert not Sign.objects.exists()
        assert not Certification.objects.exists()
        office.bring(office.source(), office.row_of(person, name="赵铁柱"))  # the number with another name
        assert not Certification.objects.exists()

    def test_the_database_keeps_no_probable_sign_of_life(self, person):
        source = office.source()
        row = {"person": person, "says": "alive", "on": today(), "expires": today(), "agreement": {}}
        with pytest.raises(IntegrityError), transaction.atomic():
            Sign.objects.create(source=source, exact=False, digest=b"x", **row)

    def test_who_must_be_met_is_not_certified(self, person, monkeypatch):
        cycle = current_obligation(person).cycle
        cycle.policy |= {"review_hold_days": 1}
        cycle.save()
        from jianzai import clock
        from jianzai.certification.services import refer_to_clerk

        refer_to_clerk(person, Actor("person"))
        clock.move_to(date(2026, 10, 20))
        sweep_now(today(), Actor.SYSTEM)
        office.bring(office.source(), office.row_of(person))
        assert not Certification.objects.exists()

    def test_a_paused_person_is_paid_again(self, person, on_day):
        on_day(date(2026, 10, 8))
        sweep_now(today(), Actor.SYSTEM)
        office.bring(office.source(), office.row_of(person))
        assert Pause.objects.get().state == "resumed"
        assert current_obligation(person).status == Status.RESUMED


class TestWhatThePersonSees:
    def test_the_day_but_the_kind_of_office_only_after_a_face_match(self, family, person, monkeypatch):
        office.bring(office.source(), office.row_of(person, date(2026, 8, 20)))
        told = say("matching.under_way_certified", day="2026年8月20日")
        assert told in family.get("/me").text
        shown = family.get("/matching/").text
        assert say("matching.certified_day", day="2026年8月20日") in shown
        assert say("matching.certified_by_hospital") not in shown
        monkeypatch.setattr("jianzai.channels.online.visit.Visit.face_matched", True)
        assert say("matching.certified_by_hospital") in family.get("/matching/").text

    def test_without_a_face_a_clerk_shows_the_record_and_takes_the_objection(
        self, family, person, desk, clerk
    ):
        office.bring(office.source(), office.row_of(person))
        assert say("matching.face_shows_more") in family.get("/matching/").text
        at_desk, address = desk(clerk), reverse("console:person", args=[person.key])
        shown, button = at_desk.get(address).text, reverse("matching-desk:object", args=[person.key])
        assert button in shown
        assert Source.objects.get().name in shown
        told = at_desk.post(button, {"said": "电话里说不是她"}, follow=True)
        assert "电话里说不是她" in told.text
        assert Case.objects.get().kind == "objection"
        assert button not in at_desk.get(address).text

    def test_an_objection_goes_to_a_clerk_once(self, family, person, desk, clerk):
        source = office.source()
        office.bring(source, office.row_of(person))
        for _ in range(2):
            assert family.post("/matching/object", {"said": "那天我在外地"})["Location"] == "/matching/"
        case = Case.objects.get()
        assert (case.kind, case.said, case.state) == ("objection", "那天我在外地", "open")
        assert say("matching.objection_open") in family.get("/me").text
        assert Benefit.objects.filter(state="paused").count() == 0
        at_desk = desk(clerk)
        assert "那天我在外地" in at_desk.get(page("case", case.pk)).text
        at_desk.post(page("answer", case.pk), {"answer": "right", "finding": "医院更正"})
        case.refresh_from_db()
        assert (case.state, case.finding, case.closed_by) == ("upheld", "医院更正", clerk)
        assert Sign.objects.get().void
        assert Certification.objects.count() == 1
        # Every page says the same: it stands, and nothing is asked of who did no wrong.
        family.post("/sign-in", {"name": person.name, "number": identity_number(person)})
        for address in ("/me", "/matching/"):
            assert say("matching.objection_upheld") in family.get(address).text
        assert say("matching.under_way_certified", day="2026年9月1日") not in family.get("/me").text

    def test_a_source_that_was_wrong_about_somebody_is_not_believed_again(self, family, person, clerk):
        from jianzai import clock
        from jianzai.certification.services import open_cycle

        source = office.source()
        office.bring(source, office.row_of(person))
        family.post("/matching/object", {})
        services.confirm(Case.objects.get(), "mended", clerk, Actor.SYSTEM)
        clock.move_to(date(2027, 1, 5))
        policy = current_obligation(person).cycle.policy
        cycle = open_cycle(2027, Actor.SYSTEM, "changsha-2013")
        cycle.policy = policy
        cycle.save()
        enforce_retention(date(2027, 1, 5))
        office.bring(source, office.row_of(person))
        assert Certification.objects.filter(obligation__cycle__year=2027).count() == 0
        office.bring(office.source(), office.row_of(person))
        assert Certification.objects.filter(obligation__cycle__year=2027).count() == 1

    def test_there_is_nothing_to_object_to(self, family):
        assert say("matching.nothing") in family.get("/matching/").text
        assert family.post("/matching/object", {})["Location"] == "/refused"

    def test_nobody_sees_it_without_signing_in(self, client, person):
        for address in ("/matching/", "/matching/object"):
            assert client.get(address)["Location"].startswith("/sign-in")


class TestHints:
    def test_a_death_pauses_nothing_and_is_rebutted_by_any_way(self, family, person, clerk):
        office.bring(office.source("dead"), office.row_of(person, date(2026, 8, 20)))
        case = Case.objects.get()
        assert (case.kind, case.state, case.on) == ("dead", "open", date(2026, 8, 20))
        assert Sign.objects.get().told.name == person.name
        shown = family.get("/me").text
        assert say("matching.under_way_hint") in shown
        for grave in ("去世", "死亡"):
            assert grave not in shown + family.get("/matching/").text
        assert not Order.objects.exists()
        certify_in_person(person, clerk, document="card", reason="came", note="", actor=Actor.SYSTEM)
        case.refresh_from_db()
        assert (case.state, case.proved_on) == ("rebutted", today())
        assert Sign.objects.get().details is None
        assert say("matching.under_way_hint") not in family.get("/me").text

    def test_who_was_certified_before_rebuts_by_being_seen_again(self, person, clerk, on_day):
        met = {"document": "card", "reason": "came", "note": "", "actor": Actor.SYSTEM}
        certify_in_person(person, clerk, **met)
        on_day(date(2026, 9, 10))
        office.bring(office.source("dead"), office.row_of(person, date(2026, 9, 10)))
        assert Case.objects.get().state == "open"
        certify_in_person(person, clerk, **met)  # on the very day that the record names
        assert Case.objects.get().state == "rebutted"
        assert Certification.objects.count() == 1

    def test_evidence_from_before_the_day_rebuts_nothing(self, person):
        from jianzai.certification.services import certify

        office.bring(office.source("dead"), office.row_of(person, date(2026, 8, 20)))
        for on in (date(2026, 8, 19), date(2026, 8, 20)):
            certify(current_obligation(person), "mail", Actor.SYSTEM, evidence={}, in_person=True, on=on)
        assert Case.objects.get().state == "open"

    def test_the_same_death_told_by_others_after_it_was_rebutted_asks_nobody(self, person, clerk):
        office.bring(office.source("dead"), office.row_of(person, date(2026, 8, 20)))
        certify_in_person(person, clerk, document="card", reason="came", note="", actor=Actor.SYSTEM)
        office.bring(office.source("dead"), office.row_of(person, date(2026, 8, 21)))
        assert Case.objects.get().state == "rebutted"
        office.bring(office.source("dead"), office.row_of(person, today()))
        assert sorted(Case.objects.values_list("state", flat=True)) == ["open", "rebutted"]

    def test_signs_of_life_certify_nobody_while_a_hint_is_open_and_then_do(self, person, clerk):
        office.bring(office.source("dead"), office.row_of(person, date(2026, 8, 20)))
        office.bring(office.source(), office.row_of(person, date(2026, 8, 25)))
        assert not Certification.objects.exists()
        assert Case.objects.get().state == "open"
        services.close(Case.objects.get(), "another person", clerk, Actor.SYSTEM)
        assert Certification.objects.get().channel == "matching"

    def test_a_clerk_confirms_with_a_document_and_the_family_is_written_to(self, desk, person, clerk, on_day):
        person.address = "长沙市芙蓉区文艺路1号 410001"
        person.save()
        on_day(date(2026, 9, 15))
        office.bring(office.source("dead"), office.row_of(person, date(2026, 6, 20)))
        case = Case.objects.get()
        at_desk = desk(clerk)
        typed = {
            "died_on": "2026-06-20",
            "document": "火化证 1234",
            "document_on": "2026-06-23",
            "sure": "on",
        }
        wrong = at_desk.post(page("death", case.pk), typed | {"document_on": "2026-06-01"})
        assert wrong.status_code == 422
        assert not Death.objects.exists()
        answer = at_desk.post(page("death", case.pk), typed)
        assert answer["Location"] == f"/console/people/{person.key}"
        death = Death.objects.get()
        assert (death.died_on, death.overpaid_months, death.overpaid_fen) == (date(2026, 6, 20), 3, 900_000)
        assert Order.objects.get().kind == "end"
        case.refresh_from_db()
        assert (case.state, case.closed_by) == ("confirmed", clerk)
        letter = Notice.objects.get(kind="condolence")
        assert (letter.transport, letter.state) == ("letter", "queued")
        assert (
            services.confirm_death(case, date(2026, 6, 20), "x", date(2026, 6, 23), clerk, Actor.SYSTEM)
            == death
        )
        assert Notice.objects.filter(kind="condolence").count() == 1
        at_desk.post("/console/letters")
        letter.refresh_from_db()
        assert letter.state == "printed"

    def test_a_letter_of_sympathy_is_withdrawn_with_the_death(self, person, clerk):
        from jianzai.benefits.services import withdraw_death
        from jianzai.notices.services import waiting_letters

        person.address = "长沙市芙蓉区文艺路1号"
        person.save()
        office.bring(office.source("dead"), office.row_of(person))
        death = services.confirm_death(Case.objects.get(), today(), "x", today(), clerk, Actor.SYSTEM)
        assert waiting_letters(None).filter(kind="condolence").exists()
        withdraw_death(death, make_staff("supervisor"), "alive", Actor.SYSTEM)
        assert Notice.objects.get(kind="condolence").state == "withdrawn"

    @pytest.mark.parametrize("at", ["case", "counter"])
    def test_a_withdrawn_death_opens_the_doubt_again_until_the_person_certifies(
        self, desk, person, clerk, supervisor, at
    ):
        office.bring(office.source("dead"), office.row_of(person))
        case = Case.objects.get()
        typed = {"died_on": "2026-09-01", "document": "火化证 1", "document_on": "2026-09-01", "sure": "on"}
        record = page("death", case.pk) if at == "case" else f"/console/people/{person.key}/death"
        assert desk(clerk).post(record, typed).status_code == 302
        case.refresh_from_db()
        assert (case.state, case.closed_by, case.finding) == ("confirmed", clerk, "火化证 1")
        desk(supervisor).post(f"/console/people/{person.key}/death/withdraw", {"reason": "同名同姓"})
        case.refresh_from_db()
        assert (case.state, case.closed_on, case.closed_by, case.finding) == ("open", None, None, "")
        shown = desk(clerk).get(page("case", case.pk)).text
        assert "同名同姓" in shown
        assert case.person.name in desk(clerk).get(page("cases")).text
        certify_in_person(person, clerk, document="card", reason="came", note="", actor=Actor.SYSTEM)
        case.refresh_from_db()
        assert case.state == "rebutted"

    def test_a_wrong_hint_is_closed_with_a_reason_and_its_record_is_not_theirs(self, desk, person, clerk):
        office.bring(office.source("dead"), office.row_of(person, number=False))
        case = Case.objects.get()
        shown = desk(clerk).get(page("case", case.pk)).text
        assert say("matching.level_same") in shown
        assert AuditEntry.objects.filter(act="matching.record_seen").count() == 1
        missing = desk(clerk).post(page("answer", case.pk), {"answer": "wrong", "finding": " "})
        assert missing.status_code == 422
        desk(clerk).post(page("answer", case.pk), {"answer": "wrong", "finding": "同名"})
        case.refresh_from_db()
        assert case.state == "dismissed"
        sign = Sign.objects.get()
        assert (sign.void, sign.details, sign.exact) == (True, None, False)
        again = desk(clerk).post(
            page("death", case.pk),
            {
                "died_on": "2026-09-01",
                "document": "x",
                "document_on": "2026-09-01",
                "sure": "on",
            },
        )
        assert again.status_code == 422
        assert not Death.objects.exists()

    def test_what_was_answered_is_listed_apart(self, desk, person, clerk):
        office.bring(office.source("dead"), office.row_of(person))
        at_desk, answered = desk(clerk), page("cases") + "?state=closed"
        assert person.name in at_desk.get(page("cases")).text
        assert person.name not in at_desk.get(answered).text
        services.close(Case.objects.get(), "同名的另一人", clerk, Actor.SYSTEM)
        assert person.name not in at_desk.get(page("cases")).text
        shown = at_desk.get(answered).text
        for told in (person.name, "同名的另一人", say("matching.case_state_dismissed"), clerk.name):
            assert told in shown
        elsewhere = desk(make_staff("clerk", OTHER_DISTRICT)).get(answered).text
        assert person.name not in elsewhere

    @pytest.mark.parametrize("says", ["prison", "absent"])
    def test_prison_and_absence_are_confirmed_by_a_document_and_stop_nothing(self, desk, person, clerk, says):
        office.bring(office.source(says), office.row_of(person))
        case = Case.objects.get()
        desk(clerk).post(page("answer", case.pk), {"answer": "right", "finding": "判决书 77"})
        case.refresh_from_db()
        assert (case.kind, case.state) == (says, "confirmed")
        assert not Order.objects.exists()

    def test_a_hint_of_somebody_known_to_be_dead_asks_nobody(self, person, clerk):
        office.bring(office.source("dead"), office.row_of(person))
        services.confirm_death(Case.objects.get(), today(), "x", today(), clerk, Actor.SYSTEM)
        office.bring(office.source("prison"), office.row_of(person))
        assert Case.objects.count() == 1

    def test_somebody_else_under_the_number(self, person):
        from jianzai.registry.signals import replaced

        office.bring(office.source("dead"), office.row_of(person))
        office.bring(office.source(), office.row_of(person))
        replaced.send(type(person), person=person, actor=Actor.SYSTEM)
        assert Case.objects.get().state == "overtaken"
        assert not Sign.objects.filter(says="alive").exists()
        assert Sign.objects.get().details is None


class TestKeptForATime:
    def test_a_sign_of_life_goes_when_it_expires(self, person, on_day):
        office.bring(office.source(trust=1), office.row_of(person))
        enforce_retention(today() + timedelta(days=90))
        assert Sign.objects.exists()
        enforce_retention(today() + timedelta(days=91))
        assert not Sign.objects.exists()

    def test_a_file_nobody_took_over_goes_after_a_day(self, person, supervisor):
        source = office.source()
        file = services.receive(
            source, "a.csv", office.table(office.row_of(person)), supervisor, Actor.SYSTEM
        )
        work()
        SignFile.objects.filter(pk=file.pk).update(made="2026-01-01T00:00Z")
        enforce_retention(today())
        assert not SignFile.objects.exists()

    def test_what_is_kept_of_a_file_is_sealed(self, person, supervisor):
        source = office.source("dead")
        content = office.table(office.row_of(person))
        file = services.receive(source, "a.csv", content, supervisor, Actor.SYSTEM)
        file.refresh_from_db()
        assert person.name.encode() not in bytes(file.content)
        office.bring(source, office.row_of(person))
        assert person.name.encode() not in bytes(Sign.objects.get().details)


def test_sources_of_another_area_are_nobodys_business(desk, person):
    elsewhere = Area.objects.get(code=ELSEWHERE)
    source = office.source(area=elsewhere, code="elsewhere")
    assert desk(make_staff("supervisor")).get(page("source", source.pk)).status_code == 404
