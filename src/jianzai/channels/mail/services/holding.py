"""While a sheet waits for its decision it holds the pause; what ends it ends the hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.dispatch import receiver

from jianzai.audit.services import Actor, record
from jianzai.benefits.queries import withheld_at_death
from jianzai.benefits.signals import died
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import current_obligation, policy_of, standing_of
from jianzai.certification.services import lock_standing, record_event
from jianzai.certification.signals import certified
from jianzai.clock import today
from jianzai.entitlement import HoldClosed, HoldKind, HoldOpened, ResumptionRule
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.signals import replaced

from ..errors import SheetDecided
from ..layouts import PRINTED
from ..models import REPORTED, WAITING, Form, Sheet

HOLDS_FOR = timedelta(days=365)
"""So long from its arrival a sheet holds the pause; the worker prolongs it while nobody has decided."""

KEEP_ACCEPTED = timedelta(days=3 * 366)
"""The scan of what was accepted is kept for the three years over which an agent's papers are counted."""

KEEP_OTHERS = timedelta(days=183)
"""Other scans: the six months in which a decision can be brought before a court (行政诉讼法, article 46)."""

_LETTERS_COME_WITHIN = timedelta(days=365)
"""No older is what a paper that is no form of ours attests when it arrives."""


def duties_of(person: Beneficiary) -> list[Obligation]:
    """The obligations of ``person``, by year, locked from the oldest on.

    A paper may be evidence for an earlier year than the one in which it arrives.
    """
    oldest = person.obligations.order_by("cycle__year").first()
    return lock_standing(oldest) if oldest else []


def attach(sheet: Sheet, person: Beneficiary, actor: Actor) -> None:
    """``sheet`` is a paper of ``person``: of their area, and it holds. Within the caller's transaction."""
    if not person.died_on:
        current_obligation(person)  # made where the year turned meanwhile, before anything is locked
    sheet.person, sheet.area = person, person.area
    if duties := duties_of(person):
        latest = duties[-1]
        sheet.obligation = latest
        if not standing_of(latest).certified_on and not latest.person.died_on:
            sheet.holds_until = sheet.received_on + HOLDS_FOR
            held = HoldOpened(
                on=sheet.received_on, until=sheet.holds_until, kind=HoldKind.FORM, case=sheet.case
            )
            record_event(latest, held, actor)
    sheet.save(update_fields=["person", "area", "obligation", "holds_until"])


def locked(sheet: Sheet) -> tuple[Sheet, list[Obligation]]:
    """``sheet``, locked, with all obligations of its person, locked before it; none where nobody is known.
    Raises SheetDecided."""
    before = Sheet.objects.select_related("person").get(pk=sheet.pk)
    duties = duties_of(before.person) if before.person else []
    rows = Sheet.objects.select_for_update(of=("self",)).select_related(
        "person__area", "form", "obligation", "area"
    )
    found = rows.get(pk=sheet.pk)
    if not found.waiting:
        raise SheetDecided()
    if found.person_id != before.person_id:  # its person was found at this very moment
        raise SheetDecided()
    return found, duties


def end(
    sheet: Sheet,
    state: Sheet.State,
    actor: Actor,
    *,
    obligations: Sequence[Obligation],
    staff: Staff | None = None,
    note: str = "",
    reasons: tuple[str, ...] = (),
) -> None:
    """End a locked ``sheet`` in ``state``, and its hold on locked ``obligations`` of its person."""
    sheet.state, sheet.decided_on, sheet.decided_by = state, today(), staff
    sheet.note, sheet.reasons = note.strip(), list(reasons)
    sheet.keep_until = today() + (KEEP_ACCEPTED if state == Sheet.State.ACCEPTED else KEEP_OTHERS)
    sheet.released = sheet.obligation_id is None or sheet.obligation_id in {each.pk for each in obligations}
    sheet.save()
    for obligation in obligations:
        release(sheet, obligation, actor)
    record(
        "mail.decided",
        actor,
        **({"person": sheet.person} if sheet.person else {"area": sheet.area_id}),
        sheet=sheet.pk,
        state=str(state),
        reasons=list(reasons),
    )


def release(sheet: Sheet, obligation: Obligation, actor: Actor) -> None:
    """Close the hold of ``sheet`` where it stands open on ``obligation``."""
    holds = standing_of(Obligation.objects.get(pk=obligation.pk)).holds
    if any(each.case == sheet.case and each.closed_on is None for each in holds):
        record_event(obligation, HoldClosed(on=today(), case=sheet.case), actor)


def may_report(sheet: Sheet) -> bool:
    """Whether ``sheet``, as read, says that its person is dead, missing or in prison, or may say so: a form
    whose boxes could not be read. Other papers have none."""
    return sheet.says in REPORTED or (not sheet.says and sheet.kind in PRINTED)


def may_void(sheet: Sheet) -> bool:
    """Whether accepting ``sheet`` could pay what a pause withheld, though its person is certified.

    Where the rule pays from the month after, a pause costs months; it is void where the paper was attested
    before it was ordered. On which day it was, a clerk says: a machine may misread it.
    """
    earliest = date(sheet.form.year, 1, 1) if sheet.form else sheet.received_on - _LETTERS_COME_WITHIN
    return any(
        (pause := standing_of(each).pause)
        and pause.ordered_on > earliest
        and policy_of(each.cycle).resumption is ResumptionRule.MONTH_AFTER
        for each in sheet.person.obligations.select_related("cycle")
    )


def may_prove(sheet: Sheet) -> bool:
    """Whether ``sheet``, whose person is recorded dead, has to be looked at all the same.

    Attested before the death it may earn the estate what a pause withheld; attested after the recorded day it
    contradicts the record. On which day it was, a clerk says.
    """
    if sheet.says in REPORTED:
        return False
    person = sheet.person
    return sheet.received_on > person.died_on or withheld_at_death(person) or may_void(sheet)


@receiver(certified, dispatch_uid="mail.certified")
def overtake(sender: object, obligation: Obligation, certification: Certification, actor: Actor, **_) -> None:
    """Certified some other way: nobody has to decide about what else came, but where it ``may_report``. That
    goes on waiting, and holding; so does what was not read yet, see ``overtaken_before_read``, and what
    ``may_void``.

    Only what is locked here is released, as home visits do it; the rest is left to ``release_left``.
    """
    waiting = (
        Sheet.objects.select_for_update(of=("self",))
        .select_related("person", "area", "form")
        .filter(
            person_id=obligation.person_id,
            state=Sheet.State.READ,
            obligation__cycle__year__lte=obligation.cycle.year,
        )
    )
    for sheet in waiting:
        proves = sheet.person.died_on and may_prove(sheet)
        if not may_report(sheet) and not may_void(sheet) and not proves:
            end(sheet, Sheet.State.OVERTAKEN, actor, obligations=[obligation])
    Form.objects.filter(person_id=obligation.person_id, to_post=True).update(to_post=False)
    Sheet.objects.filter(
        person_id=obligation.person_id,
        state__in=(Sheet.State.MISSING, Sheet.State.IMPRISONED),
        seen_to_on=None,
    ).update(seen_to_on=today())


def overtaken_before_read(sheet: Sheet, duties: Sequence[Obligation]) -> bool:
    """Whether nobody has to decide about ``sheet``, just read and locked with all ``duties`` of its person.

    They were certified some other way while it held the pause; it neither ``may_report`` nor ``may_void``. Or
    they died, and it cannot ``may_prove`` anything.
    """
    if sheet.person and sheet.person.died_on:
        return not may_prove(sheet)
    if sheet.obligation is None or sheet.holds_until is None or may_report(sheet) or may_void(sheet):
        return False
    year = sheet.obligation.cycle.year
    return any(standing_of(each).certified_on for each in duties if each.cycle.year >= year)


@receiver(died, dispatch_uid="mail.died")
def nobody_to_certify(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """The person died: papers certify nobody, but for those that ``may_prove`` something. These wait."""
    _end_all(person, actor, but_for=may_prove)


@receiver(replaced, dispatch_uid="mail.replaced")
def somebody_else(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """Somebody else stands under the number of ``person``: their papers are of nobody here."""
    _end_all(person, actor)


@transaction.atomic
def _end_all(
    person: Beneficiary, actor: Actor, but_for: Callable[[Sheet], bool] = lambda sheet: False
) -> None:
    for sheet in Sheet.objects.filter(person=person, state__in=WAITING):
        sheet, duties = locked(sheet)
        if not but_for(sheet):
            end(sheet, Sheet.State.OVERTAKEN, actor, obligations=duties)
    Form.objects.filter(person=person, to_post=True).update(to_post=False)
    Sheet.objects.filter(person=person, state__in=REPORTED, seen_to_on=None).update(seen_to_on=today())


@receiver(replaced, dispatch_uid="mail.replaced_forms")
def not_theirs(sender: object, person: Beneficiary, **_: object) -> None:
    """Forms issued to whom the number stood for before are nobody's now."""
    Form.objects.filter(person=person, used=False).update(used=True)
