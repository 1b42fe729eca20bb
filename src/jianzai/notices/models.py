"""The outbox of notices 通知: each one is a logged contact."""

from django.db import models

from jianzai.certification.models import Obligation
from jianzai.registry.models import Beneficiary


class Notice(models.Model):
    """One message to one person by one transport; SENT once it has reached them as far as we can tell."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        WITHDRAWN = "withdrawn"  # no longer true when it would have gone out

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="notices")
    obligation = models.ForeignKey(Obligation, null=True, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=30)  # jianzai.notices.kinds.Kind
    transport = models.CharField(max_length=20)  # the name of a module in transports/
    body = models.JSONField()  # what fills its sentences in, rendered when shown
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    made = models.DateTimeField(auto_now_add=True)
    sent = models.DateTimeField(null=True)
    dedupe = models.CharField(max_length=100, unique=True)  # the same notice is never made twice

    class Meta:
        ordering = ["-id"]
