"""What the worker does for cycles."""

from procrastinate.contrib.django import app

from jianzai.certification.models import Cycle
from jianzai.certification.services import enlist, look_for_lookalikes, look_for_those_left


@app.task
def enlist_everyone(cycle: int) -> None:
    """Give everyone alive an obligation in a cycle that was just opened."""
    enlist(Cycle.objects.get(pk=cycle))


@app.task
def compare_with_everybody(reference: str) -> None:
    """Look for others with the face of a new reference."""
    look_for_lookalikes(reference)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="lookalikes")
def compare_those_left(timestamp: int) -> None:
    """Carry on with new references whose search was lost."""
    look_for_those_left()
