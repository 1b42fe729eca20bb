"""What the worker does for employers' lists by itself."""

from procrastinate.contrib.django import app

from jianzai.clock import today

from .services import lapse, see_to_samples


@app.periodic(cron="35 * * * *")
@app.task(queueing_lock="lists")
def see_to_lists(timestamp: int) -> None:
    """End lists nobody signed, note what faces answered, and open cases for samples that nobody answered."""
    lapse(today())
    see_to_samples(today())
