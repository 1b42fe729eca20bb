"""Fingerprints 指纹: the consent to them, at most two fingers of a person, and what was compared."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from jianzai.certification.models import Certification
from jianzai.registry.models import Beneficiary, Staff
from jianzai.sealed import SealedField
from jianzai.vault import vault

_TEMPLATE = "fingerprint"


class PrintConsent(models.Model):
    """A person's separate consent to the use of their fingerprints, with the text they saw."""

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="print_consents")
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    given = models.DateTimeField(auto_now_add=True)
    withdrawn = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(withdrawn=None), name="one_standing_print_consent"
            )
        ]


class Fingerprint(models.Model):
    """What is known of one finger; the row goes with the consent."""

    class Finger(models.IntegerChoices):
        """Numbered as in ISO/IEC 19794-2."""

        RIGHT_THUMB = 1
        RIGHT_INDEX = 2
        RIGHT_MIDDLE = 3
        RIGHT_RING = 4
        RIGHT_LITTLE = 5
        LEFT_THUMB = 6
        LEFT_INDEX = 7
        LEFT_MIDDLE = 8
        LEFT_RING = 9
        LEFT_LITTLE = 10

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="prints")
    consent = models.ForeignKey(PrintConsent, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()  # 1 or 2: no more are kept
    finger = models.PositiveSmallIntegerField(choices=Finger.choices)
    reader = models.CharField(max_length=40)  # what made the template, and alone can compare it
    template = SealedField(purpose=_TEMPLATE, owner="person__key", model="reader")
    quality = models.PositiveSmallIntegerField()  # 0 to 100
    made = models.DateTimeField(auto_now=True)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["person", "place"], name="a_place_holds_one_finger"),
            models.UniqueConstraint(fields=["person", "finger"], name="a_finger_is_kept_once"),
            models.CheckConstraint(condition=Q(place__in=(1, 2)), name="at_most_two_fingers"),
            models.CheckConstraint(condition=Q(finger__gte=1, finger__lte=10), name="one_of_ten_fingers"),
        ]

    @property
    def opened(self) -> str:
        """The template. Raises jianzai.vault.CannotOpen where it is not this person's."""
        owner = str(self.person.key)
        return vault().open(self.template, owner=owner, purpose=_TEMPLATE, model=self.reader).decode()


def seal_template(person: Beneficiary, template: str, reader: str) -> bytes:
    """``template`` of a finger of ``person``, sealed for what made it."""
    return vault().seal(template.encode(), owner=str(person.key), purpose=_TEMPLATE, model=reader)


class PrintCheck(models.Model):
    """A finger compared at a counter; it certifies from the threshold on."""

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="print_checks")
    officer = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    on = models.DateField()  # civil date
    finger = models.PositiveSmallIntegerField(choices=Fingerprint.Finger.choices)  # the one most alike
    score = models.FloatField()
    threshold = models.FloatField()
    quality = models.PositiveSmallIntegerField()
    certification = models.ForeignKey(Certification, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(certification=None) | Q(score__gte=F("threshold")),
                name="only_a_matching_finger_certifies",
            )
        ]

    @property
    def matched(self) -> bool:
        """Whether it is taken for the same finger."""
        return self.score >= self.threshold
