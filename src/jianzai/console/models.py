"""What the console itself keeps: failed sign-ins, forms sent, roster files between dry run and import."""

import uuid

from django.db import models

from jianzai.registry.models import Staff


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
    """A roster file between its dry run and its import; ``content`` is sealed for ``id``, kept for a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE)
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    report = models.JSONField()  # counts, problems and warnings of the dry run
    made = models.DateTimeField(auto_now_add=True)
