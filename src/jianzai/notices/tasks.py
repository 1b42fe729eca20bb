"""What the worker does for notices by itself."""

from procrastinate.contrib.django import app

from jianzai.audit.services import Actor
from jianzai.notices.services import remind_due


@app.periodic(cron="0 6 * * *")
@app.task(queueing_lock="remind-due")
def remind_daily(timestamp: int) -> None:
    """Nobody's time runs out unwarned: queue the reminders of the day."""
    remind_due(Actor.SYSTEM)
