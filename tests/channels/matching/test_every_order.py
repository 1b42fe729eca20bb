"""Signs of life, hints, certifications, objections, answers, deaths, sweeps: in any order, on PostgreSQL."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
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
from jianzai.benefits.models import Order, Pause
from jianzai.benefits.services import sweep_now
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import certify, enforce_retention, open_cycle, open_this_years_cycle
from jianzai.channels.matching import services
from jianzai.channels.matching.models import HINTS, Case, Sign
from jianzai.channels.matching.queries import certified_by
from jianzai.entitlement import Status
from tests.channels.matching import office
from tests.people import make_person, make_staff

PEOPLE, STRENGTH, OLDEST = 3, 3, 60
everyone = st.integers(0, PEOPLE - 1)
NAMES = ("王桂兰", "李德福", "陈玉珍")


class Office(RuleBasedStateMachine):
    """A few people, an office that believes signs of life of strength 3, and the days going by."""

    @initialize()
    def opens(self):
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.day = date(2026, 9, 1)
        clock.move_to(self.day)
        self.people = [make_person(name=name) for name in NAMES]
        self.staff = make_staff("supervisor")
        self.alive = {trust: office.source(trust=trust, fresh_days=90) for trust in range(4)}
        self.hints = {says: office.source(str(says)) for says in HINTS}
        open_cycle(2026, Actor.SYSTEM)
        self.dead: set[int] = set()
        self.probable_only = {0, 2}
        office.bring(self.hints["dead"], office.row_of(self.people[0], self.day))
        office.bring(self.alive[3], office.row_of(self.people[1], self.day))

    def teardown(self):
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def orders_of(self, kind: str) -> int:
        return Order.objects.filter(kind=kind).count()

    @contextmanager
    def nobody_is_stopped(self):
        """What is done here neither pauses nor ends anything."""
        before = self.orders_of("pause"), self.orders_of("end"), Pause.objects.count()
        yield
        assert (self.orders_of("pause"), self.orders_of("end"), Pause.objects.count()) == before

    @rule(days=st.integers(1, 5) | st.integers(1, 60))
    def days_go_by(self, days):
        self.day += timedelta(days=days)
        clock.move_to(self.day)
        enforce_retention(self.day)

    @precondition(lambda self: self.day.year < 2028)
    @rule(day=st.integers(0, 250))
    def the_next_year_begins(self, day):
        self.day = date(self.day.year + 1, 1, 1) + timedelta(days=day)
        clock.move_to(self.day)
        open_this_years_cycle(Actor.SYSTEM)

    @rule(
        who=everyone,
        trust=st.sampled_from([3, 3, 2, 1, 0]),
        ago=st.integers(0, 20) | st.integers(0, 100),
        number=st.sampled_from([True, True, False]),
        again=st.booleans(),
    )
    def a_sign_of_life(self, who, trust, ago, number, again):
        person, on = self.people[who], self.day - timedelta(days=ago)
        waits = Case.objects.filter(person=person, state="open").exists()
        before = set(Certification.objects.filter(person=person).values_list("pk", flat=True))
        with self.nobody_is_stopped():
            for _ in range(1 + again):
                office.bring(self.alive[trust], office.row_of(person, on, number=number))
        made = Certification.objects.filter(person=person).exclude(pk__in=before)
        if number:
            self.probable_only.discard(who)
        if waits or who in self.dead or not number:
            assert not made

    @rule(
        who=everyone,
        says=st.sampled_from(HINTS),
        ago=st.integers(0, 2) | st.integers(0, 40),
        number=st.booleans(),
    )
    def a_hint(self, who, says, ago, number):
        person, on = self.people[who], self.day - timedelta(days=ago)
        current_obligation(person)  # who died before the cycle was opened has one from the first look at them
        status = {each.pk: each.standing for each in Obligation.objects.filter(person=person)}
        with self.nobody_is_stopped():
            office.bring(self.hints[says], office.row_of(person, on, number=number))
        assert status == {each.pk: each.standing for each in Obligation.objects.filter(person=person)}

    @precondition(lambda self: Case.objects.filter(state="open", kind__in=HINTS).exists())
    @rule(who=everyone, ago=st.just(0) | st.integers(1, 30))
    def certify_otherwise(self, who, ago):
        person, on = self.people[who], self.day - timedelta(days=ago)
        obligation = current_obligation(person)
        if who in self.dead or on < standing_of(obligation).opens:
            return
        waiting = list(Case.objects.filter(person=person, state="open", kind__in=HINTS))
        with self.nobody_is_stopped():
            certify(obligation, "in_person", Actor.SYSTEM, evidence={}, in_person=True, on=on)
        for case in waiting:
            answered = on > case.on or (on == case.on == self.day)
            case.refresh_from_db()
            assert case.state == ("rebutted" if answered else "open")

    @rule(who=everyone)
    def object_to_it(self, who):
        certification = certified_by(self.people[who])
        if certification:
            with self.nobody_is_stopped():
                case = services.object_to(certification, "not me", Actor("person"))
                assert services.object_to(certification, "not me", Actor("person")) == case

    @precondition(lambda self: Case.objects.filter(state="open").exists())
    @rule(data=st.data(), right=st.booleans())
    def a_clerk_answers(self, data, right):
        case = data.draw(st.sampled_from(list(Case.objects.filter(state="open").order_by("id"))))
        if case.kind == Case.Kind.DEAD and right:
            services.confirm_death(case, case.on, "certificate", self.day, self.staff, Actor.SYSTEM)
            self.dead.add(next(at for at, each in enumerate(self.people) if each.pk == case.person_id))
            return
        with self.nobody_is_stopped():
            (services.confirm if right else services.close)(case, "asked", self.staff, Actor.SYSTEM)

    @rule()
    def sweep(self):
        before = set(Pause.objects.values_list("pk", flat=True))
        due = {
            each.pk
            for each in self.people
            if standing_of(current_obligation(each)).certified_on is None
            and current_obligation(each).due < self.day
        }
        sweep_now(self.day, Actor.SYSTEM)
        paused = set(Pause.objects.exclude(pk__in=before).values_list("person", flat=True))
        assert paused <= due

    @invariant()
    def the_record_is_right(self):
        if not hasattr(self, "people"):
            return
        for at, person in enumerate(self.people):
            person.refresh_from_db()
            assert (person.died_on is not None) == (at in self.dead)
            for obligation in Obligation.objects.filter(person=person):
                assert standing_of(obligation).holds == ()
                assert (obligation.status == Status.ENDED) == (at in self.dead)
            for certification in person.certifications.filter(channel="matching"):
                assert at not in self.probable_only
                signs = certification.evidence["signs"]
                assert len({each["source"] for each in signs}) == len(signs)
                assert sum(each["trust"] for each in signs) >= STRENGTH
                days = [date.fromisoformat(each["on"]) for each in signs]
                assert certification.on == min(days) >= standing_of(certification.obligation).opens
        assert not Sign.objects.filter(says="alive", exact=False).exists()
        assert not Sign.objects.filter(settled=False).exists()
        for sign in Sign.objects.filter(says__in=HINTS).select_related("case"):
            assert (sign.details is not None) == (sign.case is not None and sign.case.state == "open")
        for case in Case.objects.filter(state="rebutted"):
            assert case.proved_on >= case.on


@pytest.mark.django_db
def test_in_any_order(on_day, settings, tmp_path):
    policy = tmp_path / "office.toml"
    policy.write_text(f'base = "changsha-2013"\nmatch_strength = {STRENGTH}\nmatch_days = {OLDEST}\n')
    settings.POLICY = str(policy)
    run_state_machine_as_test(
        Office,
        settings=hypothesis_settings(
            max_examples=20,
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
