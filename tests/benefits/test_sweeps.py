"""Sweeps: dry run, proposal, release by a second person, carrying out, undoing."""

from datetime import date

import pytest

from jianzai.audit.services import Actor
from jianzai.benefits import services
from jianzai.benefits.errors import (
    FutureDate,
    NobodyToPause,
    NotAllowed,
    ReleaseByTwoNeeded,
    SecondPersonNeeded,
    SweepClosed,
)
from jianzai.benefits.models import Order, Pause, Sweep
from jianzai.benefits.queries import dropped_reasons, outcome
from jianzai.certification.models import Cycle
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import open_cycle
from jianzai.registry.models import Area
from tests.people import DISTRICT, OTHER_DISTRICT, make_person, make_staff

from . import office

pytestmark = pytest.mark.django_db


def test_a_dry_run_counts_and_writes_nothing(overdue, on_day):
    office.hold(overdue[0], date(2026, 10, 20))
    office.certified(overdue[1])
    report = services.dry_run(date(2026, 10, 5), office.city(), None)
    assert (report.overdue, report.chosen, report.monthly_fen) == (3, 2, 600_000)
    assert report.left_out == {"held": 1}
    assert [(each.code, each.name, each.people, each.chosen) for each in report.districts] == [
        ("430102", "芙蓉区", 4, 2)
    ]
    assert not report.two_person_release
    assert not Sweep.objects.exists()
    assert not Pause.objects.exists()


def test_nobody_is_overdue_on_the_last_day_in_time(overdue):
    assert services.dry_run(date(2026, 9, 30), office.city(), None).overdue == 0
    assert services.dry_run(date(2026, 10, 1), office.city(), None).chosen == 4


@pytest.mark.parametrize(("day", "month"), [(5, "2026-10"), (10, "2026-10"), (11, "2026-11")])
def test_a_pause_is_one_order_by_the_payroll_cut_off(overdue, supervisor, second, on_day, day, month):
    on_day(date(2026, 10, day))
    sweep = office.confirm(office.propose(supervisor), second)
    assert sweep.state == Sweep.State.DONE
    assert outcome(sweep) == {"active": 4}
    for person in overdue:
        assert office.state(person) == ("paused", "paused")
        assert office.orders(person) == [("pause", month, 0)]
    assert list(Order.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4]
    assert office.audited("benefits.paused") == 4


def test_whoever_proposed_does_not_release(overdue, supervisor, second):
    sweep = office.propose(supervisor)
    with pytest.raises(SecondPersonNeeded):
        office.confirm(sweep, supervisor)
    assert not Order.objects.exists()
    office.confirm(sweep, second)
    assert Order.objects.count() == 4


def test_released_again_nothing_happens_twice(overdue, supervisor, second):
    sweep = office.confirm(office.propose(supervisor), second)
    assert office.confirm(sweep, second).state == Sweep.State.DONE
    assert services.carry_out(sweep).state == Sweep.State.DONE
    assert Order.objects.count() == 4


def test_only_who_may_and_only_in_their_area(overdue, supervisor, second):
    clerk, stranger = make_staff("clerk"), make_staff("supervisor", area=OTHER_DISTRICT)
    for staff in (clerk, stranger):
        with pytest.raises(NotAllowed):
            office.propose(staff, Area.objects.get(code=DISTRICT))
    sweep = office.propose(supervisor)
    for staff in (clerk, stranger):
        with pytest.raises(NotAllowed):
            office.confirm(sweep, staff)
        with pytest.raises(NotAllowed):
            office.undo(sweep, staff)
        with pytest.raises(NotAllowed):
            services.discard_sweep(sweep, staff, Actor.staff(staff))


def test_certified_or_held_between_proposal_and_release_is_not_paused(overdue, supervisor, second):
    sweep = office.propose(supervisor)
    office.certified(overdue[0])
    office.hold(overdue[1], date(2026, 10, 5))
    sweep = office.confirm(sweep, second)
    assert outcome(sweep) == {"active": 2, "dropped": 2}
    assert dropped_reasons(sweep) == {"entitlement.certified": 1, "entitlement.held": 1}
    assert office.state(overdue[0]) == ("certified", "paying")
    assert office.state(overdue[1]) == ("held", "paying")
    assert not Order.objects.filter(person__in=overdue[:2]).exists()


def test_in_two_batches_at_once_somebody_is_paused_once(overdue, supervisor, second):
    batches = [office.propose(supervisor), office.propose(supervisor)]
    for sweep in batches:
        office.confirm(sweep, second)
    assert Order.objects.count() == 4
    assert dropped_reasons(batches[1]) == {"entitlement.already_paused": 4}


def test_the_cap_holds_in_each_district_and_takes_the_longest_overdue(overdue, supervisor, on_day):
    on_day(date(2026, 7, 1))
    neighbours = [make_person(area=OTHER_DISTRICT) for _ in range(3)]
    open_cycle(2026, Actor.SYSTEM)
    on_day(date(2026, 10, 5))
    sweep = office.propose(supervisor, cap=2)
    assert set(sweep.pauses.values_list("person", flat=True)) == {
        *(person.pk for person in overdue[:2]),
        *(person.pk for person in neighbours[:2]),
    }
    assert sweep.report["left_out"] == {"over_cap": 3}


def test_the_policys_share_of_a_districts_people_holds_too(overdue, supervisor):
    cycle = Cycle.objects.get()
    cycle.policy |= {"area_batch_cap_percent": 50}
    cycle.save()
    assert office.propose(supervisor).pauses.count() == 2
    assert office.propose(supervisor, cap=1).pauses.count() == 1


def test_a_sweep_of_a_district_leaves_the_others(overdue, supervisor, second):
    with pytest.raises(NobodyToPause):
        office.propose(supervisor, Area.objects.get(code=OTHER_DISTRICT))


def test_a_discarded_batch_pauses_nobody(overdue, supervisor, second):
    sweep = services.discard_sweep(office.propose(supervisor), second, Actor.staff(second))
    for _ in range(2):
        sweep = services.discard_sweep(sweep, second, Actor.staff(second))
        assert (sweep.state, outcome(sweep)) == (Sweep.State.DISCARDED, {"dropped": 4})
    for verb in (office.confirm, office.undo):
        with pytest.raises(SweepClosed):
            verb(sweep, second)
    assert not Order.objects.exists()


def test_undone_pays_everything_back_and_leaves_who_resumed(overdue, supervisor, second, on_day):
    sweep = office.confirm(office.propose(supervisor), second)
    on_day(date(2026, 11, 20))
    office.certified(overdue[0])
    on_day(date(2026, 12, 5))
    sweep = office.undo(sweep, second)
    assert sweep.state == Sweep.State.UNDONE
    assert outcome(sweep) == {"resumed": 1, "undone": 3}
    assert office.orders(overdue[0]) == [("pause", "2026-10", 0), ("resume", "2026-12", 600_000)]
    assert office.orders(overdue[1]) == [("pause", "2026-10", 0), ("resume", "2026-12", 600_000)]
    assert office.state(overdue[1]) == ("due", "paying")
    before = Order.objects.count()
    office.undo(sweep, supervisor)
    assert Order.objects.count() == before
    assert (office.audited("benefits.sweep_undone"), office.audited("benefits.pause_undone")) == (1, 3)


def test_undone_people_can_be_swept_again_but_not_the_same_day(overdue, supervisor, second, on_day):
    office.undo(office.confirm(office.propose(supervisor), second), second)
    assert services.dry_run(date(2026, 10, 5), office.city(), None).left_out == {"just_undone": 4}
    on_day(date(2026, 10, 6))
    assert services.sweep_now(date(2026, 10, 6), Actor.SYSTEM) == []  # but never by the date alone
    office.confirm(office.propose(supervisor), second)
    assert office.state(overdue[0]) == ("paused", "paused")


def test_a_pause_is_undone_in_the_next_cycle_too(overdue, supervisor, second, on_day):
    sweep = office.confirm(office.propose(supervisor), second)
    on_day(date(2027, 1, 3))
    open_cycle(2027, Actor.SYSTEM, "changsha-2013")
    assert office.state(overdue[0]) == ("paused", "paused")
    office.undo(sweep, second)
    assert office.state(overdue[0]) == ("due", "paying")
    assert office.orders(overdue[0])[-1] == ("resume", "2027-01", 900_000)


def test_a_proposal_from_before_a_new_cycle_pauses_nobody(overdue, supervisor, second, on_day):
    sweep = office.propose(supervisor)
    on_day(date(2027, 1, 3))
    open_cycle(2027, Actor.SYSTEM, "changsha-2013")
    assert dropped_reasons(office.confirm(sweep, second)) == {"benefits.dropped_newer_cycle": 4}


class TestAutomatic:
    """What ``jianzai sweep`` does under changsha-2013."""

    def test_pauses_by_the_date_alone_and_once(self, overdue):
        (sweep,) = services.sweep_now(date(2026, 10, 5), Actor.SYSTEM)
        assert outcome(sweep) == {"active": 4}
        assert services.sweep_now(date(2026, 10, 5), Actor.SYSTEM) == []
        assert Order.objects.count() == 4

    def test_finishes_what_was_left_in_the_middle(self, overdue, supervisor):
        sweep = office.propose(supervisor)
        Sweep.objects.filter(pk=sweep.pk).update(state=Sweep.State.CONFIRMED)
        assert services.sweep_now(date(2026, 10, 5), Actor.SYSTEM) == []
        assert outcome(sweep) == {"active": 4}

    def test_leaves_policies_of_two_people_alone(self, overdue):
        cycle = Cycle.objects.get()
        cycle.policy |= {"two_person_release": True}
        cycle.save()
        with pytest.raises(ReleaseByTwoNeeded):
            services.sweep_now(date(2026, 10, 5), Actor.SYSTEM)
        assert not Sweep.objects.exists()
        assert services.dry_run(date(2026, 10, 5), office.city(), None).two_person_release

    def test_takes_a_coming_day_in_the_demo_alone(self, overdue, settings, on_day):
        on_day(date(2026, 9, 1))
        settings.DEMO = False
        with pytest.raises(FutureDate):
            services.sweep_now(date(2126, 10, 5), Actor.SYSTEM)
        with pytest.raises(FutureDate):
            services.dry_run(date(2126, 10, 5), office.city(), None)
        settings.DEMO = True
        (sweep,) = services.sweep_now(date(2026, 10, 5), Actor.SYSTEM)
        assert outcome(sweep) == {"active": 4}

    def test_keeps_districts_of_different_cities_apart(self, overdue, on_day):
        on_day(date(2026, 7, 1))
        make_person(area="110101000000")
        open_cycle(2026, Actor.SYSTEM)
        on_day(date(2026, 10, 5))
        swept = services.sweep_now(date(2026, 10, 5), Actor.SYSTEM)
        assert [sweep.area_id for sweep in swept] == ["110101000000", "430100000000"]


def test_every_obligation_tells_why_it_is_where_it_is(overdue, supervisor, second):
    office.confirm(office.propose(supervisor), second)
    events = [row.event["event"] for row in current_obligation(overdue[0]).events.all()]
    assert events == ["paused"]
