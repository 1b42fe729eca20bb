"""Other offices' records 数据比对: where they come from, their files, what they say of whom, and the
questions they raise."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import date

from django.db import models
from django.db.models import F, Q

from jianzai.certification.models import Certification
from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.sealed import SealedField
from jianzai.vault import vault

DETAILS, FILE = "record of another office", "records of another office"


class Says(models.TextChoices):
    """What a record is a sign of."""

    ALIVE = "alive"
    DEAD = "dead"
    PRISON = "prison"
    ABSENT = "absent"


HINTS = (Says.DEAD, Says.PRISON, Says.ABSENT)
"""Signs that open a question for clerks, and nothing else."""


class Source(models.Model):
    """Records of one kind that another office gives us, and what we may do with them."""

    class Kind(models.TextChoices):
        HOSPITAL = "hospital"
        PHARMACY = "pharmacy"
        TRANSPORT = "transport"
        TAX = "tax"
        HOUSEHOLD = "household"
        CREMATION = "cremation"
        PRISON = "prison"
        BORDER = "border"
        INSURER = "insurer"

    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="+"
    )  # nobody elsewhere is looked for
    code = models.SlugField(max_length=40, unique=True)  # what the API and the command line call it
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    says = models.CharField(max_length=6, choices=Says.choices)
    ground = models.CharField(max_length=300)  # the law or agreement by which we get them
    purpose = models.CharField(max_length=300)
    trust = models.PositiveSmallIntegerField()  # 0 to 3, added up against the policy's ``match_strength``
    fresh_days = models.PositiveSmallIntegerField()  # days for which a sign of life counts; hints do not age
    columns = models.JSONField(default=dict, blank=True)  # our column: their heading, where it is another
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["area", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(trust__lte=3), name="trust_0_to_3"),
            models.CheckConstraint(
                condition=Q(fresh_days__gte=1, fresh_days__lte=366), name="fresh_for_1_to_366_days"
            ),
            models.CheckConstraint(condition=~Q(ground="") & ~Q(purpose=""), name="ground_and_purpose"),
        ]

    def __str__(self):
        return self.name


class SignFile(models.Model):
    """A file of a source on its way, as a roster is: read by the worker, looked at, taken over by the worker.

    ``content`` is sealed for ``id`` and gone as soon as the file is taken over, with every row that is
    nobody's here. What the API brings goes the same way, and nobody has to look at it.
    """

    class State(models.TextChoices):
        READING = "reading"  # waits for the worker's dry run
        READ = "read"
        IMPORTING = "importing"  # waits for the worker to take it over
        IMPORTED = "imported"
        REFUSED = "refused"  # cannot be read at all

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="files")
    staff = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+"
    )  # null: API, command
    sent_by = models.CharField(max_length=200)  # audit.Actor.name
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=dict, blank=True)  # the source's when the file came
    content = SealedField(purpose=FILE, owner="id")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    report = models.JSONField(default=dict)
    table = models.BinaryField(null=True)  # every bad row
    refusal = models.JSONField(default=dict)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "sha256"], condition=Q(state="imported"), name="a_file_of_a_source_once"
            )
        ]


class Case(models.Model):
    """A question for a clerk: a hint that somebody died, is in prison or away; or what a person objects to.

    It pauses nothing and holds nothing.
    """

    class Kind(models.TextChoices):
        DEAD = "dead"
        PRISON = "prison"
        ABSENT = "absent"
        OBJECTION = "objection"

    class State(models.TextChoices):
        OPEN = "open"
        REBUTTED = "rebutted"  # the person certified meanwhile
        CONFIRMED = "confirmed"  # from a document; a death is then on record
        DISMISSED = "dismissed"  # a hint that is wrong; an objection to what is right
        UPHELD = "upheld"  # an objection: the record is not this person's
        OVERTAKEN = "overtaken"  # died, or somebody else stands under the number

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="match_cases")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    on = models.DateField()  # the last day that a record of it names; of an objection, the certification's
    opened_on = models.DateField()
    certification = models.ForeignKey(Certification, null=True, on_delete=models.PROTECT, related_name="+")
    said = models.CharField(max_length=300, blank=True)  # what the person objects
    proved_on = models.DateField(null=True)  # the day of the certification that rebutted it
    closed_on = models.DateField(null=True)
    closed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["opened_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(state="open"), name="one_open_match_case_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_on=None) | (~Q(state="open") & Q(closed_on__isnull=False)),
                name="match_case_closed_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="rebutted") | Q(proved_on__isnull=False), name="rebutted_on_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(kind="objection") | Q(certification__isnull=False), name="objection_to_something"
            ),
        ]
        indexes = [models.Index(fields=["opened_on"], condition=Q(state="open"), name="open_match_cases")]


@dataclass(frozen=True, slots=True)
class Details:
    """What a record says, for a clerk to compare; of the number its last four characters."""

    name: str
    sex: str
    birth_date: str
    area: str
    number_end: str


class Sign(models.Model):
    """One record that is somebody's here. Rows that are nobody's are never written.

    Of a sign of life only the day is kept; of a hint what it says, sealed, until its case is closed.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="signs")
    file = models.ForeignKey(SignFile, null=True, on_delete=models.SET_NULL, related_name="signs")
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="signs")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="signs")
    says = models.CharField(max_length=6, choices=Says.choices)
    on = models.DateField()
    expires = models.DateField()  # the last day on which it counts
    exact = models.BooleanField()  # by identity number, and no other name
    agreement = models.JSONField()  # how each field agrees, see weights.Level
    bits = models.FloatField(null=True)  # weight of a probable match
    digest = models.BinaryField(max_length=32)  # keyed hash of the row: the same row again is the same sign
    details = SealedField(purpose=DETAILS, owner="person__key", null=True)
    settled = models.BooleanField(default=False)  # what follows from it was done
    void = models.BooleanField(default=False)  # not this person's, a clerk found
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="a_row_of_a_source_once"),
            models.CheckConstraint(
                condition=~Q(says="alive") | Q(exact=True), name="no_probable_sign_of_life"
            ),
            models.CheckConstraint(condition=Q(expires__gte=F("on")), name="expires_after_its_day"),
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(settled=False), name="signs_to_settle"),
            models.Index(fields=["expires"], condition=Q(says="alive"), name="signs_to_delete"),
        ]

    @property
    def told(self) -> Details | None:
        """What the record says; None once that was deleted."""
        if self.details is None:
            return None
        opened = vault().open(self.details, owner=str(self.person.key), purpose=DETAILS)
        return Details(**json.loads(opened))


def seal_details(owner: uuid.UUID, details: Details) -> bytes:
    """``details``, sealed as those of a record of the person whose key is ``owner``."""
    return vault().seal(
        json.dumps(asdict(details), ensure_ascii=False).encode(), owner=str(owner), purpose=DETAILS
    )


def record_digest(*parts: str | date | None) -> bytes:
    """What a row is known by when it comes again."""
    return vault().lookup("record:" + json.dumps([str(part or "") for part in parts]))
