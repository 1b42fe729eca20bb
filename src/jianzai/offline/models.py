"""Keys of a day, given to a clerk's device, and what came in that was sealed with them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from jianzai.registry.models import Staff
from jianzai.sealed import SealedField
from jianzai.vault import vault

KEY = "key of a day"
"""What a key of a day is sealed as."""

NUMBERS = 200
"""So many receipts can be given with one key: numbers 1 to 200 of its block."""


class DayKey(models.Model):
    """What one device of one clerk seals with on one day; its block of receipt numbers is ``<id>-<number>``.

    ``key`` goes once nothing more can come in: what is then left on a device nobody can read.
    """

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    device = models.UUIDField()  # drawn by the browser once
    day = models.DateField()  # civil date
    issued = models.DateTimeField()
    expires = models.DateTimeField()  # midnight after it was issued: nothing is received with it later
    takes_until = models.DateTimeField()  # what it sealed comes in until then
    key = SealedField(purpose=KEY, owner="token", null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["staff", "device", "day"], name="one_key_a_device_and_day"),
        ]
        indexes = [models.Index(fields=["takes_until"], condition=~Q(key=None), name="keys_to_destroy")]

    def opened(self) -> bytes:
        """The 32 bytes of the key, which must still be there."""
        return vault().open(self.key, owner=str(self.token), purpose=KEY)


class Arrival(models.Model):
    """One thing received without a network, as it came in; ``item`` is the device's name for it."""

    class State(models.TextChoices):
        RECEIVED = "received"  # not certified: somebody has to judge it
        CERTIFIED = "certified"
        NOTED = "noted"  # done, and nothing to certify
        REFUSED = "refused"

    item = models.UUIDField(unique=True)
    key = models.ForeignKey(DayKey, on_delete=models.PROTECT, related_name="arrivals")
    number = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=20)
    received_on = models.DateField()  # the clerk's word, where that lies within the key's day
    arrived = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.RECEIVED)
    sentence = models.CharField(max_length=60, blank=True)  # what the device is told, by its code
    values = models.JSONField(default=dict)  # what fills it in; nobody's name

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="one_arrival_a_receipt"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=NUMBERS), name="receipt_within_its_block"
            ),
        ]

    @property
    def receipt(self) -> str:
        """The number on the person's receipt."""
        return f"{self.key_id}-{self.number:03d}"
