"""Asked for, booked, moved, called off, made, missed, certified otherwise: in any order, on PostgreSQL."""

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
from jianzai.channels.visit import services
from jianzai.channels.visit.errors import (
    AlreadyCertified,
    AwaitsSignature,
    NoAppointment,
    NotYet,
    SlotFull,
    VisitEnded,
)
from jianzai.channels.visit.models import Appointment, HomeVisit
from jianzai.channels.visit.slots import Half
from jianzai.channels.visit.tasks import see_to_visits
from jianzai.registry.models import Area
from tests.channels.visit import office
from tests.people import DISTRICT, make_person, make_staff

PEOPLE = 3
everyone = st.integers(0, PEOPLE - 1)


class Office(RuleBasedStateMachine):
    """A few people, one team that makes two visits in half a day, and the days going by."""

    @initialize()
    def opens(self):
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.day = date(2026, 9, 1)
        clock.move_to(self.day)
        self.people = [make_person() for _ in range(PEOPLE)]
        self.first, self.second = make_staff("supervisor"), make_staff("clerk")
        self.team = office.team(Area.objects.get(code=DISTRICT))
        open_cycle(2026, Actor.SYSTEM, "changsha-2013")
        self.dead: set[int] = set()
        self.met: dict[int, int] = {}  # certification by visit
        for person in self.people[:2]:
            office.booked(person, self.team, self.day)
        office.requested(self.people[2])

    def teardown(self):
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def open_visits(self):
        return list(HomeVisit.objects.filter(state="open").order_by("id"))

    def move(self, day: date):
        self.day = day
        clock.move_to(day)
        see_to_visits(0)  # as the worker does every hour
        end_holds(day)
        self.nothing_is_held_for_what_is_over()

    @rule(days=st.integers(1, 3) | st.integers(1, 50))
    def days_go_by(self, days):
        self.move(self.day + timedelta(days=days))

    @precondition(lambda self: self.day.year < 2028)
    @rule(day=st.integers(0, 300))
    def the_next_year_begins(self, day):
        self.move(date(self.day.year + 1, 1, 1) + timedelta(days=day))
        open_this_years_cycle(Actor.SYSTEM)

    @rule(who=everyone, by_clerk=st.booleans())
    def ask(self, who, by_clerk):
        if who in self.dead:
            return
        certified = standing_of(current_obligation(self.people[who])).certified_on
        if certified:
            with pytest.raises(AlreadyCertified):
                office.requested(self.people[who], self.first)
        else:
            visit = office.requested(self.people[who], self.first)
            assert office.requested(self.people[who], self.first) == visit

    @precondition(lambda self: self.open_visits())
    @rule(data=st.data(), ahead=st.sampled_from([0, 0, 1, 3]), half=st.sampled_from(Half))
    def book_or_move(self, data, ahead, half):
        visit = data.draw(st.sampled_from(self.open_visits()))
        if visit.awaits_signature or visit.person.died_on:
            return
        slot = self.team, self.day + timedelta(days=ahead), half
        try:
            made = services.book(visit, *slot, Actor.SYSTEM, self.first)
        except SlotFull:
            taken = Appointment.objects.filter(team=slot[0], day=slot[1], half=slot[2], state="booked")
            assert taken.exclude(visit=visit).count() == 2
        else:
            assert services.book(visit, *slot, Actor.SYSTEM, self.first) == made

    @rule(data=st.data(), by_clerk=st.booleans())
    def call_off(self, data, by_clerk):
        with self.only_once() as visit:
            services.cancel(visit(data), "not needed", Actor.SYSTEM, self.first if by_clerk else None)

    @rule(data=st.data(), found=st.sampled_from(["met", "met", "nobody", "dead", "moved", "missing"]))
    def tell_the_outcome(self, data, found):
        with self.only_once() as visit:
            chosen = visit(data)
            if found == "met":
                meeting = services.Meeting(self.first, self.second, "card")
                services.meet(chosen, meeting, Actor.SYSTEM)
            elif found == "nobody":
                appointment = data.draw(st.sampled_from(list(chosen.appointments.all()) or [None]))
                if appointment:
                    services.nobody_home(appointment, self.first, Actor.SYSTEM)
            else:
                state = HomeVisit.State(found)
                services.not_met(chosen, state, "neighbour", self.first, Actor.SYSTEM)

    @rule(data=st.data(), was_there=st.sampled_from([True, True, False]))
    def the_second_signs_or_denies(self, data, was_there):
        named = list(
            HomeVisit.objects.filter(second__isnull=False, state__in=["open", "certified"]).order_by("id")
        )
        if named and was_there:
            chosen = data.draw(st.sampled_from(named))
            made = services.sign(chosen, self.second, Actor.SYSTEM)
            assert self.met.setdefault(chosen.pk, made.pk) == made.pk
        elif waiting := [one for one in named if one.awaits_signature]:
            services.deny(data.draw(st.sampled_from(waiting)), self.second, Actor.SYSTEM)

    @contextmanager
    def only_once(self):
        """What is over is not done again, what has not come about has no outcome; nothing else is refused."""
        chosen = []

        def visit(data):
            every = list(HomeVisit.objects.order_by("id"))
            due = [one for one in every if one.booked and one.booked.day <= self.day]
            chosen.append(data.draw(st.sampled_from(every) | st.sampled_from(due or every)))
            return chosen[0]

        try:
            yield visit
        except VisitEnded:
            assert chosen[0].state != "open"
        except NotYet:
            assert Appointment.objects.filter(state="booked", day__gt=self.day).exists()
        except AwaitsSignature:
            assert chosen[0].awaits_signature
        except NoAppointment:
            assert chosen[0].booked is None or chosen[0].appointments.exclude(state="booked").exists()

    @rule(who=everyone)
    def certify_otherwise(self, who):
        if who not in self.dead:
            obligation = current_obligation(self.people[who])
            certify(obligation, "in_person", Actor.SYSTEM, evidence={}, in_person=True)

    @precondition(lambda self: self.day.year > 2026)
    @rule(who=everyone)
    def evidence_of_last_year_becomes_known(self, who):
        old = Obligation.objects.filter(person=self.people[who], cycle__year=self.day.year - 1).first()
        if old and who not in self.dead:
            on = date(self.day.year - 1, 12, 31)
            certify(old, "mail", Actor.SYSTEM, evidence={}, in_person=True, on=on)

    @precondition(lambda self: not self.dead)
    @rule(who=everyone, dies=st.sampled_from([True, False, False]))
    def die(self, who, dies):
        if dies:
            record_death(self.people[who], self.day, "certificate", self.day, self.first, Actor.SYSTEM)
            self.dead.add(who)

    @rule()
    def sweep(self):
        before = set(Pause.objects.values_list("pk", flat=True))
        waiting = {visit.person_id for visit in self.open_visits()}
        sweep_now(self.day, Actor.SYSTEM)
        paused = Pause.objects.exclude(pk__in=before).values_list("person", flat=True)
        assert not waiting & set(paused)

    @invariant()
    def the_record_is_right(self):
        for visit in HomeVisit.objects.prefetch_related("appointments"):
            held = [
                hold
                for hold in standing_of(current_obligation(visit.person)).holds
                if hold.case == visit.case and hold.closed_on is None
            ]
            if visit.state == "open":
                assert held
                assert held[0].last_day >= self.day
            else:
                assert held == []
                assert visit.booked is None
            assert (visit.state == "certified") == (visit.pk in self.met)
        for number, certification in self.met.items():
            made = Certification.objects.get(pk=certification)
            assert (made.channel, made.evidence["visit"]) == ("visit", number)

    def nothing_is_held_for_what_is_over(self):
        over = {visit.case for visit in HomeVisit.objects.exclude(state="open")}
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
