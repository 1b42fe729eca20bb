"""A death ends the benefit with an order; overpaid months are counted; one recorded by mistake is mended."""

from datetime import date

import pytest

from jianzai.audit.services import Actor
from jianzai.benefits import services
from jianzai.benefits.errors import (
    CertifiedSince,
    DespiteCertification,
    DocumentMissing,
    ImpossibleDeathDate,
    ImpossibleDocumentDate,
    NotAllowed,
    OtherDeathDate,
    ReasonMissing,
)
from jianzai.benefits.models import Death, Order, Pause
from jianzai.benefits.queries import death_of, outcome
from jianzai.certification.errors import DiedBefore, NotEntitled
from jianzai.certification.models import Cycle
from jianzai.certification.services import approve_case
from jianzai.entitlement import Month
from jianzai.notices.models import Notice
from jianzai.notices.services import post_run, print_letter, print_letters
from jianzai.notices.wording import words
from jianzai.registry.models import Beneficiary
from jianzai.sentences import say
from tests.console.office import case as review_case
from tests.people import OTHER_DISTRICT, make_person, make_staff

from . import office

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(db):
    return make_staff("clerk")


def died(person, on: date, clerk, document: str = "death certificate 2026-1187", of=None, despite=None):
    return services.record_death(person, on, document, of or on, clerk, Actor.staff(clerk), despite)


def withdraw(death, supervisor, reason: str = "the certificate is of a namesake"):
    return services.withdraw_death(death, supervisor, reason, Actor.staff(supervisor))


def test_months_after_the_month_of_death_are_overpaid(overdue, clerk):
    death = died(overdue[0], date(2026, 6, 30), clerk)
    assert (death.overpaid_months, death.overpaid_fen, death.ended_month) == (3, 900_000, "2026-10")
    order = Order.objects.get()
    assert (order.kind, order.effective_month, order.overpaid_fen) == ("end", "2026-10", 900_000)
    assert office.state(overdue[0]) == ("ended", "ended")
    overdue[0].refresh_from_db()
    assert overdue[0].died_on == date(2026, 6, 30)
    assert office.audited("benefits.death") == 1


def test_this_months_death_is_not_overpaid_before_the_cut_off_and_one_month_after_it(overdue, clerk, on_day):
    assert died(overdue[0], date(2026, 9, 30), clerk).overpaid_months == 0
    on_day(date(2026, 10, 11))
    assert died(overdue[1], date(2026, 9, 30), clerk).overpaid_months == 1


def test_a_death_before_a_certification_is_recorded_by_a_supervisor_alone(overdue, clerk):
    office.certified(overdue[0], on=date(2026, 10, 1))
    with pytest.raises(CertifiedSince) as refused:
        died(overdue[0], date(2026, 9, 30), clerk)
    assert "2026-10-01" in refused.value.sentence("zh")
    assert not Death.objects.exists()
    assert died(overdue[0], date(2026, 10, 1), clerk).died_on == date(2026, 10, 1)
    office.certified(overdue[1], on=date(2026, 10, 1))
    supervisor = make_staff("supervisor")
    with pytest.raises(DespiteCertification):
        died(overdue[1], date(2026, 9, 30), supervisor)
    despite = date(2026, 10, 1)
    assert died(overdue[1], date(2026, 9, 30), supervisor, despite=despite).overpaid_months == 0


def test_who_proved_it_again_after_the_day_is_not_declared_dead_by_a_clerk_alone(overdue, clerk):
    office.certified(overdue[0], on=date(2026, 9, 1))
    office.certified(overdue[0], on=date(2026, 10, 1))
    with pytest.raises(CertifiedSince) as refused:
        died(overdue[0], date(2026, 9, 20), clerk)
    assert "2026-10-01" in refused.value.sentence("zh")


def test_told_again_it_is_the_same_row_and_another_date_is_refused(overdue, clerk):
    first = died(overdue[0], date(2026, 6, 30), clerk)
    assert died(overdue[0], date(2026, 6, 30), clerk, "another document") == first
    with pytest.raises(OtherDeathDate):
        died(overdue[0], date(2026, 6, 29), clerk)
    assert Order.objects.count() == Death.objects.count() == 1


def test_needs_a_document_a_possible_date_and_the_area(overdue, clerk):
    with pytest.raises(DocumentMissing):
        died(overdue[0], date(2026, 6, 30), clerk, "  ")
    for day in (date(2026, 10, 6), overdue[0].birth_date.replace(year=1900)):
        with pytest.raises(ImpossibleDeathDate):
            died(overdue[0], day, clerk)
    for staff in (make_staff("auditor"), make_staff("clerk", area=OTHER_DISTRICT)):
        with pytest.raises(NotAllowed):
            died(overdue[0], date(2026, 6, 30), staff)
    assert not Order.objects.exists()


def test_the_document_is_of_a_day_between_the_death_and_today(overdue, clerk):
    for day in (date(2026, 6, 29), date(2026, 10, 6)):
        with pytest.raises(ImpossibleDocumentDate):
            died(overdue[0], date(2026, 6, 30), clerk, of=day)
    assert not Death.objects.exists()
    for person, day in zip(overdue, (date(2026, 6, 30), date(2026, 10, 5)), strict=False):
        assert died(person, date(2026, 6, 30), clerk, of=day).document_on == day


def test_before_any_cycle(clerk, on_day):
    on_day(date(2026, 5, 5))
    assert died(make_person(), date(2026, 3, 1), clerk).overpaid_months == 1


def test_months_of_a_pause_were_not_overpaid(overdue, supervisor, second, clerk, on_day):
    office.confirm(office.propose(supervisor), second)
    on_day(date(2026, 12, 5))
    death = died(overdue[0], date(2026, 8, 15), clerk)
    assert (death.overpaid_months, death.overpaid_fen) == (1, 300_000)  # September alone
    assert office.state(overdue[0]) == ("ended", "ended")
    assert outcome(overdue[0].pauses.get().sweep) == {"active": 3, "ended": 1}


def test_arrears_paid_for_months_after_the_death_are_overpaid(overdue, supervisor, second, on_day):
    office.confirm(office.propose(supervisor), second)
    on_day(date(2026, 12, 5))
    office.certified(overdue[0])
    death = died(overdue[0], date(2026, 10, 20), supervisor, despite=date(2026, 12, 5))
    assert (death.overpaid_months, death.ended_month) == (1, "2026-12")  # November, paid as arrears


def test_the_dead_are_neither_certified_nor_paused_nor_resumed(overdue, supervisor, second, clerk):
    sweep = office.propose(supervisor)
    died(overdue[0], date(2026, 10, 1), clerk)
    with pytest.raises(NotEntitled):
        office.certified(overdue[0])
    office.confirm(sweep, second)
    assert office.orders(overdue[0]) == [("end", "2026-11", 0)]  # the month of death is still due


def test_certified_then_died(overdue, clerk):
    office.certified(overdue[0])
    death = died(overdue[0], date(2026, 10, 5), clerk)
    assert (death.overpaid_months, office.state(overdue[0])) == (0, ("ended", "ended"))


def test_an_undone_pause_of_somebody_dead_pays_up_to_the_month_of_death(
    overdue, supervisor, second, clerk, on_day
):
    sweep = office.confirm(office.propose(supervisor), second)
    on_day(date(2027, 1, 5))
    died(overdue[0], date(2026, 11, 20), clerk)
    office.undo(sweep, supervisor)
    assert office.orders(overdue[0])[1:] == [("end", "2027-01", 0), ("end", "2026-12", 600_000)]
    assert office.state(overdue[0]) == ("ended", "ended")


class TestWithdrawn:
    def test_what_the_error_stopped_is_paid(self, overdue, clerk, supervisor, on_day):
        death = died(overdue[0], date(2026, 9, 2), clerk)
        on_day(date(2026, 12, 8))
        withdraw(death, supervisor)
        assert office.orders(overdue[0]) == [("end", "2026-10", 0), ("resume", "2026-12", 600_000)]
        assert office.state(overdue[0]) == ("held", "paying")
        overdue[0].refresh_from_db()
        assert overdue[0].died_on is None
        assert death_of(overdue[0]) is None
        withdraw(death, supervisor)
        assert Order.objects.count() == 2
        office.certified(overdue[0])
        assert office.state(overdue[0]) == ("certified", "paying")

    def test_whoever_could_not_certify_meanwhile_is_not_paused_the_next_night(
        self, overdue, clerk, supervisor, on_day
    ):
        death = died(overdue[0], date(2026, 9, 2), clerk)
        on_day(date(2026, 12, 8))
        withdraw(death, supervisor)
        for day, pauses in ((date(2026, 12, 9), 0), (date(2027, 1, 7), 0), (date(2027, 1, 8), 1)):
            on_day(day)
            services.sweep_now(day, Actor.SYSTEM)
            assert overdue[0].pauses.filter(state="active").count() == pauses, day

    def test_the_same_day_nothing_is_owed(self, overdue, clerk, supervisor):
        withdraw(died(overdue[0], date(2026, 9, 2), clerk), supervisor)
        assert office.orders(overdue[0])[1:] == [("resume", "2026-10", 0)]

    def test_whoever_was_paused_stays_so_and_certifies(self, overdue, clerk, supervisor, second, on_day):
        office.confirm(office.propose(supervisor), second)
        death = died(overdue[0], date(2026, 9, 2), clerk)
        on_day(date(2026, 12, 8))
        withdraw(death, supervisor)
        assert office.state(overdue[0]) == ("paused", "paused")
        office.certified(overdue[0])
        assert office.orders(overdue[0])[-1] == ("resume", "2026-12", 600_000)

    def test_then_the_true_death_can_be_recorded(self, overdue, clerk, supervisor):
        withdraw(died(overdue[0], date(2026, 9, 2), clerk), supervisor)
        assert died(overdue[0], date(2026, 8, 2), clerk).overpaid_months == 1
        assert office.state(overdue[0]) == ("ended", "ended")

    def test_by_a_supervisor_with_a_reason(self, overdue, clerk, supervisor):
        death = died(overdue[0], date(2026, 9, 2), clerk)
        with pytest.raises(NotAllowed):
            withdraw(death, clerk)
        with pytest.raises(ReasonMissing):
            withdraw(death, supervisor, " ")


def test_a_rejected_end_is_sent_again_with_the_months_paid_since(overdue, clerk, supervisor, on_day):
    died(overdue[0], date(2026, 9, 2), clerk)
    services.export_orders(Actor.SYSTEM)
    office.acknowledge((1, "rejected", "payroll closed"))
    on_day(date(2026, 11, 11))
    again = services.correct_order(Order.objects.get(), {}, supervisor, Actor.staff(supervisor))
    assert (again.effective_month, again.overpaid_fen) == ("2026-12", 600_000)
    assert death_of(overdue[0]).overpaid_months == 2


def test_whom_the_payer_never_stopped_was_overpaid_all_along(overdue, supervisor, second, clerk, on_day):
    sweep = office.confirm(office.propose(supervisor), second)
    services.export_orders(Actor.SYSTEM)
    office.acknowledge((1, "rejected", "no such account"))
    on_day(date(2026, 12, 5))
    assert died(overdue[0], date(2026, 8, 15), clerk).overpaid_months == 3  # September to November
    office.undo(sweep, supervisor)
    assert office.orders(overdue[0])[1:] == [("end", "2026-12", 0), ("end", "2026-12", 0)]


def test_no_estate_is_paid_what_the_payer_never_stopped(overdue, supervisor, second, clerk, on_day):
    """The payer answers after the pause was undone, while the order to the estate waits."""
    sweep = office.confirm(office.propose(supervisor), second)
    services.export_orders(Actor.SYSTEM)
    on_day(date(2027, 1, 5))
    assert died(overdue[0], date(2026, 11, 20), clerk).overpaid_months == 0
    services.export_orders(Actor.SYSTEM)
    office.undo(sweep, supervisor)
    assert office.orders(overdue[0])[1:] == [("end", "2027-01", 0), ("end", "2026-12", 600_000)]
    refused = Order.objects.get(person=overdue[0], kind="pause")
    office.acknowledge((refused.sequence, "rejected", "no such account"))
    services.export_orders(Actor.SYSTEM)
    assert office.orders(overdue[0])[1:] == [("end", "2027-01", 0), ("end", "2027-01", 0)]
    assert [order.overpaid_fen for order in Order.objects.filter(person=overdue[0], kind="end")] == [
        0,
        300_000,
    ]
    assert Death.objects.get(person=overdue[0]).overpaid_months == 1  # December


class TestProofOfLifeThatCameTooLate:
    """Somebody was paused, died, and is proved to have lived on a day before: the estate is owed for it."""

    def proved(self, person, on):
        return office.certified(person, on=on, for_estate=True)

    @pytest.mark.parametrize("rule", ["back_pay", "month_after"])
    def test_of_a_day_before_the_pause_it_pays_every_month_to_the_death(
        self, overdue, supervisor, second, clerk, on_day, rule
    ):
        pay_by(rule)
        office.confirm(office.propose(supervisor), second)
        on_day(date(2027, 1, 5))
        died(overdue[0], date(2026, 12, 30), clerk)
        self.proved(overdue[0], date(2026, 9, 1))
        pause = Pause.objects.get(person=overdue[0])
        withheld = list(Month.parse(pause.effective_month).until(Month(2027, 1)))
        assert office.orders(overdue[0])[-1] == ("end", "2027-01", 300_000 * len(withheld))
        assert (pause.state, office.state(overdue[0])) == ("resumed", ("ended", "ended"))

    @pytest.mark.parametrize(("rule", "months"), [("back_pay", 3), ("month_after", 1)])
    def test_of_a_day_in_the_pause_it_pays_by_the_rule(
        self, overdue, supervisor, second, clerk, on_day, rule, months
    ):
        pay_by(rule)
        office.confirm(office.propose(supervisor), second)
        first = Month.parse(Pause.objects.get(person=overdue[0]).effective_month)
        on_day(date(2027, 2, 20))
        died(overdue[0], first_day(first + 2), clerk)
        self.proved(overdue[0], first_day(first + 1))
        assert office.orders(overdue[0])[-1] == ("end", str(first + 3), 300_000 * months)
        assert Pause.objects.get(person=overdue[0]).granted_from == str(first + (3 - months))

    def test_of_a_face_that_a_clerk_decides_about_after_the_death(
        self, overdue, supervisor, second, clerk, on_day
    ):
        office.confirm(office.propose(supervisor), second)
        on_day(date(2026, 12, 29))
        tried = [review_case(person) for person in overdue[:2]]
        on_day(date(2027, 1, 5))
        died(overdue[0], date(2026, 12, 30), clerk)
        died(overdue[1], date(2026, 12, 28), supervisor)
        actor = Actor.staff(supervisor)
        approve_case(tried[0], supervisor, "it is she", actor, seen=tried[0].shown)
        assert office.orders(overdue[0])[-1][::2] == ("end", 900_000)
        with pytest.raises(DiedBefore):
            approve_case(tried[1], supervisor, "it is she", actor, seen=tried[1].shown)

    def test_told_twice_it_pays_once(self, overdue, supervisor, second, clerk, on_day):
        office.confirm(office.propose(supervisor), second)
        on_day(date(2027, 1, 5))
        died(overdue[0], date(2026, 12, 30), clerk)
        first = self.proved(overdue[0], date(2026, 9, 1))
        written = office.orders(overdue[0])
        assert self.proved(overdue[0], date(2026, 9, 1)) == first
        assert office.orders(overdue[0]) == written

    def test_it_is_of_no_later_day_than_the_death(self, overdue, supervisor, second, clerk, on_day):
        office.confirm(office.propose(supervisor), second)
        on_day(date(2027, 1, 5))
        died(overdue[0], date(2026, 12, 30), clerk)
        with pytest.raises(NotEntitled):
            self.proved(overdue[0], date(2026, 12, 31))
        with pytest.raises(NotEntitled):
            office.certified(overdue[0], on=date(2026, 9, 1))

    def test_the_death_withdrawn_nothing_is_left_unpaid(self, overdue, supervisor, second, clerk, on_day):
        office.confirm(office.propose(supervisor), second)
        first = Month.parse(Pause.objects.get(person=overdue[0]).effective_month)
        on_day(date(2027, 1, 5))
        death = died(overdue[0], date(2026, 12, 30), clerk)
        self.proved(overdue[0], date(2026, 9, 1))
        on_day(date(2027, 3, 1))
        withdraw(death, supervisor)
        orders = office.orders(overdue[0])
        again = Month.parse(orders[-1][1])
        assert orders[-1][0] == "resume"
        assert sum(fen for _, _, fen in orders) == 300_000 * len(list(first.until(again)))


def pay_by(rule: str) -> None:
    cycle = Cycle.objects.get()
    cycle.policy |= {"resumption": rule}
    cycle.save()


def first_day(month: Month) -> date:
    return date(month.year, month.month, 1)


class TestTheFamilyIsWrittenTo:
    @pytest.fixture
    def at_home(self, overdue):
        """With an address, so that letters reach them."""
        Beneficiary.objects.update(address="410001 长沙市芙蓉区解放东路 18 号")
        for person in overdue:
            person.refresh_from_db()
        return overdue

    def letters(self, kind: str, state: str = "queued") -> list[str]:
        found = Notice.objects.filter(transport="letter", kind=kind, state=state).order_by("id")
        return [words(notice, "letter", "zh") for notice in found]

    def test_by_whatever_way_the_death_was_heard_of_and_nothing_more_to_the_dead(self, at_home, clerk):
        office.certified(at_home[0])
        Notice.objects.create(person=at_home[0], kind="certified", transport="sms", body={}, dedupe="text")
        died(at_home[0], date(2026, 10, 5), clerk)
        assert "2026年10月5日" in self.letters("condolence")[0]
        assert Notice.objects.get(dedupe="text").state == "withdrawn"

    def test_a_letter_that_is_printed_and_not_posted_is_withdrawn_with_the_death(
        self, at_home, clerk, supervisor, client
    ):
        death = died(at_home[0], date(2026, 6, 30), clerk)
        run = print_letters(Actor.SYSTEM)
        client.force_login(supervisor.user)
        told = client.post(
            f"/console/people/{at_home[0].key}/death/withdraw", {"reason": "a namesake"}, follow=True
        )
        assert say("console.take_letter_out", run=run.pk) in told.text
        assert self.letters("condolence", "withdrawn")
        death.refresh_from_db()
        assert death.withdrawn
        assert post_run(run, Actor.SYSTEM) == 0

    def test_of_another_sum_to_be_paid_back(self, at_home, clerk, supervisor, on_day):
        died(at_home[0], date(2026, 6, 30), clerk)
        died(at_home[1], date(2026, 6, 30), clerk)
        assert "9,000.00" in self.letters("condolence")[1]
        print_letter(Notice.objects.get(person=at_home[0], transport="letter"), Actor.SYSTEM)
        services.export_orders(Actor.SYSTEM)
        ends = list(Order.objects.filter(kind="end").order_by("sequence"))
        office.acknowledge(*((order.sequence, "rejected", "closed") for order in ends))
        on_day(date(2026, 10, 20))
        for order in Order.objects.filter(kind="end").order_by("sequence"):
            services.correct_order(order, {}, supervisor, Actor.SYSTEM)
        assert "12,000.00" in self.letters("condolence")[0]  # had not been printed
        (again,) = self.letters("estate_claim")
        assert "12,000.00" in again
        services.export_orders(Actor.SYSTEM)
        end = Order.objects.filter(kind="end", person=at_home[0]).latest("sequence")
        office.acknowledge((end.sequence, "rejected", "closed"))
        on_day(date(2026, 11, 20))
        end.refresh_from_db()
        services.correct_order(end, {}, supervisor, Actor.SYSTEM)
        (latest,) = self.letters("estate_claim")  # one that was not printed is not sent beside it
        assert "15,000.00" in latest

    def test_of_what_a_pause_withheld_and_of_what_is_paid_once_proved(
        self, at_home, supervisor, second, clerk, on_day
    ):
        office.confirm(office.propose(supervisor), second)
        on_day(date(2026, 12, 20))
        died(at_home[0], date(2026, 12, 3), clerk)
        assert "2026年10月" in self.letters("condolence")[0]
        assert not self.letters("estate_owed")
        office.certified(at_home[0], on=date(2026, 12, 1), for_estate=True)
        (owed,) = self.letters("estate_owed")
        assert "9,000.00" in owed
