"""Lists sent, signed, taken back, left lying; faces, other ways, deaths, sweeps and years: in any order."""

from __future__ import annotations

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
from jianzai.certification.models import Certification, Obligation, ReviewCase
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import certify, end_holds, open_cycle, open_this_years_cycle
from jianzai.channels.station import services
from jianzai.channels.station.errors import (
    EverybodyStruckOut,
    ListEnded,
    NobodyToList,
    SampleEnded,
    SecondSignerNeeded,
)
from jianzai.channels.station.models import Sample, SeenList, SeenPerson
from jianzai.channels.station.tasks import see_to_lists
from jianzai.clock import today
from jianzai.registry.signals import replaced
from tests.channels.station import office
from tests.people import make_person
from tests.registry.people import staff

PEOPLE = 3
everyone = st.integers(0, PEOPLE - 1)
some = st.sets(everyone, min_size=1)


class Employer(RuleBasedStateMachine):
    """Three who retired from one employer, two of its staff, a clerk, and the days going by."""

    @initialize(policy=st.sampled_from(["changsha-2013", "rolling-12-months"]))
    def opens(self, policy):
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.day = date(2026, 9, 1)
        clock.move_to(self.day)
        self.people = [make_person(employer=office.EMPLOYER) for _ in range(PEOPLE)]
        where = self.people[0].area
        self.signers = [staff("employer", where), staff("employer", where)]
        self.clerk = staff("supervisor", where)
        open_cycle(2026, Actor.SYSTEM, policy)
        self.dead: set[int] = set()
        self.signed: set[int] = set()

    def teardown(self):
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def move(self, day: date):
        self.day = day
        clock.move_to(day)
        see_to_lists(0)  # as the worker does every hour
        end_holds(day)

    @rule(days=st.integers(1, 3) | st.integers(1, 50))
    def days_go_by(self, days):
        self.move(self.day + timedelta(days=days))

    @precondition(lambda self: self.day.year < 2028)
    @rule(day=st.integers(0, 300))
    def the_next_year_begins(self, day):
        self.move(date(self.day.year + 1, 1, 1) + timedelta(days=day))
        open_this_years_cycle(Actor.SYSTEM)

    @precondition(lambda self: self.day.month == 12 and self.day.year < 2028)
    @rule()
    def new_year_comes(self):
        self.the_next_year_begins(0)

    @rule(who=some, by=st.integers(0, 1))
    def send(self, who, by):
        chosen = [self.people[one] for one in sorted(who)]
        before = SeenList.objects.count()
        try:
            sent = office.send(self.signers[by], chosen)
        except NobodyToList:
            assert SeenList.objects.count() == before
        else:
            assert office.send(self.signers[by], [entry.person for entry in sent.people.all()]) == sent

    @precondition(lambda self: SeenList.objects.exists())
    @rule(data=st.data(), by=st.integers(0, 1), struck=st.just(set()) | st.sets(everyone))
    def sign(self, data, by, struck):
        seen_list, signer = self.any_list(data), self.signers[by]
        out = [self.people[one] for one in struck]
        try:
            office.sign(seen_list, signer, out)
        except EverybodyStruckOut:
            assert seen_list.state == "sent"
        except SecondSignerNeeded:
            assert seen_list.first == signer
        except ListEnded:
            assert seen_list.state != "sent"
        else:
            self.signed.add(seen_list.pk)
            counts = Certification.objects.count(), Sample.objects.count()
            office.sign(seen_list, signer)
            assert counts == (Certification.objects.count(), Sample.objects.count())

    @precondition(lambda self: SeenList.objects.exists())
    @rule(data=st.data())
    def take_back(self, data):
        seen_list = self.any_list(data)
        try:
            services.withdraw_list(seen_list, Actor.SYSTEM)
        except ListEnded:
            assert seen_list.state in ("signed", "lapsed")

    @rule(who=everyone)
    def certify_another_way(self, who):
        if who not in self.dead:
            duty = current_obligation(self.people[who])
            certify(duty, "in_person", Actor.SYSTEM, evidence={}, in_person=True)

    @precondition(lambda self: self.day.year > 2026)
    @rule(who=everyone)
    def evidence_of_last_year_becomes_known(self, who):
        old = Obligation.objects.filter(person=self.people[who], cycle__year=self.day.year - 1).first()
        if old and who not in self.dead:
            on = date(self.day.year - 1, 12, 31)
            certify(old, "mail", Actor.SYSTEM, evidence={}, in_person=True, on=on)

    @rule(who=everyone, decision=st.sampled_from(["same", "not_same"]))
    def show_a_face(self, who, decision):
        office.face(self.people[who], decision)
        if decision == "same" and who not in self.dead:
            duty = current_obligation(self.people[who])
            certify(duty, "online", Actor.SYSTEM, evidence={}, in_person=True)

    @precondition(lambda self: Sample.objects.exists())
    @rule(data=st.data())
    def meet_somebody_drawn(self, data):
        sample = data.draw(st.sampled_from(list(Sample.objects.order_by("id"))))
        try:
            services.answer_sample(sample, self.clerk, "card", Actor.SYSTEM)
        except SampleEnded:
            assert sample.state == "dropped"

    @precondition(lambda self: not self.dead)
    @rule(who=everyone, dies=st.sampled_from([True, False, False]))
    def die(self, who, dies):
        if dies:
            record_death(self.people[who], self.day, "certificate", self.day, self.clerk, Actor.SYSTEM)
            self.dead.add(who)

    @rule(who=everyone, happens=st.sampled_from([True, False, False, False]))
    def somebody_else_takes_the_number(self, who, happens):
        if happens:
            replaced.send(type(self), person=self.people[who], actor=Actor.SYSTEM)

    @rule()
    def sweep(self):
        before = set(Pause.objects.values_list("pk", flat=True))
        waiting = set(SeenPerson.objects.filter(waiting=True).values_list("person", flat=True))
        sweep_now(self.day, Actor.SYSTEM)
        paused = Pause.objects.exclude(pk__in=before).values_list("person", flat=True)
        assert not waiting & set(paused)

    @invariant()
    def the_record_is_right(self):
        waiting = SeenPerson.objects.filter(waiting=True).select_related("seen_list", "person")
        for entry in waiting:
            assert entry.seen_list.state == "sent"
            holds = standing_of(current_obligation(entry.person)).holds
            held = [hold for hold in holds if hold.case == entry.seen_list.case and hold.closed_on is None]
            assert held
            assert held[0].last_day >= self.day
        cases = {entry.seen_list.case for entry in waiting}
        for duty in Obligation.objects.all():
            for hold in standing_of(duty).holds:
                mine = [e for e in waiting if e.person_id == duty.person_id and e.seen_list.case == hold.case]
                assert hold.closed_on or (hold.case in cases and mine)
        by_list = Certification.objects.filter(channel="station")
        assert {one.evidence["list"] for one in by_list} <= self.signed
        for one in by_list:
            assert one.on == SeenList.objects.get(pk=one.evidence["list"]).day
        drawn = Sample.objects.values_list("seen__seen_list", flat=True).distinct()
        brought = {one.evidence["list"] for one in by_list}
        assert set(drawn) == brought
        for sample in Sample.objects.filter(state="asked"):
            assert sample.answer_by >= today()
        for case in ReviewCase.objects.filter(kind="sample"):
            assert case.holds_until is None
            ended = Sample.objects.filter(case=case).exclude(state="unanswered")
            assert (case.state == "open") != ended.exists()

    def any_list(self, data) -> SeenList:
        every = list(SeenList.objects.order_by("id"))
        open_ones = [one for one in every if one.state == "sent"]
        return data.draw(st.sampled_from(every) | st.sampled_from(open_ones or every))


@pytest.mark.django_db
def test_in_any_order(on_day):
    run_state_machine_as_test(
        Employer,
        settings=settings(
            max_examples=20,
            stateful_step_count=16,
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
