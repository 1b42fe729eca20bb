"""What the worker does for cycles."""

from procrastinate.contrib.django import app

from jianzai.certification.models import Cycle
from jianzai.certification.services import enlist


@app.task
def enlist_everyone(cycle: int) -> None:
    """Give everyone alive an obligation in a cycle that was just opened."""
    enlist(Cycle.objects.get(pk=cycle))
