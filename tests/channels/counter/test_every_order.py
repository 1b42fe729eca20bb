"""Received, sent, sent again, judged, certified otherwise, swept: in any order, on PostgreSQL."""

from __future__ import annotations

import os
from datetime import date, timedelta
from unittest import mock
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
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
from jianzai.channels.counter import services
from jianzai.channels.counter.errors import AnotherClerkNeeded, MetAfterDeath, Settled
from jianzai.channels.counter.models import Received
from jianzai.channels.counter.services import deciding
from jianzai.channels.counter.tasks import judge_what_is_left, see_to_received
from jianzai.entitlement import IllegalEvent
from jianzai.offline.content import Content, bound, seal
from jianzai.offline.errors import NumberTaken
from jianzai.offline.models import Arrival
from jianzai.offline.services import issue_key, receive
from tests.channels.counter.office import typed
from tests.people import make_person, make_staff

PEOPLE = 3
everyone = st.integers(0, PEOPLE - 1)


class Office(RuleBasedStateMachine):
    """A few people, a counter whose network comes and goes, a second clerk, and the days going by."""

    @initialize()
    def opens(self):
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.day = date(2026, 9, 1)
        clock.move_to(self.day)
        self.people = [make_person(name=name) for name in ("王桂兰", "李秀英", "张三丰")]
        self.clerk, self.second = make_staff("clerk"), make_staff("clerk")
        self.device = uuid4()
        open_cycle(2026, Actor.SYSTEM, "changsha-2013")
        self.items: list[dict] = []  # on the device, in the order in which they were received
        self.told: dict[str, str] = {}  # the state a device was told, by item
        self.dead: set[int] = set()
        self.numbers: dict[int, int] = {}

    def teardown(self):
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def move(self, day: date):
        self.day = day
        clock.move_to(day)
        see_to_received(0)
        judge_what_is_left(0)
        end_holds(day)
        self.nothing_is_held_for_what_is_settled()

    @rule(days=st.integers(1, 3) | st.integers(1, 40))
    def days_go_by(self, days):
        self.move(self.day + timedelta(days=days))

    @precondition(lambda self: self.day.year < 2028)
    @rule(day=st.integers(0, 300))
    def the_next_year_begins(self, day):
        self.move(date(self.day.year + 1, 1, 1) + timedelta(days=day))
        open_this_years_cycle(Actor.SYSTEM)

    @rule(who=everyone, known=st.sampled_from([True, True, False]), twice=st.booleans())
    def receive_without_a_network(self, who, known, twice):
        key = issue_key(self.clerk, self.device, Actor.SYSTEM)
        number = self.numbers.get(key.pk, 0) + (not twice or not self.numbers.get(key.pk))
        self.numbers[key.pk] = number
        item = str(uuid4())
        fields = typed(self.people[who]) if known else typed(self.people[who], number="无")
        content = Content(fields, timezone.now().timestamp(), [])
        sealed = seal(key.opened(), os.urandom(12), content, bound(str(key.token), item, number, "counter"))
        self.items.append({"key": key.pk, "item": item, "number": number, "sealed": sealed, "day": self.day})

    @precondition(lambda self: self.items)
    @rule(data=st.data(), face=st.sampled_from([None, None, "same", "uncertain"]), killed=st.booleans())
    def send(self, data, face, killed):
        one = data.draw(st.sampled_from(self.items))
        compared = face and {"decision": face, "similarity": 70, "pack": "embedded"}
        before = Arrival.objects.count()
        known = Arrival.objects.filter(item=one["item"]).exists()
        with mock.patch.object(deciding, "_compare", return_value=compared):
            try:
                arrival = receive(
                    self.clerk, one["key"], one["item"], one["number"], "counter", one["sealed"], Actor.SYSTEM
                )
            except NumberTaken:
                assert Arrival.objects.filter(key=one["key"], number=one["number"]).exists()
                return
        assert Arrival.objects.count() == before + (not known)
        assert arrival.received.day == one["day"]
        if not killed:
            self.told[one["item"]] = arrival.state

    @precondition(lambda self: Received.objects.exists())
    @rule(
        data=st.data(),
        verdict=st.sampled_from(["accept", "refuse"]),
        own=st.sampled_from([False] * 4 + [True]),
    )
    def decide(self, data, verdict, own):
        found = data.draw(st.sampled_from(list(Received.objects.order_by("id"))))
        who = data.draw(everyone)
        staff = self.clerk if own else self.second
        was = found.state
        try:
            with transaction.atomic():
                if verdict == "accept":
                    services.accept(found, staff, "looked", Actor.SYSTEM, self.people[who])
                else:
                    services.refuse(found, staff, "looked", Actor.SYSTEM)
        except Settled:
            assert was != "received"
        except AnotherClerkNeeded:
            assert own
        except MetAfterDeath:
            found.refresh_from_db()
            assert found.state == "received"
            assert who in self.dead
        except IllegalEvent:  # received before the first cycle that the person stands in
            assert standing_of(found.obligation or current_obligation(self.people[who])).opens > found.day
        else:
            assert not own

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
        waiting = set(Received.objects.filter(state="received").values_list("person", flat=True))
        sweep_now(self.day, Actor.SYSTEM)
        paused = Pause.objects.exclude(pk__in=before).values_list("person", flat=True)
        assert not waiting & set(paused)

    @invariant()
    def the_record_is_right(self):
        for found in Received.objects.select_related("arrival", "certification", "person"):
            held = [
                hold
                for hold in (standing_of(current_obligation(found.person)).holds if found.person else ())
                if hold.case == found.case and hold.closed_on is None
            ]
            if found.state == "received" and found.person and found.person.died_on:
                assert found.arrival.state == "received"
            elif found.state == "received" and found.person:
                assert held
                assert held[0].opened == found.day
                assert held[0].last_day >= self.day
                assert found.arrival.state == "received"
            elif found.state != "received":
                assert held == []
                assert found.arrival.state != "received"
            assert (found.state == "certified") == (found.certification is not None)
            if found.certification:
                assert found.certification.on == found.day
                assert found.certification.evidence["receipt"] == found.arrival.receipt
        by_counter = Certification.objects.filter(channel="counter").count()
        assert by_counter == Received.objects.filter(state="certified").count()
        for item, state in self.told.items():
            now = Arrival.objects.get(item=item).state
            assert state == "received" or now == state  # what was told as settled stays so

    def nothing_is_held_for_what_is_settled(self):
        over = {found.case for found in Received.objects.exclude(state="received")}
        for obligation in Obligation.objects.all():
            holds = standing_of(obligation).holds
            assert not {hold.case for hold in holds if hold.closed_on is None} & over


@pytest.mark.django_db
def test_in_any_order(on_day):
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=12,
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
