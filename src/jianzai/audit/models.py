"""The append-only record of who did what to a person's standing."""

from django.db import models


class AuditEntry(models.Model):
    """One act. ``hash`` covers every other column and the previous entry's hash.

    ``actor`` is ``staff:<username>``, ``person`` (the beneficiary), ``system`` or ``token:<name>``;
    ``subject`` is the beneficiary's key or empty. ``details`` holds no name and no identity number.
    The application's role may only insert and select; triggers refuse the rest to everybody.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    address = models.GenericIPAddressField(null=True)
    act = models.CharField(max_length=60)
    subject = models.CharField(max_length=36, blank=True)
    area = models.CharField(max_length=12, blank=True)
    details = models.JSONField(default=dict)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32, unique=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["subject", "id"]), models.Index(fields=["act", "id"])]
