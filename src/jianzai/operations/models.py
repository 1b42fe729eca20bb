"""What the site itself remembers of how it is run."""

from django.db import models


class KnownKey(models.Model):
    """A key that values of this database were sealed, hashed or signed with, by its fingerprint."""

    name = models.CharField(max_length=20, primary_key=True)  # of Vault.fingerprints
    fingerprint = models.BinaryField(max_length=32)
    since = models.DateTimeField(auto_now_add=True)
    retired = models.DateTimeField(null=True)  # nothing is sealed with it any more

    class Meta:
        ordering = ["name"]
