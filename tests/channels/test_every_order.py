"""All ways at once: whatever order visits, papers, lists, receipts, records and cases come and end in.

How each way ends is told by its own test; here the ways meet over the same few people.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import date, timedelta
from unittest import mock
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
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
from jianzai.benefits.models import Benefit, Order, Pause
from jianzai.benefits.services import record_death, sweep_now
from jianzai.certification.errors import Refused
from jianzai.certification.models import Certification, Obligation, ReviewCase
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import (
    approve_case,
    certify,
    end_holds,
    expire_cases,
    open_cycle,
    open_this_years_cycle,
    reject_case,
)
from jianzai.certification.services.reviews import hold_name, open_case
from jianzai.channels.counter import services as counter
from jianzai.channels.counter.models import Received
from jianzai.channels.counter.services import deciding
from jianzai.channels.counter.tasks import judge_what_is_left, see_to_received
from jianzai.channels.mail import services as mail
from jianzai.channels.mail.models import WAITING, Sheet
from jianzai.channels.mail.payload import Kind
from jianzai.channels.mail.tasks import see_to_sheets
from jianzai.channels.station.models import SeenList, SeenPerson
from jianzai.channels.station.tasks import see_to_lists
from jianzai.channels.visit import services as visits
from jianzai.channels.visit.models import HomeVisit
from jianzai.channels.visit.slots import Half
from jianzai.channels.visit.tasks import see_to_visits
from jianzai.entitlement import IllegalEvent, Status
from jianzai.offline.content import Content, bound, seal
from jianzai.offline.services import issue_key, receive
from jianzai.registry.models import Area
from tests.channels.counter.office import typed
from tests.channels.mail import office as post
from tests.channels.matching import office as records
from tests.channels.station import office as employer
from tests.channels.visit import office as teams
from tests.people import DISTRICT, failed_attempt, make_person, make_staff
from tests.registry.people import staff as staff_of

NAMES = ("王桂兰", "李秀英", "张三丰", "陈德福")
everyone = st.integers(0, len(NAMES) - 1)
FAILED = ReviewCase.objects.filter(state="open", kind=ReviewCase.Kind.FAILED_ATTEMPT)


class Office(RuleBasedStateMachine):
    """Four people who retired from one employer, every way there is, and the days going by."""

    @initialize(policy=st.sampled_from(["changsha-2013", "rolling-12-months"]))
    def opens(self, policy):
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.day = date(2026, 9, 28)
        clock.move_to(self.day)
        self.people = [make_person(name=name, employer=employer.EMPLOYER) for name in NAMES]
        self.clerk, self.second = make_staff("supervisor"), make_staff("supervisor")
        self.signers = [staff_of("employer", self.people[0].area) for _ in range(2)]
        self.team = teams.team(Area.objects.get(code=DISTRICT), capacity=3)
        self.source = records.source(fresh_days=90)
        self.device, self.receipts = uuid4(), 0
        open_cycle(2026, Actor.SYSTEM, policy)
        self.dead: set[int] = set()
        self.certified: dict[int, int] = {}  # certification by obligation, as first seen

    def teardown(self):
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def move(self, day: date):
        self.day = day
        clock.move_to(day)
        open_this_years_cycle(Actor.SYSTEM)
        for tend in (see_to_visits, see_to_sheets, see_to_lists, see_to_received, judge_what_is_left):
            tend(0)  # as the worker does every hour
        expire_cases(day)
        end_holds(day)

    def living(self, who: int) -> bool:
        return who not in self.dead

    # --- something begins -------------------------------------------------------------------------------

    @rule(who=everyone)
    def ask_for_a_visit(self, who):
        if self.living(who):
            with refusing():
                visit = teams.requested(self.people[who])
                visits.book(visit, self.team, self.day, Half.MORNING, Actor.SYSTEM)

    @rule(who=everyone, kind=st.sampled_from([Kind.ELSEWHERE, Kind.HMT, Kind.LETTER]), read=st.booleans())
    def a_paper_arrives(self, who, kind, read):
        if self.living(who):
            with refusing():
                if kind == Kind.LETTER:
                    post.paper(self.people[who], self.clerk, kind)
                elif not post.issued(self.people[who], kind).sheets.filter(state__in=WAITING).exists():
                    post.waiting(self.people[who], self.clerk, kind, read=read)

    @rule(who=st.sets(everyone, min_size=1))
    def an_employer_lists(self, who):
        with refusing():
            employer.send(self.signers[0], [self.people[one] for one in sorted(who)])

    @rule(who=everyone, face=st.sampled_from([None, None, "same", "uncertain"]))
    def a_counter_received_without_a_network(self, who, face):
        key = issue_key(self.clerk, self.device, Actor.SYSTEM)
        self.receipts += 1
        item = str(uuid4())
        content = Content(typed(self.people[who]), timezone.now().timestamp(), [])
        number = self.receipts % 200 + 1
        sealed = seal(key.opened(), os.urandom(12), content, bound(str(key.token), item, number, "counter"))
        compared = face and {"decision": face, "similarity": 70, "pack": "embedded"}
        with mock.patch.object(deciding, "_compare", return_value=compared), refusing():
            receive(self.clerk, key.pk, item, number, "counter", sealed, Actor.SYSTEM)

    @rule(who=everyone)
    def a_face_fails_at_home(self, who):
        if self.living(who):
            with refusing():
                person, attempt = self.people[who], failed_attempt(self.people[who])
                kind = ReviewCase.Kind.FAILED_ATTEMPT
                open_case(person, current_obligation(person), kind, Actor.SYSTEM, attempt=attempt)

    # --- something ends ---------------------------------------------------------------------------------

    @precondition(lambda self: HomeVisit.objects.filter(state="open").exists())
    @rule(data=st.data(), met=st.sampled_from([True, True, False]))
    def a_visit_ends(self, data, met):
        visit = self.one_of(data, HomeVisit.objects.filter(state="open"))
        with refusing():
            if met:
                visits.meet(visit, visits.Meeting(self.clerk, self.second, "card"), Actor.SYSTEM)
                visits.sign(visit, self.second, Actor.SYSTEM)
            else:
                visits.cancel(visit, "not needed", Actor.SYSTEM, self.clerk)

    @precondition(lambda self: Sheet.objects.filter(state__in=WAITING).exists())
    @rule(data=st.data(), good=st.sampled_from([True, True, False]), ago=st.sampled_from([0, 0, 10, 150]))
    def a_paper_is_decided(self, data, good, ago):
        sheet = self.one_of(data, Sheet.objects.filter(state__in=WAITING))
        with refusing():
            if sheet.state == "received":
                post.read_by_hand(sheet)
            if good:
                attester = "香港工会联合会" if sheet.kind == Kind.HMT else post.ATTESTER
                on = sheet.received_on - timedelta(days=ago)
                mail.accept(
                    sheet, mail.Attestation(attested_on=on, attester=attester), self.clerk, Actor.SYSTEM
                )
            else:
                mail.reject(sheet, ["no_seal"], "", self.clerk, Actor.SYSTEM)

    @precondition(lambda self: SeenList.objects.filter(state="sent").exists())
    @rule(data=st.data())
    def a_list_is_signed(self, data):
        with refusing():
            employer.sign(self.one_of(data, SeenList.objects.filter(state="sent")), self.signers[1])

    @precondition(lambda self: Received.objects.filter(state="received").exists())
    @rule(data=st.data(), good=st.booleans())
    def a_second_clerk_looks(self, data, good):
        found = self.one_of(data, Received.objects.filter(state="received"))
        with refusing():
            if good:
                counter.accept(found, self.second, "looked", Actor.SYSTEM, found.person)
            else:
                counter.refuse(found, self.second, "looked", Actor.SYSTEM)

    @precondition(lambda self: FAILED.exists())
    @rule(data=st.data(), good=st.booleans())
    def a_case_is_decided(self, data, good):
        case = self.one_of(data, FAILED)
        with refusing():
            (approve_case if good else reject_case)(case, self.clerk, "looked", Actor.SYSTEM, seen=case.shown)

    @rule(who=everyone, ago=st.integers(0, 40))
    def a_hospital_saw(self, who, ago):
        row = records.row_of(self.people[who], self.day - timedelta(days=ago))
        records.bring(self.source, row)

    @rule(who=everyone, comes=st.sampled_from([True, False, False]))
    def certified_at_a_counter(self, who, comes):
        if comes and self.living(who):
            certify(
                current_obligation(self.people[who]), "in_person", Actor.SYSTEM, evidence={}, in_person=True
            )

    # --- time, death, and the sweep ---------------------------------------------------------------------

    @precondition(lambda self: self.day.year < 2029)
    @rule(days=st.integers(1, 3) | st.integers(1, 60), swept=st.sampled_from([True, True, False]))
    def days_go_by(self, days, swept):
        self.move(self.day + timedelta(days=days))
        if swept:
            self.sweep()

    @precondition(lambda self: self.day.year < 2028)
    @rule(day=st.integers(0, 3) | st.integers(0, 300))
    def the_next_year_begins(self, day):
        self.move(date(self.day.year + 1, 1, 1) + timedelta(days=day))

    @precondition(lambda self: not self.dead)
    @rule(who=everyone, dies=st.sampled_from([True, False, False, False]))
    def die(self, who, dies):
        if dies:
            record_death(self.people[who], self.day, "certificate", self.day, self.clerk, Actor.SYSTEM)
            self.dead.add(who)

    def sweep(self):
        before = set(Pause.objects.values_list("pk", flat=True))
        kept = self.with_something_pending()
        certified = self.certified_people()
        sweep_now(self.day, Actor.SYSTEM)
        paused = set(Pause.objects.exclude(pk__in=before).values_list("person", flat=True))
        assert not paused & kept, "something of theirs is pending"
        assert not paused & certified, "certified"

    def with_something_pending(self) -> set[int]:
        pending = [
            HomeVisit.objects.filter(state="open"),
            Sheet.objects.filter(state__in=WAITING),
            SeenPerson.objects.filter(waiting=True),
            Received.objects.filter(state="received"),
            ReviewCase.objects.filter(pk__in=self.cases_that_hold()),
        ]
        return {person for rows in pending for person in rows.values_list("person", flat=True)}

    def cases_that_hold(self) -> list[int]:
        """A case holds for as many days as the policy says; after them only meeting the person helps."""
        holding = []
        for case in ReviewCase.objects.filter(
            state="open", kind=ReviewCase.Kind.FAILED_ATTEMPT
        ).select_related("obligation"):
            holds = standing_of(current_obligation(case.person)).holds
            held = [hold for hold in holds if hold.case == hold_name(case) and hold.closed_on is None]
            if any(hold.last_day >= self.day for hold in held):
                holding.append(case.pk)
            else:
                over = case.holds_until is None or case.holds_until < self.day
                assert over or standing_of(case.obligation).certifications  # there was nothing to hold
        return holding

    def certified_people(self) -> set[int]:
        duties = [current_obligation(person) for person in self.people]
        return {duty.person_id for duty in duties if duty.pk in self.certified}

    # --- what must never be -----------------------------------------------------------------------------

    @invariant()
    def no_certification_is_lost_or_made_twice(self):
        now = dict(Certification.objects.values_list("obligation", "pk"))
        assert len(now) == Certification.objects.count()
        assert now.items() >= self.certified.items()
        self.certified = now
        for obligation in Obligation.objects.filter(pk__in=now):
            standing = standing_of(obligation)
            assert standing.certified_on is not None
            assert obligation.status in (Status.CERTIFIED, Status.RESUMED, Status.ENDED), obligation.status

    @invariant()
    def who_is_certified_is_paid(self):
        states = dict(Benefit.objects.values_list("person", "state"))
        for at, person in enumerate(self.people):
            if self.living(at) and person.pk in self.certified_people():
                assert states.get(person.pk, "paying") == "paying"
                assert not Pause.objects.filter(person=person, state="active").exists()

    @invariant()
    def no_pause_is_resumed_twice(self):
        resumed = list(Order.objects.filter(kind="resume").values_list("pause", flat=True))
        assert len(resumed) == len(set(resumed))

    def one_of(self, data, rows):
        return data.draw(st.sampled_from(list(rows.order_by("pk"))))


@contextmanager
def refusing():
    """What a way refuses it says, and leaves nothing behind; which refusals are right is its own test's."""
    try:
        with transaction.atomic():
            yield
    except (Refused, IllegalEvent):
        pass


@pytest.mark.django_db
def test_in_any_order(settings, tmp_path):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    policy = tmp_path / "office.toml"
    policy.write_text('base = "changsha-2013"\nmatch_strength = 3\nmatch_days = 60\n')
    settings.POLICY = str(policy)
    run_state_machine_as_test(
        Office,
        settings=hypothesis_settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            # shrinking through a database takes an hour
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert connection.in_atomic_block  # nothing of it was committed
