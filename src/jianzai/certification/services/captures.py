"""A capture as a conversation: opened, fed batch by batch by whichever process gets them, decided.

Images are observed outside any transaction; what was observed, the next prompt and, at the end, the
decision with all that follows from it are one transaction under the session's row lock.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.entitlement import LightRule
from jianzai.faces import Frame, Observations, Unusable, decode_jpeg
from jianzai.faces.liveness import (
    Progress,
    advance,
    draw,
    draw_light,
    is_covered,
    light,
    measure_parallax,
    reopen,
)
from jianzai.faces.records import from_json, to_json
from jianzai.faces.types import Action, Challenge, Light
from jianzai.registry.models import Beneficiary, Staff

from ..engine import at_work, current_pack, engine
from ..errors import (
    BadBatch,
    ConsentMissing,
    NoReference,
    NotEntitled,
    OutOfSequence,
    ReferencePending,
    SelfModellingOff,
    SessionClosed,
)
from ..models import Batch, CaptureSession, Consent, ReferenceFace
from ..queries import active_reference, light_rule
from ..randomness import source
from ..sealing import open_frames, open_probes, seal_frames, seal_probes
from .attempts import refuse_too_many
from .certifying import required_obligation
from .consents import face_refused, valid_consent
from .cycles import policy_of
from .outcomes import decide

MOST_FRAMES = 16  # in one batch
LARGEST_FRAME = 400_000  # bytes of JPEG
LONGEST = timedelta(minutes=10)  # from opening to the last batch
MOST_BATCHES = 400
ANSWERS = 2  # prompts of a challenge, each with an embedded frame of its answer
LIGHT = "light"  # what the page is told to do after the actions


@transaction.atomic
def open_session(
    person: Beneficiary,
    purpose: str,
    channel: str,
    *,
    actor: Actor,
    staff: Staff | None = None,
    consent: Consent | None = None,
    slow: bool = False,
    replay: bool = False,
    allowed: Iterable[Action] = tuple(Action),
    continues: CaptureSession | None = None,
    colours: bool = True,
) -> CaptureSession:
    """Open a capture of ``person``; theirs still open on the same channel is abandoned: one camera is enough.

    ``allowed`` restricts what is drawn, for a replayed sample clip only. ``colours``: whether there is a
    screen that may show some, where the policy has that. Raises NotEntitled, ConsentMissing, NoReference or
    ReferencePending (to verify), SelfModellingOff (to model without staff), TooManyAttempts.
    """
    if person.died_on:
        raise NotEntitled()
    consent = consent or valid_consent(person)
    if consent is None or consent.withdrawn or face_refused(person):
        raise ConsentMissing()
    if purpose == CaptureSession.Purpose.VERIFY:
        if staff is None:
            refuse_too_many(person)
        reference = active_reference(person)
        if reference is None:
            pending = person.references.filter(state=ReferenceFace.State.PENDING).exists()
            raise ReferencePending() if pending else NoReference()
        pack = reference.pack
    else:
        if staff is None and not policy_of(required_obligation(person).cycle).self_enrolment_allowed:
            raise SelfModellingOff()
        pack = current_pack()
    challenge = draw(source(), slow, allowed if replay else tuple(Action))
    if purpose == CaptureSession.Purpose.VERIFY and staff is None:
        challenge = replace(challenge, light=_light(person, colours))
    now = timezone.now()
    # Not those of another channel: whoever knows name and number could end what a clerk is doing.
    person.sessions.select_for_update().filter(state=CaptureSession.State.OPEN, channel=channel).update(
        state=CaptureSession.State.ABANDONED, closed=now
    )
    session = CaptureSession.objects.create(
        person=person,
        purpose=purpose,
        pack=pack,
        channel=channel,
        staff=staff,
        address=actor.address,
        helper=actor.helper,
        consent=consent,
        clip=continues.clip + 1 if continues else 1,
        continues=continues,
        slow=slow,
        replay=replay,
        challenge=to_json(challenge),
        opened=now,
    )
    record("certification.session_opened", actor, person=person, session=str(session.pk), purpose=purpose)
    return session


@transaction.atomic
def reopen_session(session_id: UUID | str) -> dict:
    """Go on after the page was loaded again: what was asked is drawn anew. Raises SessionClosed."""
    session = _locked(session_id)
    if session.state == CaptureSession.State.OPEN:
        challenge = reopen(from_json(Challenge, session.challenge), _seconds(session), source())
        session.challenge = to_json(challenge)
        session.save(update_fields=["challenge"])
    expected = session.batches.count()
    return _answer(session, expected - 1, None)


def receive_batch(
    session_id: UUID | str,
    sequence: int,
    frames: Sequence[tuple[bytes, float]],
    shown: Sequence[float | None] | None = None,
) -> dict:
    """Take one batch: JPEG bytes and camera time in seconds of each frame, in order.

    ``shown``: which colour each frame was taken with (faces.Frame). Only heard once colours were sent:
    texture is not looked for in coloured light, and a page must not choose that.
    Idempotent by (session, sequence): the same batch again gets the same answer. Batches come in order,
    from 0 without gaps. Raises SessionClosed, OutOfSequence, and BadBatch for anything that is not frames.
    """
    session = CaptureSession.objects.select_related("person").filter(pk=session_id).first()
    if session is None:
        raise SessionClosed()
    received = _seconds(session)
    earlier = _without_frames(session)
    if 0 <= sequence < len(earlier):
        return earlier[sequence].answer
    if session.state != CaptureSession.State.OPEN:
        raise SessionClosed()
    if received > LONGEST.total_seconds() or sequence >= MOST_BATCHES:
        _abandon(session)
        raise SessionClosed()
    if sequence != len(earlier):
        raise OutOfSequence(len(earlier))
    so_far = _observed(session, earlier)
    challenge = from_json(Challenge, session.challenge)
    since = since_opened(challenge, so_far)
    coloured = challenge.light is not None and challenge.light.issued is not None
    with at_work:
        pictures = _decode(frames, received, shown or [None] * len(frames))
        if not coloured:
            pictures = [replace(picture, shown=None) for picture in pictures]
        fresh = engine(session.pack).observe(pictures, since, answers=ANSWERS)
    held = _held(earlier)
    fresh = replace(fresh, frames=tuple(replace(one, held=held) for one in fresh.frames))
    with transaction.atomic():
        locked = CaptureSession.objects.select_for_update()
        session.refresh_from_db(fields=["state", "challenge"], from_queryset=locked)
        if known := session.batches.filter(sequence=sequence).values_list("answer", flat=True).first():
            return known  # sent twice, and taken meanwhile
        if session.state != CaptureSession.State.OPEN:
            raise SessionClosed()
        return _take(session, sequence, received, frames, pictures, so_far, fresh)


def observed(session: CaptureSession) -> Observations:
    """All observations of a session so far, with the embeddings that are still kept."""
    return _observed(session, _without_frames(session))


def since_opened(challenge: Challenge, seen: Observations) -> Observations:
    """What counts of a capture: a reload begins a new stretch, which nothing ties to the one before."""
    frames = tuple(one for one in seen.frames if one.received > challenge.opened)
    return replace(seen, frames=frames)


def _without_frames(session: CaptureSession) -> list[Batch]:
    """The session's batches; the frames of a capture are megabytes, which one batch in ten needs."""
    return list(session.batches.defer("frames"))


def _observed(session: CaptureSession, batches: Iterable[Batch]) -> Observations:
    frames, turns = [], []
    for batch in batches:
        known = from_json(Observations, batch.observations)
        probes = open_probes(session.person.key, session.pack, batch.embeddings)
        frames += [replace(one, embedding=probes.get(place)) for place, one in enumerate(known.frames)]
        turns += known.turns
    return Observations(session.pack, tuple(frames), tuple(turns))


def _held(earlier: Sequence[Batch]) -> float:
    """Seconds for which the server itself may have kept the frames of the next batch from coming.

    The browser posts one batch at a time and lets at most one more wait behind it (link.js), so what delays
    a frame are the answers to the two batches before its own.
    """
    return sum(batch.answered - batch.received for batch in earlier[-2:])


def _take(session, sequence, received, frames, pictures, so_far: Observations, fresh: Observations) -> dict:
    together = Observations(session.pack, so_far.frames + fresh.frames, so_far.turns + fresh.turns)
    asked = from_json(Challenge, session.challenge)
    progress = advance(asked, together, _seconds(session), source())
    if progress.answered and not is_covered(together.frames, fresh.frames[-1].time):
        fresh = engine(session.pack).embed_answer(pictures, fresh)
        together = Observations(session.pack, so_far.frames + fresh.frames, so_far.turns + fresh.turns)
    if among := light.to_compare(progress.challenge.light, together.frames, fresh.frames):
        fresh = engine(session.pack).embed_answer(pictures, fresh, among)
        together = Observations(session.pack, so_far.frames + fresh.frames, so_far.turns + fresh.turns)
    turns = fresh.turns
    if progress.turn and (parallax := _parallax(session, frames, together, progress.turn)):
        turns += (parallax,)
    if progress.challenge != asked:
        session.challenge = to_json(progress.challenge)
        session.save(update_fields=["challenge"])
    batch = Batch.objects.create(
        session=session,
        sequence=sequence,
        received=received,
        answered=_seconds(session),
        observations=to_json(Observations(session.pack, fresh.frames, turns)),
        embeddings=seal_probes(
            session.person.key,
            session.pack,
            {place: one.embedding for place, one in enumerate(fresh.frames) if one.embedding is not None},
        ),
        frames=seal_frames(session.person.key, [jpeg for jpeg, _ in frames]),
        answer=_answer(session, sequence, progress),
    )
    if progress.complete or progress.over:
        together = Observations(session.pack, together.frames, so_far.turns + turns)
        outcome = decide(session, progress.challenge, together)
        batch.answer = _answer(session, sequence, progress, outcome)
        batch.save(update_fields=["answer"])
    return batch.answer


def _parallax(session, frames, together: Observations, span: tuple[float, float]):
    """The parallax of the turn made in ``span`` (camera time), from the frames still kept."""
    turning = [one for one in together.frames if span[0] <= one.time <= span[1]]
    earlier = session.batches.filter(received__range=(turning[0].received, turning[-1].received))
    pictures = []
    for observations, sealed in earlier.values_list("observations", "frames"):
        times = [one["time"] for one in observations["frames"]]
        pictures += zip(open_frames(session.person.key, sealed), times, strict=True)
    pictures += frames
    return measure_parallax(
        [Frame(decode_jpeg(jpeg), time) for jpeg, time in pictures if span[0] <= time <= span[1]], turning
    )


def _answer(session, sequence: int, progress: Progress | None, outcome: dict | None = None) -> dict:
    challenge = progress.challenge if progress else from_json(Challenge, session.challenge)
    is_open = session.state == CaptureSession.State.OPEN
    return {
        "sequence": sequence,
        "state": session.state,
        "guidance": progress.guidance and str(progress.guidance) if progress else None,
        "prompt": _prompt(session, progress) if is_open and progress else None,
        "answered": sum(one.answered is not None for one in challenge.prompts),
        "outcome": outcome,
    }


def _prompt(session, progress: Progress) -> dict | None:
    """What the page is to ask for: an action, or the colours with all that it needs to show them."""
    steps = ANSWERS + bool(progress.challenge.light and progress.challenge.light.colours)
    if progress.light:
        number, action, limit, issued = steps, LIGHT, light.LIMIT_SECONDS, progress.light.issued
        how = {"colours": [str(one) for one in progress.light.colours], "seconds": light.SECONDS}
    elif asked := progress.prompt:
        number = 1 + sum(one.answered is not None for one in progress.challenge.prompts)
        action, limit, issued, how = str(asked.action), asked.limit, asked.issued or 0.0, {}
    else:
        return None
    left = round(max(0.0, limit - (_seconds(session) - issued)), 1)
    return {"number": number, "of": steps, "action": action, "limit": limit, "seconds_left": left, **how}


def _light(person: Beneficiary, colours: bool) -> Light | None:
    """The colours for somebody at home, by their cycle's policy."""
    rule = light_rule(person)
    if rule is LightRule.OFF:
        return None
    required = rule is LightRule.REQUIRED
    return draw_light(source(), required) if colours else Light((), required)


def _decode(
    frames: Sequence[tuple[bytes, float]], received: float, shown: Sequence[float | None]
) -> list[Frame]:
    if not 1 <= len(frames) <= MOST_FRAMES or len(shown) != len(frames):
        raise BadBatch()
    pictures = []
    for (jpeg, time), mark in zip(frames, shown, strict=True):
        if len(jpeg) > LARGEST_FRAME or not math.isfinite(time) or time < 0:
            raise BadBatch()
        if mark is not None and not 0 <= mark <= light.COLOURS:
            raise BadBatch()
        try:
            pictures.append(Frame(decode_jpeg(jpeg), float(time), received, mark))
        except Unusable as problem:
            raise BadBatch() from problem
    return pictures


def _seconds(session: CaptureSession) -> float:
    return (timezone.now() - session.opened).total_seconds()


def _locked(session_id) -> CaptureSession:
    return CaptureSession.objects.select_for_update(of=("self",)).select_related("person").get(pk=session_id)


def _abandon(session: CaptureSession) -> None:
    CaptureSession.objects.filter(pk=session.pk, state=CaptureSession.State.OPEN).update(
        state=CaptureSession.State.ABANDONED, closed=timezone.now()
    )
    Batch.objects.filter(session=session).update(frames=None, embeddings=None)
