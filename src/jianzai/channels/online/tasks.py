"""What the worker does for the retiree's site by itself."""

from django.utils import timezone
from procrastinate.contrib.django import app

from .services import forget_failures


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="sign-in-failures")
def forget_old_failures(timestamp: int) -> None:
    """Delete counts of failed sign-ins that cost nobody anything any more, once a day."""
    forget_failures(timezone.now())
