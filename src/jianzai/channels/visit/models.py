"""Home visits 上门认证: what was asked for, which team goes when, and what they found."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from jianzai.certification.models import Obligation
from jianzai.offline.models import Arrival
from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.sealed import SealedField
from jianzai.vault import vault

_CONTACT, _PHOTOGRAPH = "visit contact", "visit photograph"


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the team goes, and whom it rings."""

    address: str
    phone: str

    @property
    def ending(self) -> str:
        """The last four digits of the telephone."""
        return re.sub(r"\D", "", self.phone)[-4:]


class Team(models.Model):
    """Two officers who go together, within an area and everything below it."""

    name = models.CharField(max_length=60)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    capacity = models.PositiveSmallIntegerField()  # visits in half a day
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["area", "name"]
        constraints = [
            models.UniqueConstraint(fields=["area", "name"], name="one_team_of_a_name_in_an_area"),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=12), name="team_makes_1_to_12_visits"
            ),
        ]

    def __str__(self):
        return self.name


class HomeVisit(models.Model):
    """Somebody asked to be certified at home. While it is OPEN it holds the pause."""

    class State(models.TextChoices):
        OPEN = "open"
        CERTIFIED = "certified"  # the person was met
        OVERTAKEN = "overtaken"  # settled another way: certified, died, replaced
        DEAD = "dead"
        MOVED = "moved"
        MISSING = "missing"
        CANCELLED = "cancelled"
        LAPSED = "lapsed"  # nothing happened for as long as it may hold the pause

    class Reason(models.TextChoices):
        BEDRIDDEN = "bedridden"
        HOSPITAL = "hospital"
        DISABILITY = "disability"
        OTHER = "other"

    class Relation(models.TextChoices):
        """Who asked: the person, or what they are to the person."""

        PERSON = "person"
        SPOUSE = "spouse"
        CHILD = "child"
        RELATIVE = "relative"
        COMMUNITY = "community"

    class PhotographConsent(models.TextChoices):
        PERSON = "person"
        RELATIVE = "relative"

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="home_visits")
    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="home_visits")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    relation = models.CharField(max_length=10, choices=Relation.choices)
    # gone some time after the end
    contact = SealedField(purpose=_CONTACT, owner="person__key", null=True)
    requested_on = models.DateField()  # civil date
    helper = models.PositiveIntegerField(null=True)  # who asked, acting for the person (Actor.helping)
    taken_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    holds_until = models.DateField()
    released = models.BooleanField(default=False)  # ended, and its hold is closed wherever it stood
    # What the first officer told; while the visit is open, the named second has to sign it.
    met_at = models.ForeignKey("Appointment", null=True, on_delete=models.PROTECT, related_name="+")
    first = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    denied_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=500, blank=True)
    # told without a network
    arrival = models.ForeignKey(Arrival, null=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)
    ended_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=500, blank=True)
    # a JPEG of the meeting
    photograph = SealedField(purpose=_PHOTOGRAPH, owner="person__key", null=True)
    photograph_consent = models.CharField(max_length=10, choices=PhotographConsent.choices, blank=True)
    photograph_until = models.DateField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state="open"), name="one_open_visit_a_person"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_on=None) | (~Q(state="open") & Q(ended_on__isnull=False)),
                name="visit_ended_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(photograph=None)
                | (~Q(photograph_consent="") & Q(photograph_until__isnull=False)),
                name="no_photograph_without_consent",
            ),
            models.CheckConstraint(
                condition=Q(second=None)
                | Q(met_at__isnull=False, first__isnull=False) & ~Q(first=F("second")),
                name="two_officers_met_the_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["photograph_until"], condition=~Q(photograph=None), name="photographs_to_delete"
            ),
            models.Index(fields=["ended_on"], condition=~Q(contact=None), name="contacts_to_delete"),
        ]

    @property
    def case(self) -> str:
        """What the visit is called among the holds of an obligation."""
        return f"visit:{self.pk}"

    @property
    def awaits_signature(self) -> bool:
        """Whether an officer told that the person was met, and the second has not signed it."""
        return self.state == self.State.OPEN and self.second_id is not None

    @property
    def told_digest(self) -> str:
        """A short digest of what the first officer told: it changes with whatever the second is to sign."""
        told = [self.met_at_id, self.first_id, self.second_id, self.document, self.note]
        return sha256(json.dumps(told).encode()).hexdigest()[:16]

    def came_about(self, today: date) -> bool:
        """Whether its outcome can be told on ``today``: its day has come, or it was told and not signed."""
        if self.state != self.State.OPEN:
            return False
        return self.met_at_id is not None or (self.booked is not None and self.booked.day <= today)

    @property
    def booked(self) -> Appointment | None:
        """The appointment that stands."""
        return next((one for one in self.appointments.all() if one.state == Appointment.State.BOOKED), None)

    @property
    def seen_to(self) -> Contact | None:
        """Where and whom the visit is for; None once that was deleted."""
        if self.contact is None:
            return None
        opened = vault().open(self.contact, owner=str(self.person.key), purpose=_CONTACT)
        return Contact(**json.loads(opened))

    @property
    def picture(self) -> bytes | None:
        """The JPEG of the meeting, where one is kept."""
        if self.photograph is None:
            return None
        return vault().open(self.photograph, owner=str(self.person.key), purpose=_PHOTOGRAPH)


def seal_contact(person: Beneficiary, contact: Contact) -> bytes:
    """``contact``, sealed as that of a visit to ``person``."""
    plain = json.dumps(asdict(contact), ensure_ascii=False).encode()
    return vault().seal(plain, owner=str(person.key), purpose=_CONTACT)


def seal_photograph(person: Beneficiary, jpeg: bytes) -> bytes:
    """The picture of a meeting with ``person``, sealed."""
    return vault().seal(jpeg, owner=str(person.key), purpose=_PHOTOGRAPH)


class Appointment(models.Model):
    """A team's way to one home. How many a team makes in half a day is guarded by a trigger as well."""

    class State(models.TextChoices):
        BOOKED = "booked"
        KEPT = "kept"
        MISSED = "missed"  # nobody was at home
        MOVED = "moved"  # another one took its place
        CANCELLED = "cancelled"

    class Half(models.TextChoices):
        MORNING = "morning"
        AFTERNOON = "afternoon"

    visit = models.ForeignKey(HomeVisit, on_delete=models.PROTECT, related_name="appointments")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="appointments")
    day = models.DateField()
    half = models.CharField(max_length=9, choices=Half.choices)
    period = DateTimeRangeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.BOOKED)
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["period"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit"], condition=Q(state="booked"), name="one_appointment_a_visit"
            ),
            # The team as a range of one number, since plain GiST compares ranges but no numbers.
            ExclusionConstraint(
                name="no_team_in_two_homes",
                expressions=[
                    (
                        Func(F("team"), F("team"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(state="booked"),
            ),
        ]
        indexes = [models.Index(fields=["day", "team"], condition=Q(state="booked"), name="visits_of_a_day")]
