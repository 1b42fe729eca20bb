"""Lists of people whom their former employer saw in person 原单位见面名单, the samples 抽查 of them, who
acts for whom 帮办, and identity cards read at a counter."""

from __future__ import annotations

import json
import uuid
from dataclasses import astuple

from django.db import models
from django.db.models import F, Q

from jianzai.certification.models import Attempt, Certification, Obligation, ReviewCase
from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.registry.names import masked
from jianzai.sealed import SealedField
from jianzai.vault import vault

from .cards.fields import ReadField

_CARD, _PORTRAIT = "identity card", "identity card portrait"


class SeenList(models.Model):
    """Retirees whom an employer saw on ``day``. One of its staff sends it, another one signs it too.

    While it is SENT it holds the pause of everybody on it; signed by both it has certified them.
    """

    class State(models.TextChoices):
        SENT = "sent"
        SIGNED = "signed"
        WITHDRAWN = "withdrawn"
        LAPSED = "lapsed"  # nobody signed it for as long as it may hold the pause

    employer = models.CharField(max_length=200)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")  # of who sent it
    day = models.DateField()  # civil date
    state = models.CharField(max_length=9, choices=State.choices, default=State.SENT)
    first = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    holds_until = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="signed", second__isnull=False) | (~Q(state="signed") & Q(second=None)),
                name="list_signed_by_a_second",
            ),
            models.CheckConstraint(condition=~Q(second=F("first")), name="list_signed_by_two_people"),
            models.CheckConstraint(
                condition=Q(state="sent", ended_on=None) | (~Q(state="sent") & Q(ended_on__isnull=False)),
                name="list_ended_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["employer", "area"], name="lists_of_an_employer")]

    @property
    def case(self) -> str:
        """What the list is called among the holds of an obligation."""
        return f"list:{self.pk}"


class SeenPerson(models.Model):
    """Somebody on a list; ``waiting`` while it is neither signed by both nor over."""

    seen_list = models.ForeignKey(SeenList, on_delete=models.PROTECT, related_name="people")
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="seen_by_employer")
    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="+")
    waiting = models.BooleanField(default=True)
    struck = models.BooleanField(default=False)  # out by whoever signed as the second
    # What the list, or before it another way, brought; none where the person died or was replaced meanwhile,
    # or was struck out.
    certification = models.ForeignKey(Certification, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["seen_list", "person"], name="once_on_a_list"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(waiting=True), name="on_one_waiting_list_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(struck=False) | Q(waiting=False, certification=None), name="struck_out_of_a_list"
            ),
        ]


class Sample(models.Model):
    """Somebody certified by a list who was drawn, and is asked to be seen by a camera or by the office."""

    class State(models.TextChoices):
        ASKED = "asked"
        ANSWERED = "answered"
        UNANSWERED = "unanswered"  # in time; a case is open, or a clerk closed it
        DROPPED = "dropped"  # the person died, or somebody else stands under the number

    seen = models.OneToOneField(SeenPerson, on_delete=models.PROTECT, related_name="sample")
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="samples")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked = models.DateTimeField(auto_now_add=True)
    answer_by = models.DateField()
    answered_on = models.DateField(null=True)
    attempt = models.ForeignKey(Attempt, null=True, on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.CharField(max_length=100, blank=True)  # what the officer saw
    case = models.ForeignKey(ReviewCase, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="answered")
                | Q(attempt__isnull=False)
                | (Q(officer__isnull=False) & ~Q(document="")),
                name="sample_answered_by_face_or_officer",
            )
        ]
        indexes = [
            models.Index(
                fields=["answer_by"],
                condition=Q(state__in=["asked", "unanswered"]),
                name="samples_not_answered",
            )
        ]


class Helper(models.Model):
    """Somebody who acts for retired people 帮办人, found by the keyed hash of their own identity number.

    Nothing else is known of them here: what they are called stands with each person who named them.
    """

    identity_lookup = models.BinaryField(max_length=32, unique=True)


class Mandate(models.Model):
    """Somebody lets a helper act for them, until it is ended. They agreed before a clerk or after a match of
    their own face. ``code``: keyed hash of the helper's number and the code that opens it."""

    class Relation(models.TextChoices):
        """What the helper is to the person."""

        SPOUSE = "spouse"
        CHILD = "child"
        RELATIVE = "relative"
        COMMUNITY = "community"
        OTHER = "other"

    helper = models.ForeignKey(Helper, on_delete=models.PROTECT, related_name="mandates")
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="mandates")
    name = models.CharField(max_length=100)  # the helper's, as this person gave it
    relation = models.CharField(max_length=10, choices=Relation.choices)
    code = models.BinaryField(max_length=32, unique=True)
    given_on = models.DateField()  # civil date
    before = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    attempt = models.ForeignKey(Attempt, null=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["helper", "person"], condition=Q(ended_on=None), name="one_mandate_for_a_person"
            ),
            models.CheckConstraint(
                condition=Q(before__isnull=False, attempt=None) | Q(before=None, attempt__isnull=False),
                name="mandate_before_a_clerk_or_by_face",
            ),
        ]

    @property
    def masked_name(self) -> str:
        """As much of the helper's name as the person recognises."""
        return masked(self.name)


class SamePicture(models.Model):
    """An attempt that shares a picture to the last pixel with others; those of one ``together`` do.

    Written anew whenever the worker compares.
    """

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="same_picture")
    together = models.BigIntegerField()  # the smallest id among them


class CardReading(models.Model):
    """An identity card as a reader or a photograph gave it, until a clerk decides whose it is.

    ``fields`` (cards.fields.ReadField by name) goes with the decision, ``portrait`` once it was compared with
    a live face; both at the latest with the day. What stays is what was asked and how it was decided.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        LAPSED = "lapsed"  # nobody decided it that day, or the person is somebody else now

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Beneficiary, null=True, on_delete=models.PROTECT, related_name="cards")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    read_on = models.DateField()  # civil date
    by_chip = models.BooleanField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    fields = SealedField(purpose=_CARD, owner="key", null=True)
    portrait = SealedField(purpose=_PORTRAIT, owner="key", null=True)  # a JPEG
    corrected = models.JSONField(default=list)  # names of fields a clerk typed
    decisions = models.JSONField(default=list)  # question, whether it was accepted, the clerk's reason
    similarity = models.PositiveSmallIntegerField(null=True)  # of portrait and live face, 0-100
    decided_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "refused"])
                | Q(person__isnull=False, decided_by__isnull=False, fields=None),
                name="card_decided_by_a_clerk",
            ),
            models.CheckConstraint(condition=Q(state="open") | Q(fields=None), name="card_fields_go_with_it"),
        ]
        indexes = [
            models.Index(
                fields=["read_on"],
                condition=Q(fields__isnull=False) | Q(portrait__isnull=False),
                name="cards_to_forget",
            )
        ]

    @property
    def read(self) -> dict[str, ReadField]:
        """What was read and corrected; nothing once it was decided."""
        if self.fields is None:
            return {}
        opened = vault().open(self.fields, owner=str(self.key), purpose=_CARD)
        return {name: ReadField(*value) for name, value in json.loads(opened).items()}

    def keep(self, read: dict[str, ReadField]) -> None:
        """Seal what was read; saved by the caller."""
        plain = json.dumps({name: astuple(value) for name, value in read.items()}, ensure_ascii=False)
        self.fields = vault().seal(plain.encode(), owner=str(self.key), purpose=_CARD)

    @property
    def picture(self) -> bytes | None:
        """The portrait on the card, a JPEG, while it is kept."""
        if self.portrait is None:
            return None
        return vault().open(self.portrait, owner=str(self.key), purpose=_PORTRAIT)

    def keep_portrait(self, jpeg: bytes) -> None:
        """Seal the portrait; saved by the caller."""
        self.portrait = vault().seal(jpeg, owner=str(self.key), purpose=_PORTRAIT)
