"""One person: standing, and verification by a whole video."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Path, Router, Status
from ninja.files import UploadedFile

from jianzai.api.access import guarded, person_of, within
from jianzai.api.errors import ApiError, Failure
from jianzai.api.schemas import Asked, ChallengeOpened, Outcome, PersonalNumber, PersonStatus
from jianzai.api.scopes import Scope
from jianzai.audit.services import Actor
from jianzai.benefits.models import Benefit
from jianzai.certification.errors import NoCycle
from jianzai.certification.models import CaptureSession
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import open_session, policy_of, receive_video
from jianzai.certification.services.captures import LONGEST
from jianzai.clock import today
from jianzai.entitlement import status_on
from jianzai.faces.records import from_json
from jianzai.faces.types import Challenge

router = Router(tags=["people"])
_REFUSALS = {401: Failure, 403: Failure, 404: Failure, 409: Failure, 422: Failure}


@router.get(
    "persons/{personal_number}/status", response={200: PersonStatus, **_REFUSALS}, **guarded(Scope.STATUS)
)
def status(request: HttpRequest, personal_number: Path[PersonalNumber]):
    """Where the person stands in the latest cycle, and whether the pension is being paid."""
    person = person_of(request.auth, personal_number)
    obligation = current_obligation(person)
    if obligation is None:
        raise NoCycle()
    standing = standing_of(obligation)
    benefit = Benefit.objects.filter(person=person).values_list("state", flat=True).first()
    return PersonStatus(
        personal_number=person.personal_number,
        year=obligation.cycle.year,
        status=status_on(policy_of(obligation.cycle), standing, today()),
        due=standing.due,
        certified_on=standing.certified_on,
        benefit=benefit or Benefit.State.PAYING,
    )


@router.post(
    "persons/{personal_number}/verifications",
    response={201: ChallengeOpened, 429: Failure, **_REFUSALS},
    **guarded(Scope.VERIFY),
)
def open_verification(request: HttpRequest, personal_number: Path[PersonalNumber]):
    """Draw a challenge. Record the person answering it on one video and send that before ``until``."""
    person = person_of(request.auth, personal_number)
    session = open_session(
        person, CaptureSession.Purpose.VERIFY, "api", actor=Actor.of(request), colours=False
    )
    challenge = from_json(Challenge, session.challenge)
    opened = ChallengeOpened(
        session=session.pk,
        prompts=[Asked(action=prompt.action, limit=prompt.limit) for prompt in challenge.prompts],
        until=session.opened + LONGEST,
    )
    return Status(HTTPStatus.CREATED, opened)


@router.post(
    "verifications/{session}/video",
    response={200: Outcome, 413: Failure, 429: Failure, **_REFUSALS},
    **guarded(Scope.VERIFY),
)
def verify(request: HttpRequest, session: UUID, video: File[UploadedFile]):
    """Judge the video of an open verification. The actions are answered in the order asked."""
    found = within(
        request.auth, CaptureSession.objects.filter(pk=session, channel="api"), field="person__area"
    ).first()
    if found is None:
        raise ApiError(HTTPStatus.NOT_FOUND, "no_verification")
    return receive_video(found, video.read())
