"""What happens elsewhere that people are told of, inside the transaction in which it happens."""

from __future__ import annotations

from django.dispatch import receiver

from jianzai.benefits import ledger
from jianzai.benefits.models import Death, Order, Pause
from jianzai.benefits.signals import claim_changed, death_withdrawn, died, made_good, paused, resumed
from jianzai.certification.models import ReviewCase
from jianzai.certification.services import policy_of
from jianzai.certification.signals import case_closed, certified, scores_fall
from jianzai.entitlement import Month, ResumptionRule
from jianzai.registry.models import Beneficiary

from .kinds import OF_PAYMENT, TO_FAMILY, Kind
from .models import Notice
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
    _tell_family(pause.person, f"pause {pause.pk}", pause.arrears_fen)
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
    _tell_family(pause.person, f"order {order.sequence}", order.arrears_fen)
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


@receiver(died, dispatch_uid="notices.died")
def condole(sender, person: Beneficiary, death: Death, **_) -> None:
    """Nothing that waits goes out to the dead, and their family is written to, however we heard of it."""
    waiting = Notice.objects.filter(person=person, state=Notice.State.QUEUED).exclude(transport="page")
    waiting.exclude(kind__in=TO_FAMILY | OF_PAYMENT).update(state=Notice.State.WITHDRAWN, phone=None)
    notify(person, Kind.CONDOLENCE, occasion=_of(death), **_condolence(death))


@receiver(death_withdrawn, dispatch_uid="notices.death_withdrawn")
def condole_no_more(sender, person: Beneficiary, **_) -> None:
    """What was not posted to the family of somebody who lives is not posted."""
    unsent = Notice.objects.filter(state__in=(Notice.State.QUEUED, Notice.State.PRINTED))
    unsent.filter(person=person, kind__in=TO_FAMILY).update(state=Notice.State.WITHDRAWN)


@receiver(claim_changed, dispatch_uid="notices.claim_changed")
def tell_claim(sender, death: Death, **_) -> None:
    """The first letter says the new sum while it waits; once it was printed another one does."""
    first = Notice.objects.select_for_update().filter(
        person=death.person, kind=Kind.CONDOLENCE, dedupe__contains=f":{_of(death)}:"
    )
    for notice in first:
        if notice.state == Notice.State.QUEUED:
            notice.body |= _condolence(death)
            notice.save(update_fields=["body"])
        elif notice.body["overpaid_fen"] != death.overpaid_fen:
            told = notify(
                death.person,
                Kind.ESTATE_CLAIM,
                occasion=f"{_of(death)} {death.ended_month}",
                month=death.ended_month,
                overpaid_fen=death.overpaid_fen,
            )
            if told:
                older = Notice.objects.filter(person=death.person, kind=Kind.ESTATE_CLAIM)
                older = older.filter(state=Notice.State.QUEUED).exclude(pk__in=[each.pk for each in told])
                older.update(state=Notice.State.WITHDRAWN)


def _of(death: Death) -> str:
    return f"death {death.pk}"


def _condolence(death: Death) -> dict[str, object]:
    """What fills the letter of sympathy in, also what was overpaid or what a pause withheld."""
    values = {
        "variant": "overpaid" if death.overpaid_fen else "plain",
        "died_on": death.died_on.isoformat(),
        "month": death.ended_month,
        "overpaid_fen": death.overpaid_fen,
    }
    pause = death.person.pauses.filter(state=Pause.State.ENDED).first()
    withheld = pause and Month.parse(pause.effective_month) <= Month.of(death.died_on)
    if withheld and not death.overpaid_fen and not ledger.never_stopped(pause):
        values |= {"variant": "paused", "paused": pause.effective_month}
    return values


def _tell_family(person: Beneficiary, occasion: str, fen: int) -> None:
    """The family of somebody who died is told of ``fen`` that is theirs now."""
    if person.died_on and fen:
        notify(person, Kind.ESTATE_OWED, occasion=occasion, arrears_fen=fen)
