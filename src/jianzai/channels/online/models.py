"""Sign-in attempts of the retiree's page."""

from django.db import models


class SignInFailures(models.Model):
    """How often a name and number did not match, by keyed hash of what was typed and by address.

    NIST SP 800-63B, rate limiting: after five in a row a wait of 30 seconds, then a hard cap.
    """

    key = models.BinaryField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last = models.DateTimeField()
