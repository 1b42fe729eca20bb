"""What the worker does for received things by itself."""

from procrastinate.contrib.django import app

from jianzai.clock import today

from .services import judge_left, lapse, release_left


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="received-to-judge")
def judge_what_is_left(timestamp: int) -> None:
    """Judge what came in while a process ended before it had."""
    judge_left()


@app.periodic(cron="25 * * * *")
@app.task(queueing_lock="received")
def see_to_received(timestamp: int) -> None:
    """End what nobody judged for a year, and let go of what it still holds."""
    lapse(today())
    release_left()
