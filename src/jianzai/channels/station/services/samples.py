"""A share of those an employer certified is asked again, by face or by the office. It pauses nothing."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, timedelta

from django.db import transaction
from django.dispatch import receiver

from jianzai.audit.services import Actor, record
from jianzai.benefits.signals import died
from jianzai.certification.errors import CaseClosed, FindingMissing
from jianzai.certification.models import Attempt, Obligation, ReviewCase
from jianzai.certification.queries import policy_of
from jianzai.certification.services.reviews import close_case, open_case
from jianzai.clock import today
from jianzai.faces.types import Decision
from jianzai.notices.kinds import Kind
from jianzai.notices.services import notify, take_back
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.signals import replaced

from ..errors import SampleEnded
from ..models import Sample, SeenPerson

ANSWER_WITHIN = timedelta(days=30)
"""So long people have who were drawn, before the office looks after them."""

_WAITS = (Sample.State.ASKED, Sample.State.UNANSWERED)


def draw(entries: list[SeenPerson], actor: Actor) -> int:
    """Draw the policy's share of ``entries``, at least one of them unless the share is 0; how many.

    Within the transaction that certified them.
    """
    if not entries:
        return 0
    share = policy_of(entries[0].obligation.cycle).employer_sample_percent
    count = -(-len(entries) * share // 100)  # rounded up
    # From the system's randomness, so that nobody at the employer can tell who is drawn.
    for entry in random.SystemRandom().sample(entries, count):
        sample = Sample.objects.create(seen=entry, person=entry.person, answer_by=today() + ANSWER_WITHIN)
        notify(
            entry.person,
            Kind.SAMPLE_ASKED,
            Obligation.objects.get(pk=entry.certification.obligation_id),
            occasion=f"sample {sample.pk}",
            day=sample.answer_by.isoformat(),
        )
        record("station.sampled", actor, person=entry.person, sample=sample.pk)
    return count


@transaction.atomic
def answer_sample(sample: Sample, staff: Staff, document: str, actor: Actor) -> Sample:
    """A clerk met the person and saw ``document`` (kind, and how it was checked); ends the case, if any.

    Told again, it changes nothing. Raises FindingMissing without a document, SampleEnded.
    """
    if not document.strip():
        raise FindingMissing()
    sample = _locked(sample)
    if sample.state == Sample.State.ANSWERED:
        return sample
    if sample.state not in _WAITS:
        raise SampleEnded()
    sample.officer, sample.document = staff, document.strip()
    _end(sample, Sample.State.ANSWERED, actor, staff)
    return sample


def see_to_samples(as_of: date) -> int:
    """End what a face answered since, and open a case for whom none came in time; how many changed."""
    changed = 0
    for sample in Sample.objects.filter(state__in=_WAITS):
        with transaction.atomic():
            sample = _locked(sample)
            if sample.state not in _WAITS:
                continue
            if attempt := answer_to(sample):
                sample.attempt = attempt
                _end(sample, Sample.State.ANSWERED, Actor.SYSTEM)
            elif sample.state == Sample.State.ASKED and sample.answer_by < as_of:
                # About no obligation: it neither holds nor pauses, and no certification overtakes it.
                sample.case = open_case(sample.person, None, ReviewCase.Kind.SAMPLE, Actor.SYSTEM)
                sample.state = Sample.State.UNANSWERED
                sample.save(update_fields=["state", "case"])
            else:
                continue
            changed += 1
    return changed


def answer_to(sample: Sample) -> Attempt | None:
    """A live face that was the person's, at home or at a counter, since they were asked."""
    return Attempt.objects.filter(
        person=sample.person_id, at__gte=sample.asked, live=True, decision=Decision.SAME
    ).last()


@receiver(died, dispatch_uid="station.sample_died")
@receiver(replaced, dispatch_uid="station.sample_replaced")
@transaction.atomic
def drop(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """The person died, or somebody else stands under their number: nobody is asked any more."""
    for sample in Sample.objects.filter(person=person, state__in=_WAITS):
        sample = _locked(sample)
        if sample.state in _WAITS:
            _end(sample, Sample.State.DROPPED, actor)


def _locked(sample: Sample) -> Sample:
    return Sample.objects.select_for_update(of=("self",)).select_related("person", "case").get(pk=sample.pk)


def _end(sample: Sample, state: Sample.State, actor: Actor, staff: Staff | None = None) -> None:
    sample.state, sample.answered_on = state, today()
    sample.save(update_fields=["state", "answered_on", "attempt", "officer", "document"])
    take_back(sample.person, [Kind.SAMPLE_ASKED])
    if sample.case and sample.case.state == ReviewCase.State.OPEN:
        with suppress(CaseClosed):  # by a clerk at this moment
            close_case(sample.case, ReviewCase.State.OVERTAKEN, actor, staff=staff)
    record("station.sample_ended", actor, person=sample.person, sample=sample.pk, state=state)
