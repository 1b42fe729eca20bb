"""What the worker does for payments."""

from procrastinate.contrib.django import app

from jianzai.benefits.models import Sweep
from jianzai.benefits.services import carry_out, finish_sweeps


@app.task
def carry_out_sweep(sweep: int) -> None:
    """Carry out what was decided about a batch: its release, or that it is taken back."""
    carry_out(Sweep.objects.get(pk=sweep), wait=False)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish-sweeps")
def finish_left_sweeps(timestamp: int) -> None:
    """Carry on with batches whose process was killed in the middle."""
    finish_sweeps(wait=False)
