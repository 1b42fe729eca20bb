"""Arrived, read, accepted, sent back, reported, certified otherwise, died: in any order, on PostgreSQL."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.benefits.models import Pause
from jianzai.benefits.services import record_death, sweep_now
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import certify, end_holds, open_cycle, open_this_years_cycle
from jianzai.channels.mail import services
from jianzai.channels.mail.errors import (
    AttestedAfterDeath,
    AttestedLate,
    FormUsed,
    NotReadYet,
    OutOfCycle,
    PersonMissing,
    SheetDecided,
)
from jianzai.channels.mail.models import REPORTED, WAITING, Form, Sheet
from jianzai.channels.mail.payload import Kind
from jianzai.channels.mail.tasks import see_to_sheets
from jianzai.entitlement import IllegalEvent
from tests.channels.mail import office
from tests.people import make_person, make_staff

PEOPLE = 3
everyone = st.integers(0, PEOPLE - 1)
forms = st.sampled_from([Kind.ELSEWHERE, Kind.HMT])
PAPERS = {Kind.ELSEWHERE: office.ATTESTER, Kind.HMT: "香港工会联合会", Kind.LETTER: office.ATTESTER}


class Office(RuleBasedStateMachine):
    """A few people, papers that come and go, and the days going by."""

    @initialize()
    def opens(self):
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.day = date(2026, 9, 1)
        clock.move_to(self.day)
        self.people = [make_person() for _ in range(PEOPLE)]
        self.clerk = make_staff("clerk")
        open_cycle(2026, Actor.SYSTEM, "changsha-2013")
        self.dead: set[int] = set()
        self.certified_by: dict[int, int] = {}  # certification by sheet
        self.arrive(0, Kind.ELSEWHERE, True)

    def teardown(self):
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def move(self, day: date):
        self.day = day
        clock.move_to(day)
        see_to_sheets(0)  # as the worker does every hour
        end_holds(day)
        self.nothing_is_held_for_what_is_over()

    @rule(days=st.integers(1, 3) | st.integers(1, 60))
    def days_go_by(self, days):
        self.move(self.day + timedelta(days=days))

    @precondition(lambda self: self.day.year < 2028)
    @rule(day=st.integers(0, 300))
    def the_next_year_begins(self, day):
        self.day = date(self.day.year + 1, 1, 1) + timedelta(days=day)
        clock.move_to(self.day)
        open_this_years_cycle(Actor.SYSTEM)
        self.move(self.day)

    @rule(who=everyone, kind=forms, read=st.booleans())
    def arrive(self, who, kind, read):
        if who in self.dead:
            return
        form = office.issued(self.people[who], kind)
        assert office.issued(self.people[who], kind) == form
        if not form.sheets.filter(state__in=WAITING).exists():
            office.waiting(self.people[who], self.clerk, kind, read=read)

    @rule(who=everyone, kind=st.sampled_from([Kind.LETTER, Kind.NEWSPAPER]))
    def another_paper_arrives(self, who, kind):
        self.people[who].refresh_from_db()
        if who not in self.dead or self.people[who].died_on < self.day:
            office.paper(self.people[who], self.clerk, kind)

    @rule(data=st.data())
    def the_worker_reads(self, data):
        if unread := list(Sheet.objects.filter(state="received").order_by("pk")):
            sheet = data.draw(st.sampled_from(unread))
            office.read_by_hand(sheet, data.draw(st.sampled_from(["alive", "alive", "", "dead", "missing"])))

    @rule(data=st.data(), ago=st.sampled_from([0, 0, 1, 20, 200]))
    def accept(self, data, ago):
        with self.only_once() as sheet:
            chosen = sheet(data)
            on = chosen.received_on - timedelta(days=ago if chosen.kind != Kind.NEWSPAPER else ago % 20)
            attester = PAPERS.get(Kind(chosen.kind), "")
            done = services.accept(
                chosen, services.Attestation(on, attester=attester), self.clerk, Actor.SYSTEM
            )
            again = services.accept(
                chosen, services.Attestation(on, attester=attester), self.clerk, Actor.SYSTEM
            )
            assert again.certification_id == done.certification_id
            if done.certification_id:
                known = self.certified_by.setdefault(chosen.pk, done.certification_id)
                assert known == done.certification_id

    @rule(data=st.data())
    def send_back(self, data):
        with self.only_once() as sheet:
            chosen = sheet(data)
            reason = services.reasons_for(Kind(chosen.kind))[0]
            services.reject(chosen, [reason], "", self.clerk, Actor.SYSTEM)

    @rule(data=st.data(), says=st.sampled_from(REPORTED))
    def it_says_something_else(self, data, says):
        with self.only_once() as sheet:
            services.report(sheet(data), says, "as it says", self.clerk, Actor.SYSTEM)

    @contextmanager
    def only_once(self):
        """What is decided is not decided again otherwise; nothing else is refused without its reason."""
        chosen = []

        def sheet(data):
            every = list(Sheet.objects.order_by("pk"))
            waiting = [one for one in every if one.waiting]
            chosen.append(data.draw(st.sampled_from(every) | st.sampled_from(waiting or every)))
            return chosen[0]

        try:
            with transaction.atomic():
                yield sheet
        except SheetDecided:
            assert not chosen[0].waiting
        except NotReadYet:
            assert chosen[0].state == "received"
        except PersonMissing:
            assert chosen[0].person is None
        except (OutOfCycle, AttestedLate, FormUsed):
            pass
        except AttestedAfterDeath:
            assert chosen[0].person.died_on
        except IllegalEvent:  # a newspaper does not do what an attesting body does
            assert chosen[0].kind == Kind.NEWSPAPER

    @rule(who=everyone)
    def certify_otherwise(self, who):
        if who not in self.dead:
            obligation = current_obligation(self.people[who])
            certify(obligation, "in_person", Actor.SYSTEM, evidence={}, in_person=True)

    @precondition(lambda self: not self.dead)
    @rule(who=everyone, dies=st.sampled_from([True, False, False]))
    def die(self, who, dies):
        if dies:
            record_death(self.people[who], self.day, "certificate", self.day, self.clerk, Actor.SYSTEM)
            self.dead.add(who)

    @rule()
    def sweep(self):
        before = set(Pause.objects.values_list("pk", flat=True))
        waiting = set(Sheet.objects.filter(state__in=WAITING).values_list("person", flat=True))
        sweep_now(self.day, Actor.SYSTEM)
        paused = Pause.objects.exclude(pk__in=before).values_list("person", flat=True)
        assert not waiting & set(paused)

    @invariant()
    def the_record_is_right(self):
        for sheet in Sheet.objects.select_related("person", "form"):
            standing = standing_of(current_obligation(sheet.person))
            held = [hold for hold in standing.holds if hold.case == sheet.case and hold.closed_on is None]
            if sheet.waiting:
                if sheet.person.died_on:  # a clerk says what it proves
                    continue
                assert standing.certified_on or any(hold.last_day >= self.day for hold in held)
            else:
                assert held == []
            if sheet.form:
                assert sheet.form.person == sheet.person
                assert sheet.form.used >= (sheet.state == "accepted")
        for form in Form.objects.all():
            assert form.sheets.filter(state="accepted").count() <= 1
            assert form.sheets.filter(state__in=WAITING).count() <= 1
        for number, certification in self.certified_by.items():
            assert Sheet.objects.get(pk=number).certification_id == certification
        for certification in Certification.objects.filter(channel="mail"):
            papers = Sheet.objects.filter(pk__in=certification.evidence["sheets"])
            assert {paper.state for paper in papers} == {"accepted"}
            assert sum(paper.strength for paper in papers) >= 3
            assert {paper.person_id for paper in papers} == {certification.person_id}
            assert min(paper.attested_on for paper in papers) == certification.on

    def nothing_is_held_for_what_is_over(self):
        over = {sheet.case for sheet in Sheet.objects.exclude(state__in=WAITING)}
        for obligation in Obligation.objects.all():
            holds = standing_of(obligation).holds
            assert not {hold.case for hold in holds if hold.closed_on is None} & over


@pytest.mark.django_db
def test_in_any_order(on_day):
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=15,
            stateful_step_count=18,
            deadline=None,
            phases=[
                Phase.explicit,
                Phase.reuse,
                Phase.generate,
            ],  # shrinking through a database takes an hour
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert connection.in_atomic_block  # nothing of it was committed
