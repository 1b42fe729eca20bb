"""Access tokens of payers and other systems."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from jianzai.registry.models import Area


class AccessToken(models.Model):
    """A token with scopes, kept as a keyed hash; shown once when made."""

    name = models.CharField(max_length=100, unique=True)
    lookup = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=30))
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    made = models.DateTimeField(auto_now_add=True)
    revoked = models.DateTimeField(null=True)
