"""What employers do about their lists, in one line each."""

from __future__ import annotations

from django.utils import timezone

from jianzai.audit.services import Actor
from jianzai.certification.models import Attempt, CaptureSession
from jianzai.channels.station import services
from jianzai.channels.station.models import SeenList
from jianzai.clock import today
from tests.registry.people import EMPLOYER

__all__ = ["EMPLOYER", "face", "send", "sign"]


def send(staff, people) -> SeenList:
    return services.send_list(staff, [person.key for person in people], Actor.staff(staff))


def sign(seen_list: SeenList, staff, struck=()) -> SeenList:
    return services.sign_list(seen_list, staff, Actor.staff(staff), [str(one.key) for one in struck])


def face(person, decision: str = "same", live: bool = True) -> Attempt:
    """A capture at home that ended so."""
    session = CaptureSession.objects.create(
        person=person,
        purpose="verify",
        pack="embedded",
        channel="online",
        opened=timezone.now(),
        state="decided",
    )
    return Attempt.objects.create(
        session=session,
        person=person,
        on=today(),
        decision=decision,
        live=live,
        similarity=80,
        reasons=[],
        voices={},
        comparison={},
        policy={},
    )
