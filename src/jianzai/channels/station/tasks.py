"""What the worker does for stations and former employers by itself."""

from procrastinate.contrib.django import app

from jianzai.clock import today

from .services import compare_pictures, lapse, see_to_samples


@app.periodic(cron="35 * * * *")
@app.task(queueing_lock="lists")
def see_to_lists(timestamp: int) -> None:
    """End lists nobody signed, note what faces answered, and open cases for samples that nobody answered."""
    lapse(today())
    see_to_samples(today())


@app.periodic(cron="50 * * * *")
@app.task(queueing_lock="same-pictures")
def look_for_same_pictures(timestamp: int) -> None:
    """Find captures of the last days that share a picture, for a supervisor to look at."""
    compare_pictures()
