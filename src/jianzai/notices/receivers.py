"""What happens elsewhere that people are told of, inside the transaction in which it happens."""

from __future__ import annotations

from django.dispatch import receiver

from jianzai.benefits.models import Order, Pause
from jianzai.benefits.signals import made_good, paused, resumed
from jianzai.certification.models import ReviewCase
from jianzai.certification.services import policy_of
from jianzai.certification.signals import case_closed, certified, scores_fall
from jianzai.entitlement import ResumptionRule

from .kinds import Kind
from .services import notify


@receiver(certified, dispatch_uid="notices.certified")
def tell_certified(sender, obligation, certification, **_) -> None:
    notify(
        obligation.person,
        Kind.CERTIFIED,
        obligation,
        occasion=certification.serial,
        year=obligation.cycle.year,
        on=certification.on.isoformat(),
    )


@receiver(scores_fall, dispatch_uid="notices.model_anew")
def tell_model_anew(sender, certification, **_) -> None:
    notify(certification.person, Kind.MODEL_ANEW, certification.obligation, occasion=certification.serial)


@receiver(paused, dispatch_uid="notices.paused")
def tell_paused(sender, pause: Pause, **_) -> None:
    rule = policy_of(pause.obligation.cycle).resumption
    notify(
        pause.person,
        Kind.PAUSED,
        pause.obligation,
        occasion=f"pause {pause.pk}",
        variant="back_pay" if rule is ResumptionRule.BACK_PAY else "month_after",
        month=pause.effective_month,
    )


@receiver(resumed, dispatch_uid="notices.resumed")
def tell_resumed(sender, pause: Pause, **_) -> None:
    notify(
        pause.person,
        Kind.RESUMED if pause.state == Pause.State.RESUMED else Kind.UNDONE,
        pause.person.obligations.order_by("-cycle__year").first(),
        occasion=f"pause {pause.pk}",
        variant="arrears" if pause.arrears_fen else "plain",
        month=pause.resumed_month,
        arrears_fen=pause.arrears_fen,
    )


@receiver(made_good, dispatch_uid="notices.made_good")
def tell_made_good(sender, pause: Pause, order: Order, **_) -> None:
    notify(
        pause.person,
        Kind.MADE_GOOD,
        pause.person.obligations.order_by("-cycle__year").first(),
        occasion=f"order {order.sequence}",
        month=order.effective_month,
        arrears_fen=order.arrears_fen,
    )


@receiver(case_closed, dispatch_uid="notices.in_person")
def tell_in_person(sender, case: ReviewCase, **_) -> None:
    """A review that could not be decided in time asks the person to come, or to be visited."""
    if case.state == ReviewCase.State.IN_PERSON and case.obligation:
        notify(case.person, Kind.IN_PERSON, case.obligation, occasion=f"case {case.pk}")
