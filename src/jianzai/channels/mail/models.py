"""Forms by post 邮寄表格: which were issued, which came back, and what was decided about them."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from jianzai.certification.models import Certification, Obligation
from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.sealed import SealedField
from jianzai.vault import vault

from .payload import Kind

_PAGE, _READING = "page of a form", "reading of a form"
_KINDS = [(str(kind), str(kind)) for kind in Kind]


class Numbering(models.Model):
    """The last form number given out in a year."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Posting(models.Model):
    """Forms that were printed together to be posted, with their addresses."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField()  # civil date
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]


class Form(models.Model):
    """A numbered form that was issued; an empty print has no person."""

    number = models.CharField(max_length=13, unique=True)
    kind = models.CharField(max_length=12, choices=_KINDS)
    year = models.PositiveSmallIntegerField()  # of the cycle
    person = models.ForeignKey(Beneficiary, null=True, on_delete=models.PROTECT, related_name="forms")
    issued_on = models.DateField()
    issued_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")  # null: site
    to_post = models.BooleanField(default=False)  # waits to be printed and posted by the office
    posting = models.ForeignKey(Posting, null=True, on_delete=models.PROTECT, related_name="forms")
    used = models.BooleanField(default=False)  # came back and was accepted

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "year"],
                condition=Q(person__isnull=False, used=False),
                name="one_unused_form_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(to_post=False) | Q(person__isnull=False), name="posted_to_somebody"
            ),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(to_post=True), name="forms_to_post")]

    def __str__(self):
        return self.number


class Sheet(models.Model):
    """A paper that arrived, as its scan. From RECEIVED to the decision it holds the pause of its person."""

    class State(models.TextChoices):
        RECEIVED = "received"  # waits for the worker, who reads it
        READ = "read"  # waits for a clerk
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        DEAD = "dead"  # the paper says so; a death still takes its document
        MISSING = "missing"
        IMPRISONED = "imprisoned"
        OVERTAKEN = "overtaken"  # settled another way meanwhile: certified, died, replaced

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # owner of what is sealed
    kind = models.CharField(max_length=12, choices=_KINDS)
    form = models.ForeignKey(Form, null=True, on_delete=models.PROTECT, related_name="sheets")
    person = models.ForeignKey(Beneficiary, null=True, on_delete=models.PROTECT, related_name="sheets")
    obligation = models.ForeignKey(Obligation, null=True, on_delete=models.PROTECT, related_name="sheets")
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="+"
    )  # the person's, else who took it
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    received_on = models.DateField()
    received_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    custodian = models.CharField(max_length=100)  # where the paper itself lies
    holds_until = models.DateField(null=True)
    released = models.BooleanField(default=False)  # over, and its hold is closed wherever it stood
    reading = SealedField(purpose=_READING, owner="key", null=True)  # what was read, and corrected
    says = models.CharField(max_length=10, blank=True)  # alive, dead, missing, imprisoned: as read or typed
    attested_on = models.DateField(null=True)  # the day it is evidence of
    by_agent = models.BooleanField(default=False)
    certificate = models.BinaryField(null=True, max_length=32)  # keyed hash of issuer and its own number
    strength = models.PositiveSmallIntegerField(default=0)  # as accepted, by policy
    decided_on = models.DateField(null=True)
    decided_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    reasons = ArrayField(models.CharField(max_length=20), default=list)  # why it was rejected
    note = models.CharField(max_length=500, blank=True)
    mend_by = models.DateField(null=True)
    certification = models.ForeignKey(Certification, null=True, on_delete=models.PROTECT, related_name="+")
    seen_to_on = models.DateField(null=True)  # what a paper says of somebody dead, missing or in prison
    keep_until = models.DateField(null=True)  # the scan is deleted after that day

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["form"], condition=Q(state__in=["received", "read"]), name="a_form_waits_once"
            ),
            models.UniqueConstraint(
                fields=["form"], condition=Q(state="accepted"), name="a_form_is_accepted_once"
            ),
            models.UniqueConstraint(
                fields=["certificate"], condition=Q(state="accepted"), name="a_certificate_is_accepted_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "read"], decided_on=None)
                | (~Q(state__in=["received", "read"]) & Q(decided_on__isnull=False)),
                name="sheet_decided_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | Q(person__isnull=False, attested_on__isnull=False, decided_by__isnull=False),
                name="accepted_for_somebody_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(certification=None) | Q(state="accepted"), name="only_accepted_sheets_certify"
            ),
            models.CheckConstraint(
                condition=Q(attested_on=None) | Q(attested_on__lte=F("received_on")),
                name="attested_before_it_arrived",
            ),
        ]
        indexes = [
            models.Index(
                fields=["area", "received_on"],
                condition=Q(state__in=["received", "read"]),
                name="sheets_waiting",
            ),
            models.Index(
                fields=["keep_until"], condition=Q(keep_until__isnull=False), name="scans_to_delete"
            ),
        ]

    @property
    def waiting(self) -> bool:
        """Whether it is still to be decided."""
        return self.state in WAITING

    @property
    def case(self) -> str:
        """What the sheet is called among the holds of an obligation."""
        return f"form:{self.pk}"

    @property
    def read(self) -> dict[str, Any]:
        """What was read of it, corrected, and found; empty before, and once it is deleted."""
        if self.reading is None:
            return {}
        return json.loads(vault().open(self.reading, owner=str(self.key), purpose=_READING))

    def keep_reading(self, read: dict[str, Any]) -> None:
        """Seal ``read`` into the row; the caller saves."""
        plain = json.dumps(read, ensure_ascii=False).encode()
        self.reading = vault().seal(plain, owner=str(self.key), purpose=_READING)


WAITING = (Sheet.State.RECEIVED, Sheet.State.READ)
"""The states before the decision."""

REPORTED = (Sheet.State.DEAD, Sheet.State.MISSING, Sheet.State.IMPRISONED)
"""The states of a paper that says something else than alive."""


class SheetPage(models.Model):
    """One page of a scan, a sealed JPEG."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveSmallIntegerField()
    content = SealedField(purpose=_PAGE, owner="sheet__key")  # as it came
    upright = SealedField(purpose=_PAGE, owner="sheet__key", null=True)  # straightened, to look at

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["sheet", "number"], name="a_page_of_a_sheet_once")]

    @property
    def picture(self) -> bytes:
        """The JPEG as it came."""
        return vault().open(self.content, owner=str(self.sheet.key), purpose=_PAGE)

    @property
    def shown(self) -> bytes:
        """The JPEG to look at: straightened, once the page was read."""
        return vault().open(self.upright or self.content, owner=str(self.sheet.key), purpose=_PAGE)


def seal_page(sheet: Sheet, jpeg: bytes) -> bytes:
    """A page of ``sheet``, sealed as its own."""
    return vault().seal(jpeg, owner=str(sheet.key), purpose=_PAGE)


class StatusLookups(models.Model):
    """How often an address asked after numbers of which nothing is here, by keyed hash of the address."""

    key = models.BinaryField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last = models.DateTimeField()
