"""The append-only record of who did what to a person's standing."""

from django.db import models


class AuditEntry(models.Model):
    """One act, as the transaction that did it wrote it down.

    ``actor`` is ``staff:<username>``, ``person`` (the beneficiary), ``helper:<number>`` (who acts for the
    beneficiary), ``system``, ``token:<name>`` or ``command-line:<username>`` (whoever runs the machine, in
    the name of that member of staff); ``subject`` is the beneficiary's key or empty. ``details`` holds no
    name and no identity number. ``digest`` is SHA-256 over the canonical form of the columns above it
    (jianzai.audit.chain).
    Triggers refuse UPDATE, DELETE and TRUNCATE to everybody.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    address = models.GenericIPAddressField(null=True)
    act = models.CharField(max_length=60)
    subject = models.CharField(max_length=36, blank=True)
    area = models.CharField(max_length=12, blank=True)
    details = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["subject", "id"]), models.Index(fields=["act", "id"])]


class ChainLink(models.Model):
    """An entry's place in the chain; written by a trigger when the entry's transaction commits.

    ``position`` counts from 1 without gaps, in the order of commits. ``hash`` is SHA-256 over the previous
    hash, the position, the entry's id (both as 8 bytes, big-endian) and the entry's digest.
    """

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="link")
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["position"]
