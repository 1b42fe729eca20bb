"""What the worker does for the console."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from .models import RosterUpload, SignInFailures, Submission
from .rosters import carry_out, finish_rosters

KEPT = timedelta(days=1)


@app.periodic(cron="20 * * * *")
@app.task(queueing_lock="console-leftovers")
def forget_leftovers(timestamp: int) -> None:
    """Delete roster files nobody imported, and marks of forms and failed sign-ins, after a day.

    A file whose import was asked for stays until there is a worker to do it.
    """
    before = timezone.now() - KEPT
    RosterUpload.objects.filter(made__lt=before).exclude(state=RosterUpload.State.IMPORTING).delete()
    Submission.objects.filter(made__lt=before).delete()
    SignInFailures.objects.filter(last__lt=before).delete()


@app.task
def carry_out_roster(upload: str) -> None:
    """Read a roster file that was brought, or import one that was looked at."""
    carry_out(upload)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish-rosters")
def finish_left_rosters(timestamp: int) -> None:
    """Carry on with files whose process was killed in the middle."""
    finish_rosters()
