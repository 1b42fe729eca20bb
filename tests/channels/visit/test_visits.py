"""A home visit from the family's first click to the certification, over HTTP."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits.models import Order, Pause
from jianzai.benefits.services import record_death, sweep_now, withdraw_death
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import (
    certify,
    certify_in_person,
    enforce_retention,
    open_this_years_cycle,
)
from jianzai.channels.online.models import SignInFailures
from jianzai.channels.visit import services
from jianzai.channels.visit.errors import AwaitsSignature
from jianzai.channels.visit.models import Appointment, HomeVisit, Team
from jianzai.channels.visit.queries import under_way, waiting
from jianzai.channels.visit.slots import Half
from jianzai.channels.visit.tasks import see_to_visits
from jianzai.clock import today
from jianzai.entitlement import Status
from jianzai.notices.models import Notice
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.channels.visit import office
from tests.people import OTHER_DISTRICT, make_person, make_staff

pytestmark = pytest.mark.django_db


def page(name: str, *arguments) -> str:
    return reverse(f"visit-desk:{name}", args=arguments)


def met(second, **more) -> dict:
    return {"second": second.pk, "document": "居民身份证原件", **more}


def as_read(visit: HomeVisit) -> dict:
    """What the page that asks for the signature posts along."""
    return {"shown": HomeVisit.objects.get(pk=visit.pk).told_digest}


def told(person, kind: str) -> list[Notice]:
    return list(Notice.objects.filter(person=person, kind=kind).exclude(state="withdrawn"))


def hold_of(visit: HomeVisit):
    holds = standing_of(Obligation.objects.get(person=visit.person)).holds
    return next(each for each in holds if each.case == visit.case)


class TestOnTheSite:
    def test_a_request_holds_the_pause_and_shows_to_whom_it_is_theirs(self, family, person, team, on_day):
        blank = family.get("/visit/").text
        assert office.ADDRESS not in blank
        assert blank.count('<option value="" selected>') == 2  # nothing is chosen for them
        answer = family.post("/visit/", office.TYPED)
        assert answer.status_code == 302
        visit = HomeVisit.objects.get()
        assert (visit.relation, visit.reason, visit.taken_by) == ("child", "bedridden", None)
        assert (visit.seen_to.address, visit.seen_to.phone) == (office.ADDRESS, office.PHONE)
        assert office.ADDRESS.encode() not in bytes(visit.contact)
        assert say("visit.under_way") in family.get("/me").text
        services.book(visit, team, date(2026, 9, 3), Half.MORNING, Actor.SYSTEM)
        new = "芙蓉区解放东路 18 号 3 栋 502"
        answer = family.post("/visit/contact", {"address": new, "phone": office.PHONE}, follow=True)
        assert all(each in answer.text for each in (new, office.PHONE, say("visit.contact_changed")))
        other = Client()  # knows the name and the number, as family and strangers do
        other.post("/sign-in", {"name": person.name, "number": identity_number(person)})
        for _ in range(6):
            pages = [other.get(each).text for each in ("/visit/", "/visit/contact", "/me")]
            pages.append(other.post("/visit/open", {"digits": "1234"}).text)
            assert not any(each in text for text in pages for each in (new, office.PHONE, "9月3日", "09:00"))
            assert "12333" in pages[-1]
        assert other.get("/visit/appointment.ics").url == "/visit/"
        for act in ("cancel", "move", "contact"):
            other.post(f"/visit/{act}", office.TYPED | {"slot": "2026-09-04:afternoon"})
        visit.refresh_from_db()
        assert (visit.state, visit.booked.day, visit.seen_to.address) == ("open", date(2026, 9, 3), new)
        assert other.post("/visit/open", {"digits": "0003"}).status_code == 429  # too many guesses
        SignInFailures.objects.all().delete()  # a day later
        assert new in other.post("/visit/open", {"digits": "０００３"}, follow=True).text
        on_day(date(2026, 12, 1))
        sweep_now(today(), Actor.SYSTEM)
        assert not Pause.objects.exists()
        assert current_obligation(person).status == Status.HELD

    def test_the_same_form_twice_is_one_visit(self, family):
        family.post("/visit/", office.TYPED)
        family.post("/visit/", office.TYPED)
        assert HomeVisit.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [{"phone": "ring me"}, {"phone": "12"}, {"address": ""}, {"relation": "enemy"}, {"reason": ""}],
    )
    def test_what_is_missing_is_said_and_what_was_typed_is_kept(self, family, wrong):
        answer = family.post("/visit/", office.TYPED | wrong)
        assert answer.status_code == 422
        assert say("visit.request_wrong") in answer.text
        assert not HomeVisit.objects.exists()

    def test_who_is_certified_needs_no_visit(self, family, person, clerk):
        certify_in_person(person, clerk, document="card", reason="came", note="", actor=Actor.SYSTEM)
        shown = family.post("/visit/", office.TYPED).text
        assert say("visit.certified_next", due="2027年9月30日", again="2027年1月1日") in shown
        assert not HomeVisit.objects.exists()

    def test_nobody_asks_without_signing_in(self, client, person):
        for address in ("/visit/", "/visit/cancel", "/visit/appointment.ics"):
            assert client.get(address)["Location"].startswith("/sign-in")
        assert client.post("/visit/", office.TYPED)["Location"] == "/sign-in"
        assert not HomeVisit.objects.exists()

    def test_after_three_requests_called_off_a_clerk_takes_the_next(self, family, person, clerk):
        for _ in range(3):
            family.post("/visit/", office.TYPED)
            family.post("/visit/cancel")
        assert family.post("/visit/", office.TYPED)["Location"] == "/refused"
        assert say("visit.too_many_requests") in family.get("/refused").text
        assert office.requested(person, clerk).state == "open"
        assert HomeVisit.objects.count() == 4

    def test_the_family_moves_the_appointment_and_calls_it_off(self, family, person, team):
        family.post("/visit/", office.TYPED)
        visit = HomeVisit.objects.get()
        services.book(visit, team, date(2026, 9, 3), Half.MORNING, Actor.SYSTEM)
        assert told(person, "visit_booked")[0].state == "queued"
        shown = family.get("/visit/")
        assert told(person, "visit_booked")[0].state == "sent"
        assert say("visit.when_morning", day="2026年9月3日", weekday="星期四", time="09:00") in shown.text
        assert "2026-09-03:morning" not in shown.text
        family.post("/visit/move", {"slot": "2030-01-01:morning"})  # was not offered
        assert Appointment.objects.count() == 1
        answer = family.post("/visit/move", {"slot": "2026-09-04:afternoon"}, follow=True)
        moved = say("visit.when_afternoon", day="2026年9月4日", weekday="星期五", time="14:00")
        assert say("visit.visit_moved", when=moved) in answer.text
        states = dict(Appointment.objects.values_list("day", "state"))
        assert states == {date(2026, 9, 3): "moved", date(2026, 9, 4): "booked"}
        assert [notice.body["day"] for notice in told(person, "visit_booked")] == ["2026-09-04"]
        answer = family.post("/visit/cancel", follow=True)
        assert say("visit.cancelled_lead", due="2026年9月30日") in answer.text
        visit.refresh_from_db()
        assert (visit.state, visit.ended_on) == ("cancelled", today())
        assert hold_of(visit).closed_on == today()
        assert told(person, "visit_booked") == []
        assert Appointment.objects.filter(state="booked").count() == 0

    def test_whom_two_officers_met_reads_the_same_on_every_page(
        self, family, person, team, clerk, supervisor
    ):
        services.meet(office.booked(person, team), services.Meeting(clerk, supervisor, "card"), Actor.SYSTEM)
        for each in ("/visit/", "/me"):
            assert say("visit.under_way_met") in family.get(each).text
        assert say("visit.locked_asked") not in family.get("/visit/").text

    def test_who_certified_after_calling_it_off_is_not_told_to_certify(self, family, person, clerk, on_day):
        services.cancel(office.requested(person), "", Actor("person"))
        assert say("visit.ask_again") in family.get("/visit/cancel").text
        certify_in_person(person, clerk, document="card", reason="came", note="", actor=Actor.SYSTEM)
        assert family.get("/visit/cancel").url == "/visit/"
        on_day(date(2027, 1, 4))
        open_this_years_cycle(Actor.SYSTEM)
        assert family.get("/visit/cancel").url == "/visit/"

    def test_the_calendar_file_names_nobody(self, family, person, team):
        assert family.get("/visit/appointment.ics").url == "/visit/"
        family.post("/visit/", office.TYPED)
        services.book(HomeVisit.objects.get(), team, date(2026, 9, 3), Half.AFTERNOON, Actor.SYSTEM)
        answer = family.get("/visit/appointment.ics")
        lines = answer.content.split(b"\r\n")
        assert lines[0] == b"BEGIN:VCALENDAR"
        assert b"DTSTART:20260903T060000Z" in lines  # two in the afternoon in Changsha
        assert b"DTEND:20260903T073000Z" in lines
        assert all(len(line) <= 75 for line in lines)
        unfolded = answer.content.replace(b"\r\n ", b"").decode()
        assert say("visit.calendar_title") in unfolded
        assert not any(each in unfolded for each in (person.name, office.ADDRESS, office.PHONE))


class TestPlanning:
    def test_communities_stand_in_the_order_of_their_oldest_deadline(self, desk, clerk, person, team, on_day):
        late = make_person(name="赵德柱", area=OTHER_DISTRICT)
        for each in (person, late):
            office.requested(each)
        Obligation.objects.filter(person=late).update(due=date(2026, 9, 10))
        shown = desk(clerk).get(page("planning")).context["communities"]
        assert [one.area.name for one in shown] == ["天心区", "芙蓉区"]
        assert shown[0].waiting[0].proposed is None  # no team goes there
        proposed = shown[1].waiting[0].proposed
        assert (proposed.team, proposed.day, proposed.half) == (team, date(2026, 9, 2), "morning")

    def test_a_half_day_in_the_same_community_is_proposed_first(self, desk, clerk, person, team):
        office.booked(make_person(name="李大妈"), team, date(2026, 9, 7), Half.AFTERNOON)
        office.requested(person)
        (community,) = desk(clerk).get(page("planning")).context["communities"]
        proposed = community.waiting[0].proposed
        assert (proposed.day, proposed.half, proposed.nearby) == (date(2026, 9, 7), "afternoon", 1)

    def test_a_clerk_takes_a_request_books_moves_and_calls_off_with_a_reason(self, desk, clerk, person, team):
        client = desk(clerk)
        assert page("request", person.key) in client.get(reverse("console:person", args=[person.key])).text
        answer = client.post(page("request", person.key), office.TYPED)
        visit = HomeVisit.objects.get()
        assert answer["Location"] == page("visit", visit.pk)
        assert (visit.taken_by, office.ADDRESS in client.get(answer["Location"]).text) == (clerk, True)
        client.post(page("contact", visit.pk), {"address": "医院 3 床", "phone": office.PHONE})
        assert "医院 3 床" in client.get(answer["Location"]).text
        slot = {"team": team.pk, "day": "2026-09-03", "half": "morning"}
        client.post(page("book", visit.pk), slot)
        client.post(page("book", visit.pk), slot)
        assert Appointment.objects.count() == 1
        assert len(told(person, "visit_booked")) == 1
        client.post(page("book", visit.pk), slot | {"half": "afternoon"})
        assert sorted(Appointment.objects.values_list("half", "state")) == [
            ("afternoon", "booked"),
            ("morning", "moved"),
        ]
        assert client.post(page("cancel", visit.pk), {"reason": ""}).status_code == 422
        client.post(page("cancel", visit.pk), {"reason": "家属来电，改到服务站办理"})
        visit.refresh_from_db()
        assert (visit.state, visit.ended_by) == ("cancelled", clerk)
        assert len(told(person, "visit_cancelled")) == 1
        assert under_way(person) == say("visit.called_off")
        acts = list(AuditEntry.objects.filter(act__startswith="visit.").values_list("act", flat=True))
        assert acts.count("visit.booked") == 2
        assert {"visit.requested", "visit.ended"} <= set(acts)
        details = str(list(AuditEntry.objects.values_list("details", flat=True)))
        assert office.ADDRESS not in details
        assert office.PHONE not in details

    def test_a_full_half_day_a_past_day_and_a_foreign_team_are_refused(self, desk, clerk, person, team):
        for name in ("李大妈", "赵大爷"):
            office.booked(make_person(name=name), team, date(2026, 9, 3))
        visit, client = office.requested(person), desk(clerk)
        slot = {"team": team.pk, "day": "2026-09-03", "half": "morning"}
        answer = client.post(page("book", visit.pk), slot)
        assert answer.status_code == 422
        assert say("visit.slot_full") in answer.text
        assert (
            say("visit.slot_past") in client.post(page("book", visit.pk), slot | {"day": "2026-08-31"}).text
        )
        elsewhere = office.team(make_person(area=OTHER_DISTRICT).area, "天心组")
        assert client.post(page("book", visit.pk), slot | {"team": elsewhere.pk}).status_code == 422
        assert not visit.appointments.exists()

    def test_the_database_keeps_a_team_out_of_two_homes_and_within_its_capacity(self, person, team):
        visits = [office.requested(each) for each in (person, make_person(), make_person())]
        morning = timezone.make_aware(datetime(2026, 9, 3, 9))

        def insert(visit, begins):
            with transaction.atomic():
                return Appointment.objects.create(
                    visit=visit,
                    team=team,
                    day=date(2026, 9, 3),
                    half="morning",
                    period=DateTimeTZRange(begins, begins + timedelta(hours=1)),
                )

        insert(visits[0], morning)
        with pytest.raises(IntegrityError, match="no_team_in_two_homes"):
            insert(visits[1], morning + timedelta(minutes=30))
        insert(visits[1], morning + timedelta(hours=1))
        with pytest.raises(IntegrityError, match="makes 2 visits"):
            insert(visits[2], morning + timedelta(hours=2))
        with pytest.raises(IntegrityError, match="one_open_visit_a_person"), transaction.atomic():
            HomeVisit.objects.create(
                person=person,
                obligation=visits[0].obligation,
                reason="other",
                relation="person",
                requested_on=today(),
                holds_until=today(),
            )

    def test_the_sheet_of_a_day_is_printed_and_the_look_recorded(self, desk, clerk, person, team):
        person.name = "#欧阳*上官$"
        person.save()
        office.booked(person, team, date(2026, 9, 3))
        address = page("sheet", team.pk, "2026-09-03")
        answer = desk(clerk).get(address)
        assert answer.content.startswith(b"%PDF")
        assert AuditEntry.objects.get(act="visit.sheet_printed").details["visits"] == 1
        for wrong in (page("sheet", team.pk, "2026-09-04"), page("sheet", team.pk, "tomorrow")):
            assert desk(clerk).get(wrong).status_code == 404
        assert desk(make_staff("clerk", OTHER_DISTRICT)).get(address).status_code == 404

    def test_a_teams_day_is_there_for_its_calendar_and_names_nobody(self, desk, clerk, person, team):
        visit = office.booked(person, team, date(2026, 9, 3), Half.AFTERNOON)
        office.booked(make_person(name="李大妈"), team, date(2026, 9, 3))
        address = page("calendar", team.pk, "2026-09-03")
        client = desk(clerk)
        assert address in client.get(page("planning")).text
        assert address in client.get(page("visit", visit.pk)).text
        answer = client.get(address)
        unfolded = answer.content.replace(b"\r\n ", b"").decode()
        assert answer["Content-Type"].startswith("text/calendar")
        assert unfolded.count("BEGIN:VEVENT") == unfolded.count("END:VEVENT") == 2
        assert "DTSTART:20260903T060000Z" in unfolded
        assert page("visit", visit.pk) in unfolded
        assert not any(each in unfolded for each in (person.name, "李大妈", office.ADDRESS, office.PHONE))
        assert client.get(page("calendar", team.pk, "2026-09-04")).status_code == 404
        assert desk(make_staff("clerk", OTHER_DISTRICT)).get(address).status_code == 404

    def test_a_free_half_day_is_pressed_and_fills_the_form_in(self, desk, clerk, person, team):
        visit = office.requested(person)
        address = page("visit", visit.pk)
        client = desk(clerk)
        pressed = f"?team={team.pk}&day=2026-09-04&half=afternoon"
        assert f"{pressed}#book".replace("&", "&amp;") in client.get(address).text
        form = client.get(address + pressed).context["form"]
        assert (form["team"].value(), form["day"].value(), form["half"].value()) == (
            team.pk,
            date(2026, 9, 4),
            "afternoon",
        )
        for wrong in ("?team=x&day=tomorrow&half=night", f"?team={team.pk}&day=2020-01-01&half=morning"):
            assert client.get(address + wrong).context["form"]["day"].value() == date(2026, 9, 2)

    def test_it_is_said_from_when_on_the_result_can_be_entered(self, desk, clerk, person, team, on_day):
        visit = office.booked(person, team, date(2026, 9, 3))
        told, client = say("visit.outcome_from", day="2026-09-03"), desk(clerk)
        for address in (page("planning"), page("visit", visit.pk)):
            assert told in client.get(address).text
        on_day(date(2026, 9, 3))
        for address in (page("planning"), page("visit", visit.pk)):
            shown = client.get(address).text
            assert told not in shown
            assert page("outcome", visit.pk) in shown

    def test_teams_are_kept_by_a_supervisor_within_the_area(self, desk, supervisor, person, team):
        client = desk(supervisor)
        typed = {"name": "上门二组", "area": person.area_id, "capacity": 3, "active": "on"}
        client.post(page("teams"), typed)
        made = Team.objects.get(name="上门二组")
        assert client.post(page("teams"), typed).status_code == 422
        assert client.post(page("teams"), typed | {"name": "x", "capacity": 0}).status_code == 422
        assert client.post(page("teams"), typed | {"name": "x", "area": "110101000000"}).status_code == 422
        client.post(page("team", made.pk), typed | {"active": "", "capacity": 4})
        made.refresh_from_db()
        assert (made.active, made.capacity, Team.objects.count()) == (False, 4, 2)


class TestTheOutcome:
    @pytest.fixture
    def visit(self, person, team):
        """Booked for the third of September."""
        return office.booked(person, team, date(2026, 9, 3))

    @pytest.fixture
    def second(self, db):
        return make_staff("clerk", username="second")

    def test_two_officers_met_a_paused_person_who_is_paid_again(
        self, desk, clerk, second, person, team, on_day
    ):
        on_day(date(2026, 10, 8))
        sweep_now(today(), Actor.SYSTEM)
        assert current_obligation(person).status == Status.PAUSED
        visit = office.booked(person, team, date(2026, 10, 9))
        on_day(date(2026, 10, 12))
        client = desk(clerk)
        client.post(page("met", visit.pk), met(second))
        client.post(page("met", visit.pk), met(second, note="精神很好"))
        assert say("visit.under_way_met") == under_way(person)
        client.post(page("sign", visit.pk), as_read(visit))  # the first cannot sign for the second
        assert say("visit.not_named") in client.get(page("planning")).text
        assert not Certification.objects.exists()
        client = desk(second)
        assert page("visit", visit.pk) in client.get(page("planning")).text
        assert page("sign", visit.pk) in client.get(page("visit", visit.pk)).text
        for _ in range(2):
            client.post(page("sign", visit.pk), as_read(visit))
        certification = Certification.objects.get(person=person)
        assert (certification.channel, certification.officer) == ("visit", clerk)
        assert certification.on == date(2026, 10, 9)  # the day they met, not of the entry
        assert certification.evidence["second_officer"] == "second"
        assert certification.evidence["reason"] == say("visit.reason_bedridden", "zh")
        visit.refresh_from_db()
        assert (visit.state, visit.released) == ("certified", True)
        assert hold_of(visit).closed_on == today()
        assert current_obligation(person).status == Status.RESUMED
        assert Pause.objects.get(person=person).state == "resumed"
        text = client.get(reverse("console:person", args=[person.key])).text
        assert say("visit.channel") in text
        for shown in (text, client.get(page("visit", visit.pk)).text):
            assert f"{clerk.name}, {second.name}" in shown
            assert "居民身份证原件" in shown
        assert AuditEntry.objects.get(act="visit.signed").details["second"] == "second"

    def test_who_was_named_and_was_not_there_says_so_and_nobody_is_certified(
        self, desk, family, clerk, second, visit, team, on_day
    ):
        on_day(date(2026, 9, 3))
        services.meet(visit, services.Meeting(clerk, second, "card"), Actor.SYSTEM)
        family.post("/visit/cancel")
        with pytest.raises(AwaitsSignature):
            services.book(visit, team, date(2026, 9, 4), Half.MORNING, Actor.SYSTEM)
        assert HomeVisit.objects.get().awaits_signature
        for _ in range(2):
            desk(second).post(page("deny", visit.pk))
        assert AuditEntry.objects.filter(act="visit.denied").count() == 1
        assert hold_of(visit).closed_on is None
        client = desk(clerk)
        assert say("visit.denied", second=second.name) in client.get(page("planning")).text
        third = make_staff("clerk")
        client.post(page("met", visit.pk), met(third))
        desk(third).post(page("sign", visit.pk), as_read(visit))
        assert Certification.objects.get().on == date(2026, 9, 3)

    def test_what_changed_since_it_was_read_is_not_signed(self, desk, clerk, second, visit, on_day):
        on_day(date(2026, 9, 3))
        services.meet(visit, services.Meeting(clerk, second, "card"), Actor.SYSTEM)
        read = as_read(visit)
        assert read["shown"] in desk(second).get(page("visit", visit.pk)).text
        services.meet(visit, services.Meeting(clerk, second, "passport"), Actor.SYSTEM)
        answer = desk(second).post(page("sign", visit.pk), read, follow=True)
        assert say("visit.told_anew") in answer.text
        assert "passport" in answer.text
        assert not Certification.objects.exists()
        desk(second).post(page("sign", visit.pk), as_read(visit))
        assert Certification.objects.get().evidence["document"] == "passport"

    def test_one_officer_alone_or_one_from_elsewhere_certifies_nobody(self, desk, clerk, visit, on_day):
        on_day(date(2026, 9, 3))
        client = desk(clerk)
        assert client.post(page("met", visit.pk), met(clerk)).status_code == 422
        stranger = make_staff("clerk", OTHER_DISTRICT)
        assert client.post(page("met", visit.pk), met(stranger)).status_code == 422
        assert client.post(page("met", visit.pk), met(stranger) | {"document": ""}).status_code == 422
        assert not Certification.objects.exists()

    def test_no_outcome_before_the_day_and_none_without_an_appointment(
        self, desk, clerk, second, visit, on_day
    ):
        client = desk(clerk)
        on_day(date(2026, 9, 2))
        assert say("visit.outcome_none") in client.get(page("outcome", visit.pk)).text
        answer = client.post(page("met", visit.pk), met(second))
        assert say("visit.not_yet", day="2026-09-03") in answer.text
        Appointment.objects.update(state="cancelled")
        answer = client.post(page("not-met", visit.pk), {"found": "nobody"})
        assert answer.status_code == 422
        assert HomeVisit.objects.get().state == "open"

    def test_nobody_at_home_keeps_the_request(self, desk, clerk, visit, on_day):
        on_day(date(2026, 9, 3))
        client = desk(clerk)
        client.post(page("not-met", visit.pk), {"found": "nobody"})
        visit.refresh_from_db()
        assert (visit.state, visit.appointments.get().state) == ("open", "missed")
        assert hold_of(visit).closed_on is None
        (community,) = client.get(page("planning")).context["communities"]
        assert community.waiting[0].visit == visit

    @pytest.mark.parametrize(
        ("found", "leads_to"), [("dead", "death"), ("moved", "person"), ("missing", "person")]
    )
    def test_who_was_not_met_is_held_no_more(self, desk, clerk, visit, on_day, found, leads_to):
        on_day(date(2026, 9, 3))
        client = desk(clerk)
        assert client.post(page("not-met", visit.pk), {"found": found, "finding": " "}).status_code == 422
        answer = client.post(page("not-met", visit.pk), {"found": found, "finding": "邻居告知"})
        assert answer["Location"] == reverse(f"console:{leads_to}", args=[visit.person.key])
        visit.refresh_from_db()
        assert (visit.state, visit.finding, visit.ended_by) == (found, "邻居告知", clerk)
        assert hold_of(visit).closed_on == today()
        assert not Certification.objects.exists()

    def test_a_picture_is_kept_small_sealed_without_what_the_camera_wrote_and_for_half_a_year(
        self, desk, clerk, second, visit, on_day
    ):
        on_day(date(2026, 9, 3))
        taken = office.picture()

        def posted(content: bytes, consent: str):
            file = io.BytesIO(content)
            file.name = "meeting.jpg"
            form = met(second, photograph=file, photograph_consent=consent)
            return client.post(page("met", visit.pk), form)

        client = desk(clerk)
        assert say("visit.photograph_needs_consent") in posted(taken, "").text
        assert say("visit.unusable_photograph") in posted(b"GIF89a" + taken, "person").text
        assert say("visit.unusable_photograph") in posted(huge(taken), "person").text
        assert HomeVisit.objects.get().photograph is None
        assert posted(taken, "relative").status_code == 302
        kept = HomeVisit.objects.get()
        assert (kept.photograph_consent, kept.photograph_until) == ("relative", date(2027, 3, 5))
        shown = client.get(page("photograph", visit.pk))
        assert shown.content.startswith(b"\xff\xd8")
        assert b"GPS" not in shown.content
        assert b"Exif" not in shown.content
        assert shown.content not in bytes(kept.photograph)
        assert AuditEntry.objects.filter(act="visit.photograph_seen").count() == 1
        enforce_retention(date(2027, 3, 5))
        assert HomeVisit.objects.get().photograph is not None
        enforce_retention(date(2027, 3, 6))
        assert HomeVisit.objects.get().photograph is None
        assert client.get(page("photograph", visit.pk)).status_code == 404

    def test_who_agreed_to_the_picture_can_take_it_back(self, desk, clerk, visit):
        office.photographed(visit)
        desk(clerk).post(page("photograph-delete", visit.pk))
        assert HomeVisit.objects.get().photograph is None
        assert AuditEntry.objects.filter(act="visit.photograph_deleted").count() == 1

    def test_where_they_went_is_forgotten_two_months_after_the_end(self, visit, clerk):
        services.cancel(visit, "not needed", Actor.SYSTEM, clerk)
        enforce_retention(today() + timedelta(days=60))
        assert HomeVisit.objects.get().seen_to is not None
        enforce_retention(today() + timedelta(days=61))
        assert HomeVisit.objects.get().seen_to is None


class TestOtherThingsHappen:
    def test_certified_another_way_nobody_has_to_come(self, person, team, clerk):
        visit = office.booked(person, team, date(2026, 9, 3))
        certify_in_person(person, clerk, document="card", reason="came", note="", actor=Actor.SYSTEM)
        visit.refresh_from_db()
        assert (visit.state, visit.appointments.get().state) == ("overtaken", "cancelled")
        assert hold_of(visit).closed_on == today()
        assert told(person, "visit_booked") == []

    def test_a_death_ends_the_visit(self, person, team, supervisor):
        visit = office.booked(person, team, date(2026, 9, 3))
        record_death(person, today(), "certificate 1", today(), supervisor, Actor.SYSTEM)
        visit.refresh_from_db()
        assert visit.state == "overtaken"
        assert hold_of(visit).closed_on == today()

    @pytest.mark.parametrize("told", [True, False], ids=["told before", "told after"])
    def test_met_before_the_death_what_a_pause_withheld_is_paid(
        self, person, team, clerk, supervisor, on_day, told
    ):
        on_day(date(2026, 10, 8))
        sweep_now(today(), Actor.SYSTEM)
        visit = office.booked(person, team, date(2026, 10, 9))
        on_day(date(2026, 10, 12))
        meeting = services.Meeting(clerk, supervisor, "card")
        if told:
            services.meet(visit, meeting, Actor.SYSTEM)
        record_death(person, date(2026, 10, 10), "certificate 1", today(), supervisor, Actor.SYSTEM)
        services.meet(visit, meeting, Actor.SYSTEM)
        assert services.sign(visit, supervisor, Actor.SYSTEM).on == date(2026, 10, 9)
        assert Pause.objects.get().state == "resumed"
        assert Order.objects.filter(kind="end").count() == 2  # the second pays the estate
        assert hold_of(visit).closed_on == today()

    def test_a_mistaken_death_loses_nothing_that_two_officers_saw(
        self, person, team, clerk, supervisor, on_day
    ):
        visit = office.booked(person, team, date(2026, 9, 3))
        on_day(date(2026, 9, 5))
        services.meet(visit, services.Meeting(clerk, supervisor, "card"), Actor.SYSTEM)
        death = record_death(person, today(), "certificate 1", today(), supervisor, Actor.SYSTEM)
        withdraw_death(death, supervisor, "a namesake", Actor.SYSTEM)
        on_day(date(2026, 10, 8))
        sweep_now(today(), Actor.SYSTEM)
        assert not Pause.objects.exists()
        assert services.sign(visit, supervisor, Actor.SYSTEM).on == date(2026, 9, 3)

    def test_who_was_met_is_held_until_somebody_signs_or_takes_it_back(
        self, desk, person, team, clerk, supervisor, on_day
    ):
        visit = office.booked(person, team, date(2026, 9, 3))
        on_day(date(2026, 9, 3))
        taken = {"photograph": office.picture(), "photograph_consent": "person"}
        services.meet(visit, services.Meeting(clerk, supervisor, "card", **taken), Actor.SYSTEM)
        on_day(date(2027, 9, 10))
        see_to_visits(0)
        visit.refresh_from_db()
        assert visit.awaits_signature
        assert visit.holds_until > date(2028, 9, 1)
        assert waiting(clerk) == waiting(supervisor) == 1
        desk(supervisor).post(page("retract", visit.pk))
        visit.refresh_from_db()
        assert visit.awaits_signature
        assert say("visit.do_retract") in desk(clerk).get(page("visit", visit.pk)).text
        desk(clerk).post(page("retract", visit.pk))
        visit.refresh_from_db()
        assert (visit.state, visit.awaits_signature, visit.photograph) == ("open", False, None)
        assert not Certification.objects.exists()

    def test_the_year_turns_while_the_visit_is_open(self, person, team, clerk, on_day):
        visit = office.requested(person)
        on_day(date(2027, 1, 4))
        open_this_years_cycle(Actor.SYSTEM)
        assert current_obligation(person).status == Status.HELD
        certify(current_obligation(person), "in_person", Actor.SYSTEM, evidence={}, in_person=True)
        see_to_visits(0)
        visit.refresh_from_db()
        assert (visit.state, visit.released) == ("overtaken", True)
        for obligation in Obligation.objects.filter(person=person):
            assert all(hold.closed_on for hold in standing_of(obligation).holds)

    def test_met_on_the_last_day_of_a_year_and_told_in_the_next_it_is_last_years(
        self, person, team, clerk, on_day
    ):
        on_day(date(2026, 12, 31))
        visit = office.booked(person, team)
        on_day(date(2027, 1, 4))
        open_this_years_cycle(Actor.SYSTEM)
        meeting = services.Meeting(clerk, make_staff("clerk"), "card")
        services.meet(visit, meeting, Actor.SYSTEM)
        certification = services.sign(visit, meeting.second, Actor.SYSTEM)
        assert (certification.obligation.cycle.year, certification.on) == (2026, date(2026, 12, 31))
        assert current_obligation(person).due == date(2027, 9, 30)

    def test_the_day_before_a_reminder_goes_out_once(self, person, team, on_day):
        office.booked(person, team, date(2026, 9, 4))
        see_to_visits(0)
        assert told(person, "visit_tomorrow") == []
        on_day(date(2026, 9, 3))
        see_to_visits(0)
        see_to_visits(0)
        (notice,) = told(person, "visit_tomorrow")
        assert notice.body["day"] == "2026-09-04"

    def test_a_year_in_which_nothing_happens_ends_the_request(self, person, on_day):
        visit = office.requested(person)
        on_day(date(2027, 9, 1))
        see_to_visits(0)
        assert HomeVisit.objects.get().state == "open"
        on_day(date(2027, 9, 2))
        see_to_visits(0)
        assert HomeVisit.objects.get().state == "lapsed"
        assert hold_of(visit).closed_on == today()


def huge(jpeg: bytes) -> bytes:
    """``jpeg`` with a header that promises 65,000 x 65,000 pixels."""
    at = jpeg.index(b"\xff\xc0")
    return jpeg[: at + 5] + b"\xfd\xe8\xfd\xe8" + jpeg[at + 9 :]
