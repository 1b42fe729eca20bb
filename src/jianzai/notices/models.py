"""The outbox of notices 通知: each one is a logged contact. Letters go out in print runs 打印批次."""

from django.db import models
from django.db.models import Q

from jianzai.certification.models import Obligation
from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.sealed import SealedField
from jianzai.vault import vault

PHONE = "phone of a notice"
"""What the number that a text message goes to is sealed as."""


class PrintRun(models.Model):
    """Letters printed together. They count as sent once somebody says that they were posted.

    In the state POSTED what is still PRINTED is left to count, which is the worker's.
    """

    class State(models.TextChoices):
        OPEN = "open"  # some of its letters are not known to be posted
        POSTED = "posted"
        GIVEN_UP = "given_up"  # what was not posted waits for the printer again

    made = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")  # null: everywhere
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    posted_on = models.DateField(null=True)  # the day of the contacts
    posted_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]


class Notice(models.Model):
    """One message to one person by one transport; SENT once it has reached them as far as we can tell."""

    class State(models.TextChoices):
        QUEUED = "queued"
        PRINTED = "printed"  # a letter in a print run, not counted so far
        SENT = "sent"
        WITHDRAWN = "withdrawn"  # no longer true when it would have gone out
        FAILED = "failed"  # a text message that the gateway refused, or did not take for too long

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="notices")
    obligation = models.ForeignKey(Obligation, null=True, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=30)  # jianzai.notices.kinds.Kind
    transport = models.CharField(max_length=20)  # the name of a module in transports/
    body = models.JSONField()  # what fills its sentences in, rendered when shown
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    run = models.ForeignKey(PrintRun, null=True, on_delete=models.PROTECT, related_name="notices")
    made = models.DateTimeField(auto_now_add=True)
    sent = models.DateTimeField(null=True)
    # whom a text message goes to, where not to the number in the roster; gone with the end
    phone = SealedField(purpose=PHONE, owner="person__key", null=True)
    tries = models.PositiveSmallIntegerField(default=0)  # of a text message
    next_try = models.DateTimeField(null=True)
    dedupe = models.CharField(max_length=100, unique=True)  # the same notice is never made twice

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["state"],
                condition=Q(transport="letter", state__in=("queued", "printed")),
                name="letters_on_their_way",
            ),
            models.Index(
                fields=["id"],
                condition=Q(transport="sms", state="queued"),
                name="texts_on_their_way",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="printed") | Q(run__isnull=False), name="printed_in_a_run"
            )
        ]


def seal_phone(person: Beneficiary, phone: str) -> bytes:
    """``phone``, sealed for a notice about ``person``."""
    return vault().seal(phone.encode(), owner=str(person.key), purpose=PHONE)
