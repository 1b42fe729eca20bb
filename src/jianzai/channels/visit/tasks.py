"""What the worker does for home visits by itself."""

from procrastinate.contrib.django import app

from jianzai.clock import today

from .services import lapse, release_left, remind_of_tomorrow


@app.periodic(cron="20 * * * *")
@app.task(queueing_lock="visits")
def see_to_visits(timestamp: int) -> None:
    """Remind those who are visited tomorrow, and end what nobody saw to for a year."""
    remind_of_tomorrow(today())
    lapse(today())
    release_left()
