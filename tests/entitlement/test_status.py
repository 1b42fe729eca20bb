"""The cases an office meets, one by one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from jianzai.entitlement import (
    PRESETS,
    Certified,
    ContactLogged,
    DeathConfirmed,
    DeathWithdrawn,
    HoldClosed,
    HoldKind,
    HoldOpened,
    IllegalEvent,
    Month,
    Paused,
    PauseUndone,
    PauseVerdict,
    Reason,
    Status,
    apply,
    event_from_dict,
    held_on,
    in_person_required,
    may_pause,
    open_cycle,
    replay,
    replay_after,
    review_until,
    status_on,
)

CHANGSHA = PRESETS["changsha-2013"]
ROLLING = PRESETS["rolling-12-months"]
OPEN = open_cycle(CHANGSHA, 2013)
DEADLINE = date(2013, 9, 30)
OCTOBER_1 = date(2013, 10, 1)
PAUSED = Paused(OCTOBER_1, Month(2013, 10))
ONE_DAY = timedelta(days=1)


def changsha(*events):
    return replay(CHANGSHA, OPEN, events)


def refused(policy, standing, event):
    with pytest.raises(IllegalEvent) as caught:
        apply(policy, standing, event)
    assert caught.value.event == event
    return set(caught.value.reasons)


def review(on, days, case="review-1"):
    return HoldOpened(on, on + timedelta(days=days - 1), HoldKind.REVIEW, case)


class TestTheDate:
    def test_due_until_the_deadline_and_overdue_after_it(self):
        assert status_on(CHANGSHA, OPEN, DEADLINE) is Status.DUE
        assert status_on(CHANGSHA, OPEN, OCTOBER_1) is Status.OVERDUE

    def test_changsha_stops_by_the_date_alone(self):
        assert may_pause(CHANGSHA, OPEN, DEADLINE) == PauseVerdict((Reason.NOT_YET_DUE,))
        assert may_pause(CHANGSHA, OPEN, OCTOBER_1).allowed

    def test_days_of_grace_are_overdue_but_not_paused(self):
        policy = replace(CHANGSHA, grace_days=10)
        assert status_on(policy, OPEN, date(2013, 10, 10)) is Status.OVERDUE
        assert may_pause(policy, OPEN, date(2013, 10, 10)).reasons == (Reason.NOT_YET_DUE,)
        assert may_pause(policy, OPEN, date(2013, 10, 11)).allowed

    def test_a_month_already_paid_cannot_be_stopped(self):
        late = Paused(date(2013, 10, 11), Month(2013, 10))
        assert refused(CHANGSHA, OPEN, late) == {Reason.PAYROLL_CLOSED}


class TestContacts:
    standing = open_cycle(ROLLING, 2025, last_certified=date(2024, 3, 10))
    sweep_day = date(2025, 4, 10)

    def verdict(self, *contacts):
        events = [ContactLogged(date(2025, 3, day), channel) for day, channel in contacts]
        return may_pause(ROLLING, replay(ROLLING, self.standing, events), self.sweep_day)

    def test_says_how_many_are_missing(self):
        assert self.verdict() == PauseVerdict((Reason.CONTACTS_MISSING,), 3, 2)
        assert self.verdict((1, "sms"), (2, "sms")) == PauseVerdict((Reason.CONTACTS_MISSING,), 1, 1)

    def test_three_on_one_channel_are_not_enough(self):
        assert self.verdict((1, "sms"), (2, "sms"), (3, "sms")) == PauseVerdict(
            (Reason.CONTACTS_MISSING,), 0, 1
        )

    def test_three_on_two_channels_are_enough(self):
        assert self.verdict((1, "sms"), (2, "letter"), (3, "sms")).allowed

    def test_one_message_sent_again_is_one_contact(self):
        assert self.verdict((1, "sms"), (1, "sms"), (1, "letter")).contacts_missing == 1

    def test_what_is_planned_for_later_does_not_count_yet(self):
        planned = [ContactLogged(self.sweep_day + ONE_DAY, channel) for channel in ("sms", "letter", "phone")]
        assert (
            may_pause(ROLLING, replay(ROLLING, self.standing, planned), self.sweep_day).contacts_missing == 3
        )

    def test_a_reminder_of_an_earlier_cycle_does_not_count(self):
        assert refused(ROLLING, self.standing, ContactLogged(date(2024, 3, 10), "sms")) == {
            Reason.BEFORE_CYCLE
        }


class TestCertification:
    def test_counts_for_the_cycle_whenever_and_however_it_comes(self):
        standing = changsha(Certified(date(2013, 1, 1)))
        assert status_on(CHANGSHA, standing, date(2013, 12, 31)) is Status.CERTIFIED
        assert may_pause(CHANGSHA, standing, date(2013, 12, 31)).reasons == (Reason.CERTIFIED,)

    def test_of_an_earlier_cycle_proves_nothing_of_this_one(self):
        assert refused(CHANGSHA, OPEN, Certified(date(2012, 12, 31))) == {Reason.BEFORE_CYCLE}

    def test_ends_a_pause(self):
        standing = changsha(PAUSED, Certified(date(2013, 11, 5)), Certified(date(2013, 12, 5)))
        assert standing.status is Status.RESUMED
        assert standing.resumed_on == date(2013, 11, 5)
        assert standing.certified_on == date(2013, 12, 5)
        assert may_pause(CHANGSHA, standing, date(2013, 12, 31)).reasons == (Reason.CERTIFIED,)

    def test_received_in_time_but_known_late_voids_the_pause(self):
        standing = changsha(PAUSED, Certified(DEADLINE))
        assert standing.status is Status.CERTIFIED
        assert (standing.pause, standing.resumed_on) == (None, None)

    def test_known_late_it_moves_the_resumption_to_its_own_day(self):
        standing = changsha(PAUSED, Certified(date(2013, 12, 5)), Certified(date(2013, 11, 5)))
        assert standing.resumed_on == date(2013, 11, 5)


class TestHolds:
    def test_a_failed_attempt_is_not_a_suspension(self):
        standing = changsha(review(date(2013, 9, 25), 10))
        assert status_on(CHANGSHA, standing, date(2013, 10, 4)) is Status.HELD
        assert may_pause(CHANGSHA, standing, date(2013, 10, 4)).reasons == (Reason.HELD,)
        assert status_on(CHANGSHA, standing, date(2013, 10, 5)) is Status.OVERDUE

    def test_a_decided_case_holds_no_longer(self):
        standing = changsha(review(date(2013, 9, 25), 30), HoldClosed(date(2013, 10, 2), "review-1"))
        assert held_on(CHANGSHA, standing, OCTOBER_1)
        assert not held_on(CHANGSHA, standing, date(2013, 10, 2))
        assert standing.status is Status.DUE
        assert may_pause(CHANGSHA, standing, date(2013, 10, 2)).allowed

    def test_a_closed_case_stays_closed_and_a_new_one_opens(self):
        closed = changsha(review(date(2013, 9, 25), 5), HoldClosed(date(2013, 9, 26), "review-1"))
        assert apply(CHANGSHA, closed, review(date(2013, 9, 26), 20)) == closed
        again = apply(CHANGSHA, closed, review(date(2013, 9, 26), 20, "review-2"))
        assert held_on(CHANGSHA, again, OCTOBER_1)

    def test_a_visit_booked_later_holds_longer(self):
        def booked(until):
            return HoldOpened(date(2013, 9, 1), until, HoldKind.VISIT, "visit-1")

        standing = changsha(booked(date(2013, 10, 3)), booked(date(2013, 11, 20)), booked(date(2013, 10, 3)))
        assert held_on(CHANGSHA, standing, date(2013, 11, 20))
        assert not held_on(CHANGSHA, standing, date(2013, 11, 21))

    def test_closing_one_case_leaves_the_other(self):
        visit = HoldOpened(date(2013, 9, 1), date(2013, 11, 1), HoldKind.VISIT, "visit-1")
        standing = changsha(visit, review(date(2013, 9, 25), 30), HoldClosed(date(2013, 9, 26), "review-1"))
        assert status_on(CHANGSHA, standing, OCTOBER_1) is Status.HELD

    def test_a_case_is_of_one_kind_and_its_dates_in_order(self):
        standing = changsha(review(date(2013, 9, 25), 5))
        as_visit = HoldOpened(date(2013, 9, 25), date(2013, 9, 29), HoldKind.VISIT, "review-1")
        backwards = HoldOpened(date(2013, 9, 25), date(2013, 9, 24), HoldKind.VISIT, "visit-1")
        assert refused(CHANGSHA, standing, as_visit) == {Reason.OTHER_HOLD}
        assert refused(CHANGSHA, standing, backwards) == {Reason.IMPOSSIBLE_DATES}
        assert refused(CHANGSHA, standing, HoldClosed(date(2013, 9, 24), "review-1")) == {
            Reason.IMPOSSIBLE_DATES
        }
        assert refused(CHANGSHA, standing, HoldClosed(date(2013, 9, 26), "review-2")) == {Reason.NO_SUCH_HOLD}


class TestFailingAgainAndAgain:
    """Somebody draws a dead person's pension and keeps failing, so that a case is always open."""

    undecided = changsha(review(date(2013, 9, 1), 400))
    used_up = date(2013, 10, 31)  # the day after thirty days of review on which a pause could be ordered

    def test_a_case_nobody_decides_holds_for_the_days_of_the_policy(self):
        assert held_on(CHANGSHA, self.undecided, date(2013, 10, 30))
        assert not held_on(CHANGSHA, self.undecided, self.used_up)
        assert may_pause(CHANGSHA, self.undecided, self.used_up).allowed

    def test_days_before_a_pause_is_possible_use_up_none(self):
        decided = HoldClosed(date(2013, 8, 20), "july")
        standing = changsha(review(date(2013, 7, 5), 400, "july"), decided, review(OCTOBER_1, 400, "october"))
        assert not in_person_required(CHANGSHA, standing, date(2013, 10, 30))
        assert held_on(CHANGSHA, standing, date(2013, 10, 30))
        assert not held_on(CHANGSHA, standing, date(2013, 10, 31))

    def test_its_last_day_is_known_when_it_opens(self):
        assert review_until(CHANGSHA, OPEN, date(2013, 7, 5)) == date(2013, 10, 30)
        assert review_until(CHANGSHA, OPEN, date(2013, 11, 1)) == date(2013, 11, 30)

    def test_a_last_day_once_told_stays_under_a_later_policy(self):
        standing = replay(ROLLING, OPEN, [review(date(2013, 9, 5), 400)])
        told = standing.holds[0].last_day
        assert told > date(2013, 10, 30)
        assert held_on(CHANGSHA, standing, told)
        assert not in_person_required(CHANGSHA, standing, told)
        assert not held_on(CHANGSHA, standing, told + timedelta(days=1))
        assert in_person_required(CHANGSHA, standing, told + timedelta(days=1))

    def test_no_further_case_of_that_kind_opens(self):
        again = review(self.used_up, 30, "review-2")
        assert refused(CHANGSHA, self.undecided, again) == {Reason.IN_PERSON_REQUIRED}

    def test_days_of_all_such_cases_count_together_and_each_once(self):
        cases = [review(OCTOBER_1 + timedelta(days=8 * number), 10, f"r{number}") for number in range(3)]
        standing = changsha(*cases, review(date(2013, 11, 20), 400, "last"))  # 26 days, then the rest
        assert held_on(CHANGSHA, standing, date(2013, 11, 23))
        assert not held_on(CHANGSHA, standing, date(2013, 11, 24))

    def test_only_meeting_the_person_helps(self):
        assert not in_person_required(CHANGSHA, self.undecided, date(2013, 10, 30))
        assert in_person_required(CHANGSHA, self.undecided, self.used_up)
        assert refused(CHANGSHA, self.undecided, Certified(self.used_up)) == {Reason.IN_PERSON_REQUIRED}
        met = apply(CHANGSHA, self.undecided, Certified(self.used_up, in_person=True))
        assert met.status is Status.CERTIFIED
        assert not in_person_required(CHANGSHA, met, date(2013, 12, 1))

    def test_a_late_decision_about_evidence_in_time_still_counts(self):
        assert apply(CHANGSHA, self.undecided, Certified(date(2013, 9, 3))).status is Status.CERTIFIED

    def test_a_home_visit_still_holds(self):
        visit = HoldOpened(self.used_up, date(2013, 11, 20), HoldKind.VISIT, "visit-1")
        assert held_on(CHANGSHA, apply(CHANGSHA, self.undecided, visit), date(2013, 11, 20))

    def test_the_new_year_gives_no_new_days(self):
        next_year = open_cycle(CHANGSHA, 2014, previous=self.undecided)
        again = review(date(2014, 9, 1), 30, "review-2")
        assert refused(CHANGSHA, next_year, again) == {Reason.IN_PERSON_REQUIRED}

    def test_a_certification_does(self):
        met = apply(CHANGSHA, self.undecided, Certified(self.used_up, in_person=True))
        next_year = open_cycle(CHANGSHA, 2014, previous=met)
        assert held_on(CHANGSHA, apply(CHANGSHA, next_year, review(date(2014, 9, 1), 30)), date(2014, 9, 30))


class TestUndo:
    undone = changsha(PAUSED, PauseUndone(date(2013, 10, 8)))

    def test_puts_the_person_back_where_they_were(self):
        assert status_on(CHANGSHA, self.undone, date(2013, 10, 8)) is Status.OVERDUE
        assert self.undone.pause is None

    def test_is_not_repeated_by_the_sweep_of_the_same_day(self):
        assert may_pause(CHANGSHA, self.undone, date(2013, 10, 8)).reasons == (Reason.JUST_UNDONE,)
        assert may_pause(CHANGSHA, self.undone, date(2013, 10, 9)).allowed

    def test_is_not_repeated_by_the_date_alone_within_a_year(self):
        for day in (date(2013, 10, 9), date(2014, 10, 7)):
            assert may_pause(CHANGSHA, self.undone, day, by_date_alone=True).reasons == (Reason.TAKEN_BACK,)
        assert may_pause(CHANGSHA, self.undone, date(2014, 10, 8), by_date_alone=True).allowed
        met = open_cycle(CHANGSHA, 2014, previous=apply(CHANGSHA, self.undone, Certified(date(2013, 11, 1))))
        assert may_pause(CHANGSHA, met, date(2014, 10, 1), by_date_alone=True).allowed

    def test_a_job_that_tells_the_old_pause_again_pauses_nobody(self):
        assert apply(CHANGSHA, self.undone, PAUSED) == self.undone

    def test_also_after_certifying_and_after_death(self):
        certified = changsha(PAUSED, Certified(date(2013, 11, 5)), PauseUndone(date(2013, 11, 6)))
        assert certified.status is Status.CERTIFIED
        died = changsha(PAUSED, DeathConfirmed(OCTOBER_1, OCTOBER_1), PauseUndone(date(2013, 11, 6)))
        assert (died.status, died.pause) == (Status.ENDED, None)

    def test_needs_a_pause_from_before(self):
        assert refused(CHANGSHA, OPEN, PauseUndone(OCTOBER_1)) == {Reason.NOT_PAUSED}
        assert refused(CHANGSHA, self.undone, PauseUndone(date(2013, 10, 9))) == {Reason.NOT_PAUSED}
        assert refused(CHANGSHA, changsha(PAUSED), PauseUndone(DEADLINE)) == {Reason.IMPOSSIBLE_DATES}


class TestDeath:
    ended = changsha(DeathConfirmed(date(2013, 5, 2), date(2013, 5, 20)))

    def test_ends_for_good(self):
        assert status_on(CHANGSHA, self.ended, date(2013, 12, 31)) is Status.ENDED
        assert Reason.ENDED in may_pause(CHANGSHA, self.ended, date(2013, 12, 31)).reasons
        assert refused(CHANGSHA, self.ended, Certified(date(2013, 5, 3), in_person=True)) == {Reason.ENDED}
        assert refused(CHANGSHA, self.ended, review(date(2013, 6, 1), 5)) == {Reason.ENDED}
        assert refused(CHANGSHA, self.ended, ContactLogged(date(2013, 6, 1), "sms")) == {Reason.ENDED}
        assert open_cycle(CHANGSHA, 2014, previous=self.ended).status is Status.ENDED

    def test_evidence_from_before_it_is_kept(self):
        standing = apply(CHANGSHA, self.ended, Certified(date(2013, 5, 2)))
        assert (standing.status, standing.certified_on) == (Status.ENDED, date(2013, 5, 2))

    def test_confirmed_against_a_certification_keeps_both(self):
        standing = changsha(Certified(date(2013, 7, 1)), DeathConfirmed(date(2013, 5, 2), date(2013, 8, 1)))
        assert (standing.status, standing.certified_on) == (Status.ENDED, date(2013, 7, 1))

    def test_has_one_date_not_later_than_its_confirmation(self):
        other = DeathConfirmed(date(2013, 5, 3), date(2013, 5, 20))
        assert refused(CHANGSHA, self.ended, other) == {Reason.OTHER_DEATH_DATE}
        future = DeathConfirmed(date(2013, 5, 3), date(2013, 5, 2))
        assert refused(CHANGSHA, OPEN, future) == {Reason.IMPOSSIBLE_DATES}

    def test_withdrawn_is_as_if_never_told(self):
        died = DeathConfirmed(OCTOBER_1, OCTOBER_1)
        back = changsha(PAUSED, died, DeathWithdrawn(OCTOBER_1, date(2013, 10, 9)))
        assert back == changsha(PAUSED)
        assert apply(CHANGSHA, back, DeathWithdrawn(OCTOBER_1, date(2013, 10, 9))) == back

    def test_withdrawn_by_its_own_date_and_not_before_it_was_told(self):
        other = DeathWithdrawn(date(2013, 5, 3), date(2013, 6, 1))
        assert refused(CHANGSHA, self.ended, other) == {Reason.OTHER_DEATH_DATE}
        early = DeathWithdrawn(date(2013, 5, 2), date(2013, 5, 19))
        assert refused(CHANGSHA, self.ended, early) == {Reason.IMPOSSIBLE_DATES}


class TestTheNextCycle:
    def test_a_certified_person_starts_afresh(self):
        next_year = open_cycle(CHANGSHA, 2014, previous=changsha(PAUSED, Certified(date(2013, 11, 5))))
        assert next_year == open_cycle(CHANGSHA, 2014)
        assert next_year.due == date(2014, 9, 30)

    def test_a_paused_person_stays_paused_until_they_certify(self):
        next_year = open_cycle(CHANGSHA, 2014, previous=changsha(PAUSED))
        assert next_year.status is Status.PAUSED
        resumed = apply(CHANGSHA, next_year, Certified(date(2014, 2, 1)))
        assert (resumed.status, resumed.pause.effective_month) == (Status.RESUMED, Month(2013, 10))

    def test_a_missed_duty_is_not_wiped_out_by_the_calendar(self):
        next_year = open_cycle(CHANGSHA, 2014, previous=OPEN)
        assert status_on(CHANGSHA, next_year, date(2014, 1, 1)) is Status.OVERDUE

    def test_somebody_certified_elsewhere_this_year_is_certified(self):
        assert open_cycle(CHANGSHA, 2013, last_certified=date(2013, 2, 1)).status is Status.CERTIFIED

    def test_rolling_runs_from_certification_to_certification(self):
        first = open_cycle(ROLLING, 2025, last_certified=date(2024, 1, 15))
        assert first.due == date(2025, 1, 15)
        early = apply(ROLLING, first, Certified(date(2024, 12, 20)))
        assert early.status is Status.CERTIFIED
        missed = open_cycle(ROLLING, 2026, previous=first)
        assert apply(ROLLING, missed, Certified(date(2025, 12, 30))).status is Status.CERTIFIED


def test_what_is_no_event_is_refused():
    with pytest.raises(TypeError):
        apply(CHANGSHA, OPEN, "certified")
    with pytest.raises(ValueError, match="no such event"):
        event_from_dict({"event": "resurrected", "on": "2013-10-01"})
    with pytest.raises(ValueError, match="on"):
        event_from_dict({"event": "certified"})


class TestKnownAfterTheNextCycleOpened:
    """A duty not met is carried over; then it turns out that it was met, or that it was not."""

    held = changsha(review(date(2013, 12, 20), 30))
    met = apply(CHANGSHA, held, Certified(date(2013, 12, 20)))
    paused = Paused(date(2014, 1, 25), Month(2014, 2))

    def test_evidence_in_time_gives_the_new_cycle_its_own_deadline(self):
        carried = open_cycle(CHANGSHA, 2014, previous=self.held)
        assert (carried.due, carried.status) == (DEADLINE, Status.HELD)
        known = replay_after(CHANGSHA, 2014, self.met, [])
        assert known == open_cycle(CHANGSHA, 2014, previous=self.met)
        assert known.due == date(2014, 9, 30)

    def test_a_pause_of_the_duty_that_was_met_is_void(self):
        known = replay_after(CHANGSHA, 2014, self.met, [self.paused])
        assert (known.status, known.pauses) == (Status.DUE, ())
        assert may_pause(CHANGSHA, known, date(2014, 10, 1), by_date_alone=True).allowed

    def test_a_pause_of_the_new_duty_stands(self):
        october = Paused(date(2014, 10, 1), Month(2014, 10))
        assert replay_after(CHANGSHA, 2014, self.met, [october]).status is Status.PAUSED

    @pytest.mark.parametrize(
        "late",
        [
            HoldOpened(date(2013, 12, 31), date(2014, 12, 31), HoldKind.FORM, "received"),
            DeathConfirmed(date(2014, 3, 1), date(2014, 3, 5)),
        ],
        ids=["a hold from before it", "a death after it"],
    )
    def test_a_pause_stays_ordered_that_only_something_else_known_later_would_not_have_allowed(self, late):
        known = replay_after(CHANGSHA, 2014, apply(CHANGSHA, self.held, late), [self.paused])
        assert [each.ordered_on for each in known.pauses] == [self.paused.on]
        met = apply(CHANGSHA, apply(CHANGSHA, self.held, late), Certified(date(2013, 12, 31)))
        assert replay_after(CHANGSHA, 2014, met, [self.paused]).pauses == ()

    def test_a_certification_of_the_new_cycle_is_kept(self):
        own = [Certified(date(2014, 2, 1))]
        assert replay_after(CHANGSHA, 2014, self.met, own).status is Status.CERTIFIED
        last_months = apply(ROLLING, open_cycle(ROLLING, 2013), Certified(date(2014, 2, 10)))
        assert replay_after(ROLLING, 2014, last_months, own).certified_on >= date(2014, 2, 1)

    def test_a_pause_that_was_ended_is_not_carried_on(self):
        paused = changsha(PAUSED)
        resumed = apply(CHANGSHA, paused, Certified(date(2013, 12, 20)))
        assert open_cycle(CHANGSHA, 2014, previous=paused).status is Status.PAUSED
        assert replay_after(CHANGSHA, 2014, resumed, []).status is Status.DUE

    def test_without_a_change_it_is_what_it_was(self):
        events = [
            ContactLogged(date(2014, 1, 3), "phone"),
            HoldClosed(date(2014, 1, 20), "review-1"),
            self.paused,
        ]
        carried = open_cycle(CHANGSHA, 2014, previous=self.held)
        assert replay_after(CHANGSHA, 2014, self.held, events) == replay(CHANGSHA, carried, events)


class TestNewcomers:
    def test_who_comes_after_the_deadline_has_days_to_certify(self):
        standing = open_cycle(CHANGSHA, 2013, joined_on=date(2013, 11, 20))
        assert standing.due == date(2014, 1, 19)
        assert not may_pause(CHANGSHA, standing, date(2014, 1, 19)).allowed
        assert may_pause(CHANGSHA, standing, date(2014, 1, 20)).allowed

    def test_the_deadline_is_not_brought_forward(self):
        assert open_cycle(CHANGSHA, 2013, joined_on=date(2013, 2, 1)).due == DEADLINE

    def test_nobody_who_had_a_cycle_before_is_new(self):
        before = open_cycle(CHANGSHA, 2012)
        assert open_cycle(CHANGSHA, 2013, previous=before, joined_on=date(2013, 11, 20)).due == before.due
