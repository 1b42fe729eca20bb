"""Every sequence of events that Hypothesis can think of, against a model that counts days one by one."""

import json
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jianzai.entitlement import (
    Certified,
    ContactLogged,
    DeathConfirmed,
    DeathWithdrawn,
    HoldClosed,
    HoldKind,
    HoldOpened,
    IllegalEvent,
    Paused,
    PauseUndone,
    Reason,
    Standing,
    Status,
    apply,
    effective_month,
    event_from_dict,
    event_to_dict,
    held_on,
    in_person_required,
    may_pause,
    open_cycle,
    replay,
    replay_after,
    restored_after_undo,
    status_on,
)

from .strategies import policies

BASE = date(2013, 1, 1)
# Few different days, so that facts meet: ten days apart, and the days beside them.
days = st.builds(
    lambda tens, beside: BASE + timedelta(days=10 * tens + beside), st.integers(-3, 55), st.integers(-1, 1)
)
cases = st.sampled_from(["case-1", "case-2", "case-3", "case-4"])


class Cases(RuleBasedStateMachine):
    """Any facts, told in any order, against a day-by-day model kept beside the standing."""

    def __init__(self):
        super().__init__()
        self.certified: set[date] = set()
        self.holds: dict[str, tuple[HoldKind, set[date]]] = {}
        self.contacts: set[tuple[date, str]] = set()
        self.died_on: date | None = None
        self.paused_on: date | None = None  # the order last given and not undone
        self.undone_on: date | None = None
        self.told: list = []

    @initialize(policy=policies(), last_certified=st.none() | st.dates(date(2011, 6, 1), date(2012, 12, 31)))
    def open(self, policy, last_certified):
        self.policy = policy
        self.standing = self.start = open_cycle(policy, 2013, last_certified)

    def tell(self, event) -> bool:
        """Apply ``event``; whether it was accepted."""
        try:
            self.standing = apply(self.policy, self.standing, event)
        except IllegalEvent as refused:
            refusal = refused
        else:
            self.told.append(event)
            return True
        assert refusal.reasons
        assert event not in self.told
        return False

    def held_days(self) -> set[date]:
        reviewed = {each for kind, held in self.holds.values() if kind is HoldKind.REVIEW for each in held}
        others = {each for kind, held in self.holds.values() if kind is not HoldKind.REVIEW for each in held}
        possible = self.standing.due + timedelta(days=self.policy.grace_days + 1)  # a pause, from that day on
        early = {day for day in reviewed if day < possible}
        return others | early | set(sorted(reviewed - early)[: self.policy.review_hold_days])

    @precondition(lambda self: len(self.told) > 4)
    @rule(on=days, in_person=st.booleans())
    def certify_any_day(self, on, in_person):
        self.certify(on, in_person)

    @precondition(lambda self: self.paused_on)
    @rule(later=st.integers(-2, 3), in_person=st.booleans())
    def certify_around_the_pause(self, later, in_person):
        self.certify(self.paused_on + timedelta(days=later), in_person)

    def certify(self, on, in_person):
        blocked = in_person_required(self.policy, self.standing, on) and not in_person
        after_death = self.died_on is not None and on > self.died_on
        repeated = on in self.certified
        accepted = self.tell(Certified(on, in_person))
        if accepted:
            self.certified.add(on)
        refusable = blocked or after_death or on < self.standing.opens
        assert accepted or refusable
        assert not accepted or not refusable or repeated

    @rule(on=days, length=st.integers(0, 60), kind=st.sampled_from(HoldKind), case=cases)
    def open_hold(self, on, length, kind, case):
        event = HoldOpened(on, on + timedelta(days=length), kind, case)
        known = next((hold for hold in self.standing.holds if hold.case == case), None)
        if self.tell(event) and not (known and known.closed_on):
            start = known.opened if known else on
            held = self.holds.setdefault(case, (kind, set()))[1]
            held.update(start + timedelta(days=ahead) for ahead in range((event.until - start).days + 1))

    @precondition(lambda self: self.standing.holds)
    @rule(data=st.data(), later=st.integers(-1, 30))
    def close_hold(self, data, later):
        hold = data.draw(st.sampled_from(self.standing.holds))
        on, case = hold.opened + timedelta(days=later), hold.case
        assert self.tell(HoldClosed(on, case)) == (later >= 0)
        if later >= 0 and not hold.closed_on:
            kind, held = self.holds[case]
            self.holds[case] = (kind, {day for day in held if day < on})

    @rule(on=days, channel=st.sampled_from(["sms", "letter", "phone"]))
    def remind(self, on, channel):
        if self.tell(ContactLogged(on, channel)):
            self.contacts.add((on, channel))

    @rule(on=days, later=st.integers(0, 2))
    def sweep_any_day(self, on, later):
        self.sweep(on, later)

    @rule(ahead=st.integers(-1, 5))
    def sweep_the_overdue(self, ahead):
        self.sweep(self.standing.due + timedelta(days=self.policy.grace_days + 1 + ahead), 0)

    @precondition(lambda self: any(held for _, held in self.holds.values()))
    @rule(data=st.data())
    def sweep_while_or_after_a_case_is_open(self, data):
        kind, held = data.draw(st.sampled_from([case for case in self.holds.values() if case[1]]))
        self.sweep(data.draw(st.sampled_from([min(held), max(held), max(held) + timedelta(days=1)])), 0)

    def sweep(self, on, later):
        before = self.standing
        verdict = may_pause(self.policy, before, on)
        event = Paused(on, effective_month(self.policy, on) + later)
        if event in self.told:
            return
        assert self.tell(event) == verdict.allowed
        assert set(verdict.reasons) == self.obstacles(before, on)
        if verdict.allowed:
            assert self.standing.status is Status.PAUSED
            self.paused_on = on
            self.sweep_and_undo_at_once(before, event)

    def obstacles(self, before: Standing, on: date) -> set[Reason]:
        reached = {(day, channel) for day, channel in self.contacts if day <= on}
        few = len(reached) < self.policy.contacts_required
        few = few or len({channel for _, channel in reached}) < self.policy.contact_channels_required
        stands = {
            Reason.ENDED: self.died_on,
            Reason.CERTIFIED: self.certified,
            Reason.ALREADY_PAUSED: self.paused_on and not self.certified,
            Reason.HELD: on in self.held_days(),
            Reason.NOT_YET_DUE: on <= before.due + timedelta(days=self.policy.grace_days),
            Reason.CONTACTS_MISSING: few,
            Reason.JUST_UNDONE: not self.paused_on and self.undone_on and on <= self.undone_on,
        }
        return {reason for reason, it_does in stands.items() if it_does}

    def sweep_and_undo_at_once(self, before, paused):
        """Undoing restores what was before, and every month withheld."""
        undone_on = paused.on + timedelta(days=45)
        undone = apply(self.policy, self.standing, PauseUndone(undone_on))
        assert replace(undone, pauses=before.pauses) == before
        assert undone.status is before.status
        for ahead in range(1, 90, 11):
            day = undone_on + timedelta(days=ahead)
            assert status_on(self.policy, undone, day) is status_on(self.policy, before, day)
            assert may_pause(self.policy, undone, day) == may_pause(self.policy, before, day)
            assert not may_pause(self.policy, undone, day, by_date_alone=True).allowed
        restored = restored_after_undo(self.policy, lambda month: 100, paused.effective_month, undone_on)
        assert restored.months_withheld == ()
        assert restored.total_fen == 100 * (restored.resume_month - paused.effective_month)

    @precondition(lambda self: self.paused_on)
    @rule(later=st.integers(0, 100))
    def undo(self, later):
        self.undone_on = self.paused_on + timedelta(days=later)
        assert self.tell(PauseUndone(self.undone_on))
        self.paused_on = None

    @precondition(lambda self: len(self.told) > 4)
    @rule(died_on=days, later=st.integers(-1, 60))
    def die(self, died_on, later):
        if self.tell(DeathConfirmed(died_on, died_on + timedelta(days=later))):
            assert later >= 0
            assert self.died_on in (None, died_on)
            self.died_on = died_on

    @precondition(lambda self: self.died_on)
    @rule(later=st.integers(0, 30))
    def find_the_death_an_error(self, later):
        """Withdrawn, it is as if it had never been told."""
        event = DeathWithdrawn(self.died_on, self.standing.death_confirmed_on + timedelta(days=later))
        self.standing = apply(self.policy, self.standing, event)
        self.start = replace(self.start, died_on=None, death_confirmed_on=None)
        self.told = [told for told in self.told if not isinstance(told, DeathConfirmed)]
        self.died_on = None

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def tell_again(self, data):
        event = data.draw(st.sampled_from(self.told))
        assert apply(self.policy, self.standing, event) == self.standing

    @precondition(lambda self: len(self.told) > 8 and self.standing.cycle < 2015)
    @rule()
    def next_cycle(self):
        before = self.standing
        self.standing = open_cycle(self.policy, before.cycle + 1, previous=before)
        assert self.standing.died_on == self.died_on
        if before.certifications:
            assert self.standing.pauses == self.standing.holds == self.standing.contacts == ()
            self.certified = set(self.standing.certifications)
            self.holds, self.contacts, self.told = {}, set(), []
            self.paused_on = self.undone_on = None
        else:
            assert self.standing.status is before.status
            assert self.standing.due == before.due
        assert replay_after(self.policy, self.standing.cycle, before, []) == self.standing
        self.start = self.standing

    @invariant()
    def no_certification_is_lost(self):
        assert set(self.standing.certifications) == self.certified

    @invariant()
    def the_status_is_what_the_facts_say(self):
        void = self.certified and self.paused_on and min(self.certified) < self.paused_on
        paused = self.paused_on and not void
        if self.died_on:
            expected = Status.ENDED
        elif self.certified:
            expected = Status.RESUMED if paused else Status.CERTIFIED
        elif paused:
            expected = Status.PAUSED
        else:
            expected = None
        if expected:
            assert self.standing.status is expected
            assert not may_pause(self.policy, self.standing, date(2030, 1, 1)).allowed
        else:
            assert self.standing.status in (Status.DUE, Status.HELD)
        assert self.standing.resumed_on == (min(self.certified) if self.certified and paused else None)

    @invariant()
    def holds_are_what_the_days_say(self):
        held = self.held_days()
        edges = {edge for _, days in self.holds.values() if days for edge in (min(days), max(days))}
        for day in edges | {edge + timedelta(days=1) for edge in edges}:
            assert held_on(self.policy, self.standing, day) == (day in held)

    @invariant()
    def at_most_one_pause_stands(self):
        assert all(pause.undone_on for pause in self.standing.pauses[:-1])
        ordered = [pause.ordered_on for pause in self.standing.pauses]
        assert ordered == sorted(set(ordered))

    @invariant()
    def the_same_events_give_the_same_standing_also_from_the_database(self):
        events = [event_from_dict(json.loads(json.dumps(event_to_dict(event)))) for event in self.told]
        assert replay(self.policy, self.start, events) == self.standing
        assert Standing.from_dict(json.loads(json.dumps(self.standing.to_dict()))) == self.standing


TestCases = Cases.TestCase
TestCases.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
