"""What a counter received without a network 断网收件: received, not certified, until it is judged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from django.db import models
from django.db.models import F, Q

from jianzai.certification.models import Certification, Obligation
from jianzai.certification.sealing import FRAMES, open_frames, seal_frames
from jianzai.offline.models import Arrival
from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.sealed import SealedField
from jianzai.vault import vault

TYPED = "typed at a counter"
"""What the clerk typed is sealed as."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What the clerk typed while the person stood there."""

    name: str
    number: str  # identity number or personal number
    document: str  # which document the clerk saw, and how it was checked
    note: str


class Received(models.Model):
    """Somebody met at a counter without a network. While RECEIVED it holds the pause of a known person."""

    class State(models.TextChoices):
        RECEIVED = "received"
        CERTIFIED = "certified"
        REFUSED = "refused"
        OVERTAKEN = "overtaken"  # settled otherwise: certified, died, replaced
        LAPSED = "lapsed"  # nobody judged it for as long as it may hold the pause

    arrival = models.OneToOneField(Arrival, on_delete=models.PROTECT, related_name="received")
    officer = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")  # who met the person
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="+"
    )  # the person's, else the clerk's
    person = models.ForeignKey(Beneficiary, null=True, on_delete=models.PROTECT, related_name="received")
    obligation = models.ForeignKey(Obligation, null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()  # civil date on which it was received
    state = models.CharField(max_length=9, choices=State.choices, default=State.RECEIVED)
    typed = SealedField(purpose=TYPED, owner="arrival__item", null=True)
    # those of papers, then those of the face
    pictures = SealedField(purpose=FRAMES, owner="arrival__item", null=True)
    papers = models.PositiveSmallIntegerField(default=0)  # how many of the pictures show papers
    keep_until = models.DateField(null=True)  # pictures and what was typed, once it is settled
    compared = models.JSONField(null=True)  # what the face was found to be: decision, similarity, pack
    judged = models.BooleanField(default=False)  # the face was compared, where one can be
    holds_until = models.DateField(null=True)
    released = models.BooleanField(default=False)  # settled, and its hold is closed wherever it stood
    settled_on = models.DateField(null=True)
    decided_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=500, blank=True)
    certification = models.ForeignKey(Certification, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=F("officer")), name="received_is_decided_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(state="received", settled_on=None)
                | (~Q(state="received") & Q(settled_on__isnull=False)),
                name="received_is_settled_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="certified") | Q(certification__isnull=False),
                name="received_certified_has_a_certification",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(decided_by__isnull=False),
                name="received_refused_by_a_clerk",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "day"], condition=Q(state="received"), name="received_to_judge"),
            models.Index(fields=["keep_until"], condition=~Q(typed=None), name="received_to_forget"),
        ]

    @property
    def case(self) -> str:
        """What it is called among the holds of an obligation."""
        return f"received:{self.pk}"

    @property
    def said(self) -> Typed | None:
        """What the clerk typed; None once that was deleted."""
        if self.typed is None:
            return None
        return Typed(**json.loads(vault().open(self.typed, owner=str(self.arrival.item), purpose=TYPED)))

    @property
    def shown(self) -> list[bytes]:
        """The pictures, those of papers first; none once they were deleted."""
        return open_frames(self.arrival.item, self.pictures) if self.pictures else []


def seal_typed(arrival: Arrival, typed: Typed) -> bytes:
    """``typed``, sealed as that of ``arrival``."""
    plain = json.dumps(asdict(typed), ensure_ascii=False).encode()
    return vault().seal(plain, owner=str(arrival.item), purpose=TYPED)


def seal_pictures(arrival: Arrival, pictures: list[bytes]) -> bytes | None:
    """JPEG pictures, sealed as those of ``arrival``; None where there are none."""
    return seal_frames(arrival.item, pictures) if pictures else None
