"""What the team found: the person met and certified, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import cv2
from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.certification.errors import FindingMissing
from jianzai.certification.models import Certification
from jianzai.certification.queries import standing_of
from jianzai.certification.services import certify, lock_standing, required_obligation
from jianzai.clock import today
from jianzai.faces.video import Unusable, decode_jpeg
from jianzai.notices.services import take_back
from jianzai.offline.models import Arrival
from jianzai.offline.services import conclude
from jianzai.registry.access import Permission, may
from jianzai.registry.models import Staff
from jianzai.sentences import say

from ..errors import (
    AppointmentOver,
    NoAppointment,
    NotNamed,
    NotYet,
    PhotographNeedsConsent,
    ReasonMissing,
    ToldAnew,
    TwoOfficersNeeded,
    UnusablePhotograph,
)
from ..models import Appointment, HomeVisit, seal_photograph
from .requests import NOTICES, end, hold, locked

KEEP_PHOTOGRAPH = timedelta(days=183)
"""The six months in which a decision can be brought before a court (行政诉讼法, article 46)."""

_LARGEST = 50_000_000  # pixels of what a telephone takes
_SIDE = 1280  # pixels of the longer side of what is kept: faces and the room are seen
_QUALITY = 80  # of the JPEG


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two officers met the person and saw a document (kind, and how it was checked).

    photograph: a JPEG of the meeting, with whose consent (HomeVisit.PhotographConsent).
    """

    first: Staff
    second: Staff
    document: str
    note: str = ""
    photograph: bytes | None = None
    photograph_consent: str = ""


@transaction.atomic
def meet(
    visit: HomeVisit,
    meeting: Meeting,
    actor: Actor,
    went: Appointment | None = None,
    arrival: Arrival | None = None,
) -> HomeVisit:
    """The first officer tells of the meeting; ``sign`` certifies by it. Meanwhile ``visit`` holds the pause.

    went: the appointment at which it was, also where another took its place since; else the standing one.
    arrival: what brought it in, where it was told without a network.
    Told again before the second signed, it takes the place of what was told; afterwards it changes nothing.
    Raises FindingMissing without a document, TwoOfficersNeeded, PhotographNeedsConsent, UnusablePhotograph,
    NoAppointment, NotYet, VisitEnded, AppointmentOver where a newer meeting waits for its signature.
    """
    if not meeting.document.strip():
        raise FindingMissing()
    if known := HomeVisit.objects.filter(pk=visit.pk, state=HomeVisit.State.CERTIFIED).first():
        return known
    officers = (meeting.first, meeting.second)
    area = visit.person.area_id
    if meeting.first == meeting.second or not all(
        may(each, Permission.CERTIFY_IN_PERSON, area) for each in officers
    ):
        raise TwoOfficersNeeded()
    picture = _kept(meeting)
    visit, _ = locked(visit)
    if went and visit.awaits_signature and (went.day, went.pk) < (visit.met_at.day, visit.met_at_id):
        raise AppointmentOver(day=went.day)  # brought in late: a newer meeting is told
    told_before = visit.met_at_id is not None and (went is None or went.pk == visit.met_at_id)
    visit.met_at = visit.met_at if told_before else _come_about(visit, Appointment.State.KEPT, went)
    visit.first, visit.second, visit.denied_by = meeting.first, meeting.second, None
    visit.document, visit.note = meeting.document.strip(), meeting.note.strip()
    if visit.arrival and arrival:
        conclude(visit.arrival, Arrival.State.NOTED, "visit.told_over")  # what comes now takes its place
    visit.arrival = arrival or visit.arrival
    visit.photograph, visit.photograph_consent, visit.photograph_until = None, "", None
    if picture:
        visit.photograph = seal_photograph(visit.person, picture)
        visit.photograph_consent = meeting.photograph_consent
        visit.photograph_until = today() + KEEP_PHOTOGRAPH
    visit.save()
    visit.appointments.filter(state=Appointment.State.BOOKED).update(state=Appointment.State.CANCELLED)
    take_back(visit.person, NOTICES)
    if not visit.person.died_on:
        hold(visit, actor)
    record("visit.met", actor, person=visit.person, visit=visit.pk, **_officers(visit))
    return visit


@transaction.atomic
def sign(visit: HomeVisit, staff: Staff, actor: Actor, shown: str | None = None) -> Certification:
    """The second officer signs: certify the person as of the day of the meeting, and end ``visit``.

    Who died since is certified as of a day on which they lived, for the estate. Signed again, it is the same
    certification. shown: the ``told_digest`` of what the officer read, where a page showed it.
    Raises NotNamed, VisitEnded, ToldAnew, and NotEntitled where they died before the meeting.
    """
    if met := HomeVisit.objects.filter(pk=visit.pk, state=HomeVisit.State.CERTIFIED, second=staff).first():
        return Certification.objects.filter(person=met.person, evidence__visit=met.pk).get()
    if not visit.person.died_on:
        required_obligation(visit.person)  # made where the year turned meanwhile, before anything is locked
    visit, _ = locked(visit)
    if visit.second_id != staff.pk:
        raise NotNamed()
    if shown is not None and shown != visit.told_digest:
        raise ToldAnew()
    end(visit, HomeVisit.State.CERTIFIED, actor, obligation=visit.obligation, staff=visit.first)
    # What was seen on the last day of a year is that year's, also where it is told in the next.
    day, duties = visit.met_at.day, lock_standing(visit.obligation)
    duty = next((each for each in reversed(duties) if standing_of(each).opens <= day), duties[0])
    evidence = {
        "visit": visit.pk,
        "document": visit.document,
        "reason": say(f"visit.reason_{visit.reason}", "zh"),
        "note": visit.note,
        "second_officer": staff.user.get_username(),
        "photograph": visit.photograph is not None,
    }
    record("visit.signed", actor, person=visit.person, visit=visit.pk, **_officers(visit))
    return certify(
        duty,
        "visit",
        actor,
        evidence=evidence,
        officer=visit.first,
        in_person=True,
        on=day,
        for_estate=True,
    )


@transaction.atomic
def deny(visit: HomeVisit, staff: Staff, actor: Actor) -> HomeVisit:
    """The named second officer was not there: nobody is certified, and the visit waits, holding the pause.

    The first names another, or the office books anew. For somebody who died it is over.
    Denied again, it changes nothing. Raises NotNamed, VisitEnded.
    """
    visit, _ = locked(visit)
    if visit.second is None and visit.denied_by_id == staff.pk:
        return visit
    if visit.second_id != staff.pk:
        raise NotNamed()
    record("visit.denied", actor, person=visit.person, visit=visit.pk, **_officers(visit))
    visit.denied_by = staff
    _unsay(visit, "visit.told_denied", actor)
    return visit


@transaction.atomic
def retract(visit: HomeVisit, staff: Staff, actor: Actor) -> HomeVisit:
    """The first officer takes back what they told before the second signed: the visit waits as it was.

    Retracted again, it changes nothing. Raises NotNamed, VisitEnded.
    """
    visit, _ = locked(visit)
    if visit.second is None and visit.denied_by is None:
        return visit
    if visit.first_id != staff.pk or visit.second is None:
        raise NotNamed()
    record("visit.retracted", actor, person=visit.person, visit=visit.pk, **_officers(visit))
    _unsay(visit, "visit.told_retracted", actor)
    return visit


def _unsay(visit: HomeVisit, told: str, actor: Actor) -> None:
    """What the first officer told is void; ``told`` is the sentence for the device that brought it."""
    if visit.arrival:
        conclude(visit.arrival, Arrival.State.REFUSED, told)
    visit.second, visit.arrival = None, None
    visit.photograph, visit.photograph_consent, visit.photograph_until = None, "", None
    visit.save()
    if visit.person.died_on:
        end(visit, HomeVisit.State.OVERTAKEN, actor, obligation=visit.obligation)


def _officers(visit: HomeVisit) -> dict[str, str]:
    """Who met the person, for the record."""
    return {"first": visit.first.user.get_username(), "second": visit.second.user.get_username()}


@transaction.atomic
def not_met(
    visit: HomeVisit,
    state: HomeVisit.State,
    finding: str,
    staff: Staff,
    actor: Actor,
    went: Appointment | None = None,
) -> HomeVisit:
    """End ``visit``: the person was found DEAD, MOVED or MISSING, as ``finding`` says.

    It holds nothing any more; a death still takes its document (``benefits.services.record_death``).
    went: as for ``meet``.
    Told again, it is the same row. Raises ReasonMissing, NoAppointment, NotYet, VisitEnded.
    """
    if state not in (HomeVisit.State.DEAD, HomeVisit.State.MOVED, HomeVisit.State.MISSING):
        raise ValueError(f"{state!r} is nothing that a team finds")
    if not finding.strip():
        raise ReasonMissing()
    if known := HomeVisit.objects.filter(pk=visit.pk, state=state).first():
        return known
    visit, _ = locked(visit)
    _come_about(visit, Appointment.State.KEPT, went)
    end(visit, state, actor, obligation=visit.obligation, staff=staff, finding=finding)
    return visit


@transaction.atomic
def nobody_home(appointment: Appointment, staff: Staff, actor: Actor) -> HomeVisit:
    """Nobody opened: the visit stays open and waits for another appointment. Told again, it changes nothing.

    Raises AppointmentOver where another one took its place, NotYet, VisitEnded.
    """
    visit = HomeVisit.objects.get(pk=appointment.visit_id)
    if Appointment.objects.filter(pk=appointment.pk, state=Appointment.State.MISSED).exists():
        return visit
    visit, _ = locked(visit)
    if visit.booked is None or visit.booked.pk != appointment.pk:
        raise AppointmentOver(day=appointment.day)
    _come_about(visit, Appointment.State.MISSED)
    take_back(visit.person, NOTICES)
    if visit.person.died_on:
        end(visit, HomeVisit.State.OVERTAKEN, actor, obligation=visit.obligation)
    else:
        hold(visit, actor)
    record("visit.nobody_home", actor, person=visit.person, visit=visit.pk, officer=staff.pk)
    return visit


@transaction.atomic
def delete_photograph(visit: HomeVisit, actor: Actor) -> None:
    """Delete the picture of the meeting: the consent to it was taken back. Again, it changes nothing."""
    visit = HomeVisit.objects.select_for_update(of=("self",)).select_related("person").get(pk=visit.pk)
    if visit.photograph is None:
        return
    visit.photograph, visit.photograph_until = None, None
    visit.save(update_fields=["photograph", "photograph_until"])
    record("visit.photograph_deleted", actor, person=visit.person, visit=visit.pk)


def _come_about(visit: HomeVisit, state: Appointment.State, went: Appointment | None = None) -> Appointment:
    """The appointment ``went`` of a locked ``visit``, else the standing one, as the team left it.

    Raises NoAppointment, AppointmentOver where nobody was at home at that one, NotYet.
    """
    appointment = visit.appointments.get(pk=went.pk) if went else visit.booked
    if appointment is None:
        raise NoAppointment()
    if appointment.state not in (Appointment.State.BOOKED, Appointment.State.MOVED):
        raise AppointmentOver(day=appointment.day)
    if appointment.day > today():
        raise NotYet(day=appointment.day)
    appointment.state = state
    appointment.save(update_fields=["state"])
    return appointment


def _kept(meeting: Meeting) -> bytes | None:
    """The picture as it is kept: small, and drawn anew, so that nothing the camera wrote beside it stays."""
    if not meeting.photograph:
        return None
    if meeting.photograph_consent not in HomeVisit.PhotographConsent.values:
        raise PhotographNeedsConsent()
    try:
        image = decode_jpeg(meeting.photograph, _LARGEST)
    except Unusable as error:
        raise UnusablePhotograph() from error
    shrink = _SIDE / max(image.shape[:2])
    if shrink < 1:
        image = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
