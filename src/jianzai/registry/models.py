"""People, areas, service points, staff and roster files."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from jianzai.sealed import SealedField

IDENTITY = "identity number"
"""What the number of an identity document is sealed as."""


class Area(models.Model):
    """An administrative area 行政区划 by its GB/T 2260 code, 12 digits.

    Containment is by prefix: trailing zero groups (2-2-2-3-3 digits) are stripped to get the prefix
    under which every area inside stands.
    """

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["code"]

    def __str__(self):
        return self.name

    @property
    def prefix(self) -> str:
        """The leading digits that every code within this area shares."""
        for length in (2, 4, 6, 9):
            if not self.code[length:].strip("0"):
                return self.code[:length]
        return self.code


class ServicePoint(models.Model):
    """Where people go in person 认证点: a station or a former employer."""

    class Kind(models.TextChoices):
        STATION = "station"
        EMPLOYER = "employer"

    class Service(models.TextChoices):
        """What is done there, and whether one gets in without steps."""

        MODELLING = "modelling"
        CERTIFICATION = "certification"
        ADVICE = "advice"
        NO_STEPS = "no_steps"
        FINGERPRINT = "fingerprint"

        @classmethod
        def offered(cls) -> list[str]:
            """What the office offers at all: fingerprints only where they are turned on."""
            return [each for each in cls.values if settings.FINGERPRINT or each != cls.FINGERPRINT]

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="service_points")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.STATION)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    phone = models.CharField(max_length=40)
    hours = models.CharField(max_length=200)
    services = ArrayField(models.CharField(max_length=13, choices=Service.choices), default=list)
    closed_on = models.DateField(null=True)  # nobody is sent there any more

    class Meta:
        ordering = ["area", "name"]

    def __str__(self):
        return self.name

    @property
    def done_here(self) -> list[str]:
        """Of its ``services`` those that the office offers at present."""
        return [each for each in self.services if each in self.Service.offered()]


class Beneficiary(models.Model):
    """A retired person 退休人员. ``key`` is the owner that sealed values are bound to."""

    class Sex(models.TextChoices):
        FEMALE = "F"
        MALE = "M"

    class IdentityKind(models.TextChoices):
        RESIDENT = "resident"  # GB 11643
        HONG_KONG_MACAO = "hong_kong_macao"
        TAIWAN = "taiwan"
        PASSPORT = "passport"
        OTHER = "other"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    personal_number = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=100)
    pinyin = models.CharField(max_length=200)  # for search: full pinyin and initials
    sex = models.CharField(max_length=1, choices=Sex.choices)
    birth_date = models.DateField()
    identity_kind = models.CharField(
        max_length=16, choices=IdentityKind.choices, default=IdentityKind.RESIDENT
    )
    identity_sealed = SealedField(purpose=IDENTITY, owner="key")
    identity_lookup = models.BinaryField(max_length=32, db_index=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="beneficiaries")
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    employer = models.CharField(max_length=200, blank=True)
    retired_on = models.DateField(null=True)
    monthly_fen = models.PositiveBigIntegerField()
    died_on = models.DateField(null=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["personal_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["identity_kind", "identity_lookup"], name="one_person_per_identity_document"
            ),
            models.CheckConstraint(
                condition=Q(died_on__isnull=True) | Q(died_on__gte=models.F("birth_date")),
                name="died_after_birth",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "personal_number"]),
            models.Index(
                fields=["employer", "pinyin"], condition=~Q(employer=""), name="retirees_of_an_employer"
            ),
            models.Index(fields=["pinyin"], name="pinyin_prefix", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["personal_number"], name="number_prefix", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["name"], name="name_prefix", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self):
        return f"{self.name} {self.personal_number}"


class Staff(models.Model):
    """What a signed-in member of staff 经办人员 is and where: a role within an area and all below it.

    Somebody at a former employer 原单位 sees no more than who retired from there: whose roster column of
    that name says what ``employer`` says.
    """

    class Role(models.TextChoices):
        CLERK = "clerk"
        SUPERVISOR = "supervisor"
        AUDITOR = "auditor"
        ADMINISTRATOR = "administrator"
        EMPLOYER = "employer"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff")
    role = models.CharField(max_length=16, choices=Role.choices)
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    employer = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(role="employer") & ~Q(employer="")) | (~Q(role="employer") & Q(employer="")),
                name="employer_of_an_employer_account",
            )
        ]

    def __str__(self):
        return f"{self.name} ({self.user.get_username()})"


class RosterFile(models.Model):
    """A roster file that was imported whole; the same file again changes nothing."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    imported = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT)
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
