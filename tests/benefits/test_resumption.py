"""Whoever certifies after a pause is paid again in the same transaction, exactly what the rule grants."""

from datetime import date

import pytest

from jianzai.audit.services import Actor
from jianzai.benefits import services
from jianzai.benefits.models import Order, Pause
from jianzai.benefits.signals import resumed
from jianzai.certification.models import Certification, Cycle, ReviewCase
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import approve_case, certify, open_cycle
from jianzai.certification.services.reviews import open_case
from jianzai.notices.models import Notice
from jianzai.notices.wording import words
from tests.people import failed_attempt

from . import office

pytestmark = pytest.mark.django_db


@pytest.fixture
def paused(overdue, supervisor, second):
    """Somebody paused on 5 October 2026, first month unpaid October."""
    office.confirm(office.propose(supervisor), second)
    return overdue[0]


def test_the_same_day_nothing_is_owed(paused):
    office.certified(paused)
    assert office.state(paused) == ("resumed", "paying")
    assert office.orders(paused) == [("pause", "2026-10", 0), ("resume", "2026-10", 0)]


@pytest.mark.parametrize(
    ("day", "month", "arrears"),
    [
        (date(2026, 10, 11), "2026-11", 300_000),
        (date(2026, 11, 10), "2026-11", 300_000),
        (date(2026, 11, 11), "2026-12", 600_000),
        (date(2027, 3, 1), "2027-03", 1_500_000),
    ],
)
def test_arrears_from_the_month_of_the_stop(paused, on_day, day, month, arrears):
    on_day(day)
    office.certified(paused)
    assert office.orders(paused)[1:] == [("resume", month, arrears)]
    pause = Pause.objects.get(person=paused)
    assert (pause.state, pause.granted_from, pause.resumed_month) == ("resumed", min("2026-10", month), month)


def test_where_the_rule_is_the_month_after_nothing_before_is_paid(overdue, supervisor, second, on_day):
    cycle = Cycle.objects.get()
    cycle.policy |= {"resumption": "month_after"}
    cycle.save()
    office.confirm(office.propose(supervisor), second)
    on_day(date(2026, 12, 20))
    office.certified(overdue[0])
    assert office.orders(overdue[0])[1:] == [("resume", "2027-01", 0)]


def test_arrears_in_the_instalments_of_the_policy(overdue, supervisor, second, on_day):
    cycle = Cycle.objects.get()
    cycle.policy |= {"arrears_instalments": 3}
    cycle.save()
    office.confirm(office.propose(supervisor), second)
    on_day(date(2026, 12, 20))
    office.certified(overdue[0])
    order = Order.objects.get(person=overdue[0], kind="resume")
    assert (order.arrears_fen, order.instalments) == (900_000, 3)


def test_certified_twice_resumes_once(paused):
    office.certified(paused)
    office.certified(paused)
    assert len(office.orders(paused)) == 2


def test_evidence_from_before_the_pause_makes_it_void(overdue, supervisor, second, on_day):
    cycle = Cycle.objects.get()
    cycle.policy |= {"resumption": "month_after"}
    cycle.save()
    office.confirm(office.propose(supervisor), second)
    on_day(date(2026, 11, 8))
    office.certified(overdue[0], on=date(2026, 9, 28))
    assert office.state(overdue[0]) == ("certified", "paying")
    assert office.orders(overdue[0])[1:] == [("resume", "2026-11", 300_000)]


@pytest.fixture
def resumed_without_arrears(overdue, supervisor, second, on_day):
    """Paused from October and certified on 20 December under the rule of the month after."""
    cycle = Cycle.objects.get()
    cycle.policy |= {"resumption": "month_after", "arrears_instalments": 2}
    cycle.save()
    office.confirm(office.propose(supervisor), second)
    on_day(date(2026, 12, 20))
    office.certified(overdue[0])
    assert office.orders(overdue[0])[1:] == [("resume", "2027-01", 0)]
    return overdue[0]


class TestVoidOnlyWhenItWasOver:
    def test_what_it_withheld_is_paid_once(self, resumed_without_arrears, on_day):
        on_day(date(2027, 1, 5))
        office.certified(resumed_without_arrears, on=date(2026, 9, 28))
        office.certified(resumed_without_arrears, on=date(2026, 9, 27))
        assert office.orders(resumed_without_arrears)[2:] == [("arrears", "2027-01", 900_000)]
        assert Order.objects.get(kind="arrears").instalments == 2
        assert office.state(resumed_without_arrears) == ("certified", "paying")
        told = Notice.objects.get(person=resumed_without_arrears, kind="made_good")
        assert "2027年1月" in words(told, "page", "zh")
        assert told.body["arrears_fen"] == 900_000

    def test_evidence_from_after_the_pause_changes_nothing(self, resumed_without_arrears, on_day):
        on_day(date(2027, 1, 5))
        office.certified(resumed_without_arrears, on=date(2026, 10, 6))
        assert len(office.orders(resumed_without_arrears)) == 2

    def test_the_estate_is_paid_too(self, resumed_without_arrears, supervisor, on_day):
        on_day(date(2027, 2, 20))
        services.record_death(
            resumed_without_arrears,
            date(2027, 1, 3),
            "certificate 1",
            date(2027, 1, 4),
            supervisor,
            Actor.SYSTEM,
        )
        office.certified(resumed_without_arrears, on=date(2026, 9, 28))
        assert office.orders(resumed_without_arrears)[-1] == ("arrears", "2027-03", 900_000)
        assert office.state(resumed_without_arrears) == ("ended", "ended")

    def test_a_death_withdrawn_leaves_nothing_unpaid(self, resumed_without_arrears, supervisor, on_day):
        on_day(date(2027, 1, 20))
        death = services.record_death(
            resumed_without_arrears,
            date(2026, 10, 20),
            "paper 1",
            date(2026, 10, 21),
            supervisor,
            Actor.SYSTEM,
            despite=date(2026, 12, 20),
        )
        office.certified(resumed_without_arrears, on=date(2026, 9, 28))
        assert office.orders(resumed_without_arrears)[-1] == ("arrears", "2027-02", 300_000)  # October
        on_day(date(2027, 1, 25))
        services.withdraw_death(death, supervisor, "a namesake", Actor.SYSTEM)
        arrears = [fen for kind, _, fen in office.orders(resumed_without_arrears) if kind == "arrears"]
        assert arrears == [300_000, 600_000]
        pause = Pause.objects.get(person=resumed_without_arrears)
        assert pause.made_good_to == pause.granted_from

    def test_rejected_it_is_sent_again(self, resumed_without_arrears, supervisor, on_day):
        on_day(date(2027, 1, 5))
        office.certified(resumed_without_arrears, on=date(2026, 9, 28))
        services.export_orders(Actor.SYSTEM)
        order = Order.objects.get(kind="arrears")
        office.acknowledge((order.sequence, "rejected", "closed"))
        order.refresh_from_db()
        on_day(date(2027, 1, 20))
        services.correct_order(order, {}, supervisor, Actor.SYSTEM)
        assert office.orders(resumed_without_arrears)[-1] == ("arrears", "2027-02", 900_000)

    def test_nothing_where_the_payer_never_stopped(self, resumed_without_arrears, on_day):
        services.export_orders(Actor.SYSTEM)
        pause = Order.objects.get(person=resumed_without_arrears, kind="pause")
        on_day(date(2027, 1, 5))
        office.certified(resumed_without_arrears, on=date(2026, 9, 28))
        office.acknowledge((pause.sequence, "rejected", "closed"))
        services.export_orders(Actor.SYSTEM)
        assert office.orders(resumed_without_arrears)[-1] == ("arrears", "2027-01", 0)


def test_in_the_next_cycle_the_pause_of_the_last_one_ends(paused, on_day):
    on_day(date(2027, 2, 3))
    open_cycle(2027, Actor.SYSTEM, "changsha-2013")
    office.certified(paused)
    assert office.state(paused) == ("resumed", "paying")
    assert office.orders(paused)[1:] == [("resume", "2027-02", 1_200_000)]


def test_late_evidence_for_an_earlier_cycle_voids_a_pause_of_the_duty_it_met(
    overdue, supervisor, second, on_day
):
    old = current_obligation(overdue[0])
    on_day(date(2027, 1, 3))
    open_cycle(2027, Actor.SYSTEM, "changsha-2013")
    office.confirm(office.propose(supervisor), second)
    assert office.state(overdue[0]) == ("paused", "paused")
    on_day(date(2027, 3, 1))
    certify(old, "mail", Actor.SYSTEM, evidence={}, in_person=True, on=date(2026, 12, 30))
    assert office.state(overdue[0]) == ("due", "paying")
    assert office.orders(overdue[0]) == [("pause", "2027-01", 0), ("resume", "2027-03", 600_000)]
    assert current_obligation(overdue[0]).due == date(2027, 9, 30)
    assert services.sweep_now(date(2027, 3, 2), Actor.SYSTEM) == []


def test_late_evidence_does_not_end_a_pause_of_the_next_duty(overdue, supervisor, second, on_day):
    old = current_obligation(overdue[0])
    certify(old, "mail", Actor.SYSTEM, evidence={}, in_person=True, on=date(2026, 8, 1))
    on_day(date(2027, 10, 3))
    open_cycle(2027, Actor.SYSTEM, "changsha-2013")
    office.confirm(office.propose(supervisor), second)
    assert office.state(overdue[0]) == ("paused", "paused")
    certify(old, "mail", Actor.SYSTEM, evidence={}, in_person=True, on=date(2026, 8, 2))
    assert office.state(overdue[0]) == ("paused", "paused")


def test_a_case_decided_after_the_next_cycle_opened_pauses_nobody(overdue, supervisor, on_day):
    """Tried on 20 December, looked at on 5 January: the new year begins with its own deadline."""
    person = overdue[0]
    on_day(date(2026, 12, 20))
    attempt = failed_attempt(person)
    case = open_case(
        person, current_obligation(person), ReviewCase.Kind.UNCERTAIN, Actor("person"), attempt=attempt
    )
    on_day(date(2027, 1, 2))
    open_cycle(2027, Actor.SYSTEM, "changsha-2013")
    assert current_obligation(person).status == "held"
    on_day(date(2027, 1, 5))
    approve_case(case, supervisor, "it is she", Actor.staff(supervisor), seen=case.shown)
    obligation = current_obligation(person)
    assert (obligation.status, obligation.due) == ("due", date(2027, 9, 30))
    on_day(date(2027, 1, 25))
    services.sweep_now(date(2027, 1, 25), Actor.SYSTEM)
    assert office.state(overdue[1]) == ("paused", "paused")
    assert office.state(person) == ("due", "paying")


def test_a_pause_ended_by_late_evidence_is_not_carried_on(paused, on_day):
    old = current_obligation(paused)
    on_day(date(2027, 1, 3))
    open_cycle(2027, Actor.SYSTEM, "changsha-2013")
    assert office.state(paused) == ("paused", "paused")
    certify(old, "mail", Actor.SYSTEM, evidence={}, in_person=True, on=date(2026, 12, 30))
    assert office.state(paused) == ("due", "paying")
    on_day(date(2027, 10, 1))
    services.sweep_now(date(2027, 10, 1), Actor.SYSTEM)
    assert office.state(paused) == ("paused", "paused")


def test_certified_and_resumed_or_neither(paused):
    def broken(**_):
        raise RuntimeError("the receiver fails")

    resumed.connect(broken)
    try:
        with pytest.raises(RuntimeError):
            office.certified(paused)
    finally:
        resumed.disconnect(broken)
    assert not Certification.objects.exists()
    assert office.state(paused) == ("paused", "paused")
    assert len(office.orders(paused)) == 1
