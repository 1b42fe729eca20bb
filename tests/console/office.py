"""Rows that cameras and sweeps would make, made directly for tests of pages."""

from __future__ import annotations

from datetime import timedelta

import cv2
import numpy as np
from django.utils import timezone

from jianzai.audit.services import Actor
from jianzai.benefits.models import Order, OrderFile, Sweep
from jianzai.benefits.services.common import next_number
from jianzai.benefits.services.orders import ORDER_COUNTER
from jianzai.certification.models import Attempt, Batch, CaptureSession, ReferenceFace, ReviewCase
from jianzai.certification.queries import current_obligation
from jianzai.certification.sealing import seal_frames, seal_picture
from jianzai.certification.services import give_consent, open_cycle
from jianzai.certification.services.reviews import open_case
from jianzai.clock import today
from jianzai.faces.records import to_json
from jianzai.faces.types import Action, Challenge, Observation, Observations, Prompt
from jianzai.notices.services import remind

PACK = "embedded"


def jpeg(shade: int = 120) -> bytes:
    """A plain picture; its shade tells one from another."""
    picture = np.full((240, 320, 3), shade, np.uint8)
    cv2.ellipse(picture, (160, 120), (60, 80), 0, 0, 360, (150, 170, 210), -1)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def cycle(year: int | None = None, preset: str = "changsha-2013"):
    return open_cycle(year or today().year, Actor.SYSTEM, preset)


def reference(person, state: str = "active", shade: int = 90) -> ReferenceFace:
    consent = give_consent(person, "zh", Actor("person"))
    return ReferenceFace.objects.create(
        person=person,
        pack=PACK,
        state=state,
        templates=b"not opened by pages",
        clips=[3],
        quality=71.0,
        picture=seal_picture(person.key, jpeg(shade)),
        consent=consent,
    )


def attempt(person, *, live: bool = True, decision: str = "uncertain", staff=None) -> Attempt:
    """A capture of seven seconds that turned the head and opened the mouth, and what was decided of it."""
    challenge = Challenge(
        (
            Prompt(Action.TURN_LEFT, 10.0, issued=1.0, answered=3.4),
            Prompt(Action.OPEN_MOUTH, 10.0, issued=3.6, answered=5.8),
        )
    )
    session = CaptureSession.objects.create(
        person=person,
        purpose="verify",
        pack=PACK,
        channel="online",
        staff=staff,
        challenge=to_json(challenge),
        state="decided",
        opened=timezone.now() - timedelta(minutes=1),
        closed=timezone.now(),
    )
    for sequence in range(7):
        times = [sequence + place / 8 for place in range(8)]
        frames = tuple(_seen(time) for time in times)
        Batch.objects.create(
            session=session,
            sequence=sequence,
            received=times[-1] + 0.2,
            answered=times[-1] + 0.3,
            observations=to_json(Observations(PACK, frames)),
            answer={"outcome": None},
        )
    return Attempt.objects.create(
        session=session,
        person=person,
        reference=person.references.filter(state="active").first(),
        on=today(),
        decision=decision,
        live=live,
        similarity=54,
        reasons=["uncertain"] if live else ["flat"],
        voices={"actions": 1.0, "parallax": 0.41, "texture": None},
        comparison={},
        policy={},
        kept_frames=seal_frames(person.key, [jpeg(100 + 10 * place) for place in range(4)]),
        keep_until=today() + timedelta(days=60),
    )


def _seen(time: float) -> Observation:
    turned = 32.0 * max(0.0, 1 - abs(time - 2.4))
    mouth = 0.6 if 4.6 < time < 5.6 else 0.05
    box = (0.3, 0.2, 0.4, 0.5)
    return Observation(
        time,
        time + 0.2,
        1,
        f"{time}",
        box,
        yaw=turned,
        pitch=0.0,
        roll=0.0,
        eye_opening=0.3,
        mouth_opening=mouth,
    )


def case(person, *, live: bool = True, decision: str = "uncertain") -> ReviewCase:
    kind = ReviewCase.Kind.UNCERTAIN if live else ReviewCase.Kind.FAILED_ATTEMPT
    made = attempt(person, live=live, decision=decision)
    return open_case(person, current_obligation(person), kind, Actor("person"), attempt=made)


def pending(person) -> ReviewCase:
    """A model made at home that waits for a clerk."""
    made = reference(person, "pending", shade=60)
    return open_case(person, None, ReviewCase.Kind.NEW_REFERENCE, Actor("person"), reference=made)


def order(person, state: str = "queued", kind: str = "pause", rejection: str = "") -> Order:
    return Order.objects.create(
        sequence=next_number(ORDER_COUNTER),
        kind=kind,
        person=person,
        effective_month=f"{today():%Y-%m}",
        monthly_fen=person.monthly_fen,
        state=state,
        rejection=rejection,
    )


def order_file() -> OrderFile:
    return OrderFile.objects.create(sequence=1, orders=0, total_fen=0, sha256="0" * 64, content="record\r\n")


def sweep(area, state: str = "proposed", by=None) -> Sweep:
    report = {"chosen": 0, "overdue": 0, "monthly_fen": 0, "districts": [], "left_out": {}}
    return Sweep.objects.create(as_of=today(), area=area, state=state, proposed_by=by, report=report)


def letter(person):
    """The person's reminder by letter."""
    person.address = "长沙市芙蓉区文艺路1号"
    person.save()
    made = remind(current_obligation(person), Actor.SYSTEM)
    return next(notice for notice in made if notice.transport == "letter")
