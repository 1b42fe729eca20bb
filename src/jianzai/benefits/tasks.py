"""What the worker does for payments by itself."""

from procrastinate.contrib.django import app

from jianzai.benefits.services import finish_sweeps


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="finish-sweeps")
def finish_left_sweeps(timestamp: int) -> None:
    """Carry on with batches whose process was killed in the middle."""
    finish_sweeps()
