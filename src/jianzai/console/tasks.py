"""What the worker does for the console by itself."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from .models import RosterUpload, SignInFailures, Submission

KEPT = timedelta(days=1)


@app.periodic(cron="20 * * * *")
@app.task(queueing_lock="console-leftovers")
def forget_leftovers(timestamp: int) -> None:
    """Delete roster files nobody imported, and marks of forms and failed sign-ins, after a day."""
    before = timezone.now() - KEPT
    RosterUpload.objects.filter(made__lt=before).delete()
    Submission.objects.filter(made__lt=before).delete()
    SignInFailures.objects.filter(last__lt=before).delete()
