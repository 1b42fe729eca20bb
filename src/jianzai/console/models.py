"""What the console itself keeps: failed sign-ins, forms sent, roster files between dry run and import."""

import uuid

from django.db import models

from jianzai.registry.models import Staff
from jianzai.sealed import SealedField

ROSTER = "roster upload"
"""What a file on its way is sealed as."""


class SignInFailures(models.Model):
    """Failed sign-ins in a row, by keyed hash of the username typed or of the client's address."""

    key = models.BinaryField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last = models.DateTimeField()


class Submission(models.Model):
    """A form that was carried out, by the token it carried, and the page it led to."""

    token = models.UUIDField(primary_key=True)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE)
    page = models.CharField(max_length=300, blank=True)
    made = models.DateTimeField(auto_now_add=True, db_index=True)


class RosterUpload(models.Model):
    """A roster file on its way: read by the worker, looked at by staff, imported by the worker.

    ``content`` is sealed for ``id`` and gone after the import; what is left of the row, after a day.
    """

    class State(models.TextChoices):
        READING = "reading"  # waits for the worker's dry run
        READ = "read"
        IMPORTING = "importing"  # waits for the worker's import
        IMPORTED = "imported"
        REFUSED = "refused"  # cannot be read at all

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE)
    name = models.CharField(max_length=255)
    content = SealedField(purpose=ROSTER, owner="id")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    report = models.JSONField(default=dict)  # counts, problems and warnings: of the dry run, then the import
    table = models.BinaryField(null=True)  # every problem and warning (see rosters.table)
    refusal = models.JSONField(default=dict)  # code and values of the sentence that says why
    address = models.GenericIPAddressField(null=True)  # from where the import was asked for
    made = models.DateTimeField(auto_now_add=True)
