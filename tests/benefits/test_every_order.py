"""Certify, propose, confirm, carry out, undo, hold, die in any order, on a real PostgreSQL.

A payer is played along: what it is told must come to what each person is entitled to, to the fen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
from jianzai.benefits import services
from jianzai.benefits.errors import DespiteCertification, NobodyToPause
from jianzai.benefits.models import Benefit, Death, Order, Pause, Sweep
from jianzai.benefits.services import sweeps as sweeps_module
from jianzai.certification.models import Cycle, Obligation
from jianzai.certification.services import certify, open_cycle, open_this_years_cycle
from jianzai.entitlement import Month, ResumptionRule, Standing
from tests.people import make_person, make_staff

from . import office

PENSION = 300_000
START, HORIZON = Month(2026, 1), Month(2032, 1)
PEOPLE = 3
everyone = st.integers(0, PEOPLE - 1)
killed = st.none() | st.integers(0, PEOPLE - 1)


class Killed(BaseException):
    """What a kill in the middle looks like to the database: the transaction of the moment is gone."""


class Office(RuleBasedStateMachine):
    """A few people, two supervisors, and the days going by."""

    @initialize(rule=st.sampled_from(list(ResumptionRule)))
    def opens(self, rule):
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.rule = rule
        self.move(date(2026, 7, 1))
        self.people = [make_person() for _ in range(PEOPLE)]
        self.first, self.second = make_staff("supervisor"), make_staff("supervisor")
        self.begin(open_cycle(2026, Actor.SYSTEM))
        self.held: dict[int, date] = {}
        self.certified: set[int] = set()
        self.due = dict.fromkeys(range(PEOPLE), date(2026, 9, 30))
        self.carried: set[int] = set()  # whose duty is an earlier cycle's, not met in it
        self.dead: set[int] = set()
        self.known_orders = 0
        self.move(date(2026, 10, 1))

    def teardown(self):
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def move(self, day: date):
        self.day = day
        clock.move_to(day)

    @rule(days=st.integers(1, 40))
    def days_go_by(self, days):
        self.move(self.day + timedelta(days=days))

    def begin(self, cycle: Cycle):
        cycle.policy |= {"resumption": self.rule.value}
        cycle.save()

    @precondition(lambda self: self.day.year < 2029)
    @rule(day=st.integers(0, 300))
    def the_next_year_begins(self, day):
        self.move(date(self.day.year + 1, 1, 1) + timedelta(days=day))
        self.begin(open_this_years_cycle(Actor.SYSTEM))
        self.due |= dict.fromkeys(self.certified, date(self.day.year, 9, 30))
        self.carried = set(range(PEOPLE)) - self.certified
        self.certified = set()

    @precondition(lambda self: self.day.year > 2026)
    @rule(who=everyone)
    def evidence_of_last_year_becomes_known(self, who):
        if who in self.dead:
            return
        old = Obligation.objects.get(person=self.people[who], cycle__year=self.day.year - 1)
        certify(old, "mail", Actor.SYSTEM, evidence={}, in_person=True, on=date(self.day.year - 1, 12, 31))
        if who in self.carried:
            self.carried.discard(who)
            self.due[who] = date(self.day.year, 9, 30)

    @rule(who=everyone)
    def certify(self, who):
        if who not in self.dead:
            office.certified(self.people[who])
            self.certified.add(who)

    @rule(who=everyone, days=st.integers(1, 150))
    def older_evidence_becomes_known(self, who, days):
        """Often of somebody certified since: a pause that was over may turn out void."""
        on = max(self.day - timedelta(days=days), date(self.day.year, 1, 1))
        if who in self.dead:
            died_on = Death.objects.get(person=self.people[who], withdrawn__isnull=True).died_on
            if on > died_on:
                return
        office.certified(self.people[who], on=on, for_estate=True)
        self.certified.add(who)

    @rule(who=everyone, days=st.integers(0, 30))
    def hold(self, who, days):
        if who not in self.dead:
            office.hold(self.people[who], self.day + timedelta(days=days))
            self.held[who] = max(self.day + timedelta(days=days), self.held.get(who, self.day))

    @rule(cap=st.none() | st.integers(1, 2))
    def propose(self, cap):
        try:
            office.propose(self.first, cap=cap)
        except NobodyToPause:
            pass

    @precondition(lambda self: Sweep.objects.filter(state="proposed").exists())
    @rule(data=st.data(), killed_at=killed)
    def confirm(self, data, killed_at):
        sweep = data.draw(st.sampled_from(list(Sweep.objects.filter(state="proposed"))))
        services.confirm_sweep(sweep, self.second, Actor.SYSTEM)
        with killing(killed_at):
            services.carry_out(sweep)
        self.nobody_wrongly_paused()

    @rule()
    def sweep_by_the_calendar(self):
        services.sweep_now(self.day, Actor.SYSTEM)
        self.nobody_wrongly_paused()

    @precondition(lambda self: Sweep.objects.filter(state__in=["confirmed", "undoing"]).exists())
    @rule()
    def carry_on(self):
        services.finish_sweeps()
        self.nobody_wrongly_paused()

    @precondition(lambda self: Sweep.objects.filter(state__in=["confirmed", "done"]).exists())
    @rule(data=st.data(), killed_at=killed)
    def undo(self, data, killed_at):
        sweep = data.draw(st.sampled_from(list(Sweep.objects.filter(state__in=["confirmed", "done"]))))
        services.undo_sweep(sweep, self.first, Actor.SYSTEM)
        with killing(killed_at):
            services.carry_out(sweep)

    @rule(who=everyone, days_ago=st.integers(0, 200))
    def die(self, who, days_ago):
        if who not in self.dead:
            day = self.day - timedelta(days=days_ago)
            proof = self.people[who], day, "certificate 1", day, self.first, Actor.SYSTEM
            try:
                services.record_death(*proof)
            except DespiteCertification as asked:
                services.record_death(*proof, despite=asked.values["on"])
            self.dead.add(who)

    @precondition(lambda self: self.dead)
    @rule(data=st.data())
    def withdraw_death(self, data):
        who = data.draw(st.sampled_from(sorted(self.dead)))
        death = Death.objects.get(person=self.people[who], withdrawn__isnull=True)
        services.withdraw_death(death, self.second, "a namesake", Actor.SYSTEM)
        self.dead.discard(who)
        self.held[who] = self.day + timedelta(days=30)

    def nobody_wrongly_paused(self):
        for order in Order.objects.filter(sequence__gt=self.known_orders, kind="pause"):
            who = [person.pk for person in self.people].index(order.person_id)
            assert who not in self.certified
            assert who not in self.dead
            assert self.held.get(who, date.min) < self.day
            assert self.due[who] < self.day

    @invariant()
    def the_record_is_right(self):
        self.seen = Seen.now(self.people)
        self.numbers_have_no_gap()
        self.nobody_dead_is_told_to_be_paid()
        self.pauses_and_benefits_agree()
        self.everyone_gets_what_they_are_entitled_to()

    def numbers_have_no_gap(self):
        numbers = [order.sequence for order in self.seen.orders]
        assert numbers == list(range(1, len(numbers) + 1))

    def nobody_dead_is_told_to_be_paid(self):
        dead = {self.people[who].pk for who in self.dead}
        for order in self.seen.orders[self.known_orders :]:
            assert order.kind != "resume" or order.person_id not in dead
        self.known_orders = len(self.seen.orders)

    def pauses_and_benefits_agree(self):
        for who, person in enumerate(self.people):
            status, paid = self.seen.states[person.pk]
            active = any(pause.state == "active" for pause in self.seen.pauses[person.pk])
            assert (paid == "paused") == active
            assert (paid == "ended") == (status == "ended") == (who in self.dead)
            if who not in self.dead and (who in self.certified or self.day <= self.due[who]):
                assert paid == "paying"

    def everyone_gets_what_they_are_entitled_to(self):
        for who, person in enumerate(self.people):
            regular, arrears = payer([order for order in self.seen.orders if order.person_id == person.pk])
            received, end = PENSION * len(regular) + arrears, HORIZON
            if who in self.dead:
                death = self.seen.deaths[person.pk]
                received, end = received - death.overpaid_fen, Month.of(death.died_on) + 1
            withheld = {
                month for pause in self.seen.pauses[person.pk] for month in unpaid(pause) if month < end
            }
            assert received == PENSION * (end - START - len(withheld))
            assert not [
                pause
                for pause in self.seen.pauses[person.pk]
                if pause.state == "resumed"
                and Standing.from_dict(pause.obligation.standing).pause is None
                and any(month < end for month in unpaid(pause))
            ], "a void pause withholds nothing"


@dataclass
class Seen:
    """All that is on record, read once; by person where it is about one."""

    orders: list[Order]
    pauses: dict[int, list[Pause]]
    deaths: dict[int, Death]
    states: dict[int, tuple[str, str]]  # standing, and whether the pension is paid

    @classmethod
    def now(cls, people) -> Seen:
        standings = dict(Obligation.objects.order_by("cycle__year").values_list("person", "status"))
        paid = dict(Benefit.objects.values_list("person", "state"))
        pauses: dict[int, list[Pause]] = {person.pk: [] for person in people}
        for pause in Pause.objects.select_related("obligation").order_by("id"):
            pauses[pause.person_id].append(pause)
        return cls(
            orders=list(Order.objects.order_by("sequence")),
            pauses=pauses,
            deaths={death.person_id: death for death in Death.objects.filter(withdrawn__isnull=True)},
            states={person.pk: (standings[person.pk], paid.get(person.pk, "paying")) for person in people},
        )


def unpaid(pause: Pause) -> Iterator[Month]:
    """The months that a pause keeps unpaid, or that the resumption rule did not grant after it."""
    first = Month.parse(pause.effective_month)
    if pause.state in ("active", "ended"):
        return first.until(HORIZON)
    if pause.made_good_to:
        first = Month.parse(pause.made_good_to)
    return first.until(Month.parse(pause.granted_from)) if pause.state == "resumed" else iter(())


def payer(orders: list[Order]) -> tuple[list[Month], int]:
    """The months an obedient payer pays on its regular runs, and the arrears it pays besides."""
    paid = dict.fromkeys(START.until(HORIZON), True)
    arrears = 0
    for order in orders:
        if order.kind != "arrears":
            for month in Month.parse(order.effective_month).until(HORIZON):
                paid[month] = order.kind == "resume"
        arrears += order.arrears_fen
    return [month for month in paid if paid[month]], arrears


class killing:
    """Within it, carrying out ends in the middle of the person number ``at`` of the batch."""

    def __init__(self, at: int | None):
        self.at = at

    def __enter__(self):
        self.patch, done = pytest.MonkeyPatch(), []

        def kills(verb):
            def killed(*arguments, **values):
                done.append(verb)
                if self.at is not None and len(done) > self.at:
                    raise Killed
                return verb(*arguments, **values)

            return killed

        for name in ("write_order", "end_pause"):  # the last thing done for a person paused, or paid again
            self.patch.setattr(sweeps_module, name, kills(getattr(sweeps_module, name)))

    def __exit__(self, kind, *_):
        self.patch.undo()
        return kind is Killed


@pytest.mark.django_db
def test_in_any_order(on_day):
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=30,
            stateful_step_count=14,
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
