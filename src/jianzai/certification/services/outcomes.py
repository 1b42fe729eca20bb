"""What follows from a finished capture: an attempt and its consequences, or a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.entitlement import IllegalEvent
from jianzai.faces import EnrolmentRefused, Observations
from jianzai.faces.liveness import judge
from jianzai.faces.records import to_json
from jianzai.faces.types import Challenge, Comparison, Decision, Verification

from ..engine import cohort, engine
from ..models import Attempt, Batch, CaptureSession, Certification, ReferenceFace, ReviewCase
from ..queries import active_reference, current_obligation
from ..sealing import open_frames, open_reference, seal_frames
from ..signals import captured
from .certifying import certify
from .growing import grow
from .references import keep_reference
from .reviews import open_case

COMMAND_LINE = "command_line"  # the channel of a model made from a file
FRAMES_FOR_REVIEW = 6
KEEP_FOR_REVIEW = timedelta(days=60)  # clerks look within days; after that gone even if undecided


def decide(session: CaptureSession, challenge: Challenge, observations: Observations) -> dict:
    """Close ``session`` with its outcome (see captures.receive_batch). Within the caller's transaction."""
    session.state, session.closed = CaptureSession.State.DECIDED, timezone.now()
    session.save(update_fields=["state", "closed"])
    verifies = session.purpose == CaptureSession.Purpose.VERIFY
    outcome = (_verified if verifies else _modelled)(session, challenge, observations)
    captured.send(CaptureSession, session=session, observations=observations)
    return outcome


def _verified(session: CaptureSession, challenge: Challenge, observations: Observations) -> dict:
    row = active_reference(session.person)
    policy = engine(session.pack).policy
    counted = replace(
        observations, frames=tuple(one for one in observations.frames if one.received > challenge.opened)
    )
    if row is None or row.pack != session.pack:  # withdrawn or replaced while the camera ran
        comparison, row = Comparison(session.pack, (), None, None, 0, None), None
    else:
        strangers = cohort(session.pack, session.person_id)
        comparison = engine(session.pack).compare(counted, open_reference(row), strangers)
    verification = judge(challenge, observations, comparison, policy)
    attempt = Attempt.objects.create(
        session=session,
        person=session.person,
        reference=row,
        on=today(),
        decision=verification.decision,
        live=verification.live,
        similarity=verification.similarity,
        reasons=[str(reason) for reason in verification.reasons],
        voices=to_json(verification.voices),
        comparison=to_json(comparison),
        policy=asdict(policy),
    )
    actor = actor_of(session)
    record(
        "certification.attempt",
        actor,
        person=session.person,
        attempt=attempt.pk,
        decision=attempt.decision,
        live=attempt.live,
        similarity=attempt.similarity,
        reasons=attempt.reasons,
        cohort=comparison.cohort,
    )
    certification, case = _consequences(session, attempt, verification, observations, actor)
    if certification and certification.attempt_id == attempt.pk:
        grow(attempt, counted, actor)
    _forget(session)
    return {
        "certified": certification is not None,
        "decision": attempt.decision,
        "live": attempt.live,
        "similarity": attempt.similarity,
        "reasons": attempt.reasons,
        "case": case is not None,
        "certification": certification.serial if certification else None,
        "attempt": attempt.pk,
    }


def _consequences(
    session: CaptureSession,
    attempt: Attempt,
    verification: Verification,
    observations: Observations,
    actor: Actor,
) -> tuple[Certification | None, ReviewCase | None]:
    obligation = current_obligation(session.person)
    if verification.certifies and obligation:
        evidence = {"similarity": attempt.similarity, "pack": session.pack, "session": str(session.pk)}
        if session.helper:
            evidence["helper"] = session.helper
        try:
            with transaction.atomic():
                certification = certify(
                    obligation,
                    session.channel,
                    actor,
                    evidence=evidence,
                    attempt=attempt,
                    officer=session.staff,
                    in_person=session.staff is not None,
                )
            return certification, None
        except IllegalEvent:  # only meeting the person helps: the case tells the clerk and the person
            pass
    elif verification.certifies:
        return None, None
    if obligation is None or Certification.objects.filter(obligation=obligation).exists():
        return None, None
    if not any(one.faces for one in observations.frames):
        return None, None
    kind = (
        ReviewCase.Kind.UNCERTAIN
        if verification.live and verification.decision is Decision.UNCERTAIN
        else ReviewCase.Kind.FAILED_ATTEMPT
    )
    attempt.kept_frames = seal_frames(session.person.key, _for_review(session, observations))
    attempt.keep_until = today() + KEEP_FOR_REVIEW
    attempt.save(update_fields=["kept_frames", "keep_until"])
    return None, open_case(session.person, obligation, kind, actor, attempt=attempt)


def _modelled(session: CaptureSession, challenge: Challenge, observations: Observations) -> dict:
    actor = actor_of(session)
    earlier = _earlier_clips(session)
    refused = {"modelled": False, "pending": False, "second_clip": False, "quality": 0}
    try:
        reference = engine(session.pack).enrol([*earlier, observations])
    except EnrolmentRefused as refusal:
        reasons = [str(reason) for reason in refusal.reasons]
        record("certification.modelling_refused", actor, person=session.person, reasons=reasons)
        _forget(session)
        return {**refused, "reasons": reasons}
    own = engine(session.pack).compare(observations, reference, None)
    verification = judge(challenge, observations, own, engine(session.pack).policy)
    if not verification.live and session.staff is None:
        # At a counter the clerk sees that the person lives; at home the challenge has to show it.
        reasons = [str(reason) for reason in verification.reasons]
        record("certification.modelling_refused", actor, person=session.person, reasons=reasons)
        _forget(session)
        return {**refused, "reasons": reasons}
    row = keep_reference(
        session.person,
        reference,
        _best_picture(session, observations),
        actor,
        consent=session.consent,
        made_by=session.staff,
        confirmed_by=session.staff,  # who saw person and card
    )
    second = session.clip == 1
    _forget(session, embeddings=not second)
    if session.continues:
        _forget(session.continues)
    return {
        "modelled": True,
        "pending": row.state == ReferenceFace.State.PENDING,
        "second_clip": second,
        "quality": round(reference.quality),
        "reasons": [],
    }


def _earlier_clips(session: CaptureSession) -> list[Observations]:
    from .captures import observed

    if session.continues is None or session.continues.pack != session.pack:
        return []
    clip = observed(session.continues)
    return [clip] if any(one.embedding is not None for one in clip.frames) else []


def actor_of(session: CaptureSession) -> Actor:
    """Who acts in a session, the member of staff at the counter, a helper or the person, and from where."""
    if session.staff and session.channel == COMMAND_LINE:
        return Actor.command_line(session.staff)
    if session.staff:
        return Actor.staff(session.staff, session.address)
    if session.helper:
        return Actor.helping(session.helper, session.address)
    return Actor("person", session.address)


def _forget(session: CaptureSession, *, embeddings: bool = True) -> None:
    """Delete what was kept only for the decision: frames, and embeddings unless a second clip needs them."""
    Batch.objects.filter(session=session).update(frames=None, **({"embeddings": None} if embeddings else {}))


def _for_review(session: CaptureSession, observations: Observations) -> list[bytes]:
    """A few JPEG frames with a face, spread over the capture."""
    usable = [place for place, one in enumerate(observations.frames) if one.faces]
    step = max(1, len(usable) // FRAMES_FOR_REVIEW)
    return _pictures(session, usable[::step][:FRAMES_FOR_REVIEW])


def _best_picture(session: CaptureSession, observations: Observations) -> bytes:
    """The JPEG of the frame that looks most straight into the camera, among those embedded if any."""
    frames = list(enumerate(observations.frames))
    best = [(place, one) for place, one in frames if one.embedding is not None] or frames
    place, _ = min(best, key=lambda item: abs(item[1].yaw or 90) + abs(item[1].pitch or 90))
    return _pictures(session, [place])[0]


def _pictures(session: CaptureSession, places: Sequence[int]) -> list[bytes]:
    """The JPEGs of the frames at ``places`` in the whole capture, which are in order."""
    found, start = [], 0
    for batch in session.batches.defer("frames"):  # read below, where they are wanted: they are large
        end = start + len(batch.observations["frames"])
        if inside := [place - start for place in places if start <= place < end]:
            pictures = open_frames(session.person.key, batch.frames)
            found += [pictures[place] for place in inside]
        start = end
    return found
