"""The visitor's list of the day and the outcome of a visit, without a network."""

from __future__ import annotations

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from jianzai.audit.services import Actor, record
from jianzai.offline.content import Content
from jianzai.offline.forms import Taken
from jianzai.offline.models import Arrival
from jianzai.registry.models import Staff
from jianzai.sentences import language

from . import services
from .errors import AppointmentOver, NotFilledIn, VisitEnded
from .forms import MeetingForm, NotMetForm
from .models import Appointment, HomeVisit
from .queries import day_sheet, officers_for, outings, visits_within
from .sheet import row

PHOTOGRAPH = "photograph"
"""The name of the picture of the meeting."""

_KEY = "appointment "
"""An entry's key: this, and the number of its appointment. The visit may have another when it comes in."""


def on_the_device() -> dict:
    """What fills the form in that lies on the device: what there is to choose from, and nobody's name."""
    return {"consents": HomeVisit.PhotographConsent.values, "findings": ("dead", "moved", "missing")}


def lists(staff: Staff, day: date) -> list[tuple[str, str]]:
    """The teams that go out on ``day`` in the area of ``staff``."""
    return [(str(outing.team.pk), outing.team.name) for outing in outings(staff) if outing.day == day]


def entries(staff: Staff, day: date, team: str, actor: Actor) -> list[dict]:
    """The visits of a team on ``day`` in their order; that somebody took them along is recorded."""
    appointments = day_sheet(staff, int(team), day)
    record(
        "visit.list_taken",
        actor,
        area=staff.area_id,
        team=int(team),
        day=day,
        visits=len(appointments),
    )
    return [_entry(appointment, staff) for appointment in appointments]


def _entry(appointment, staff: Staff) -> dict:
    told = row(appointment, language())
    others = [each for each in officers_for(appointment.visit.person) if each.pk != staff.pk]
    return {
        "key": f"{_KEY}{appointment.pk}",
        "title": f"{told['time']} {told['name']}",
        "lines": [told["facts"], told["address"], f"{told['asked']} · {told['reason']}"],
        "phone": told["phone"],
        "options": {
            "second": [[str(each.pk), f"{each.name} ({each.user.get_username()})"] for each in others]
        },
    }


def take(arrival: Arrival, content: Content, actor: Actor) -> Taken:
    """What the team found at the appointment it took along, within the transaction that notes the arrival.

    Where the office moved that one since, whom the team found there is told all the same; that nobody was at
    home is not. Raises NotFilledIn, AppointmentOver, and what telling it at a desk raises.
    """
    staff, fields = arrival.key.staff, content.fields
    went = _appointment(fields.get("entry", ""))
    visit = went and visits_within(staff).filter(pk=went.visit_id).first()
    if not visit:
        raise VisitEnded()
    if went.state == Appointment.State.MOVED and went.day != arrival.key.day:  # not of the list of that day
        raise AppointmentOver(day=went.day)
    if fields.get("found") == "met":
        visit = services.meet(visit, _meeting(visit, staff, content), actor, went, arrival)
        if visit.state == HomeVisit.State.CERTIFIED:
            return Taken(Arrival.State.CERTIFIED, "visit.told_met")
        return Taken(Arrival.State.RECEIVED, "visit.told_waits")
    form = NotMetForm(fields)
    if not form.is_valid():
        raise NotFilledIn()
    found = form.cleaned_data["found"]
    if found == "nobody":
        services.nobody_home(went, staff, actor)
    else:
        services.not_met(visit, HomeVisit.State(found), form.cleaned_data["finding"], staff, actor, went)
    return Taken(Arrival.State.NOTED, f"visit.told_{found}")


def _appointment(key: str) -> Appointment | None:
    number = key.removeprefix(_KEY) if key.startswith(_KEY) else ""
    return Appointment.objects.filter(pk=int(number) if number.isdecimal() else 0).first()


def _meeting(visit: HomeVisit, staff: Staff, content: Content) -> services.Meeting:
    pictures = content.named(PHOTOGRAPH)[:1]
    files = {}
    if pictures:
        files[PHOTOGRAPH] = SimpleUploadedFile("meeting.jpg", pictures[0], "image/jpeg")
    form = MeetingForm(content.fields, files, visit=visit, staff=staff)
    if not form.is_valid():
        raise NotFilledIn()
    typed = form.cleaned_data
    return services.Meeting(first=staff, **{**typed, PHOTOGRAPH: pictures[0] if pictures else None})
