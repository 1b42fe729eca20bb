"""What the worker does for notices by itself."""

from procrastinate.contrib.django import app

from jianzai.audit.services import Actor
from jianzai.notices.models import PrintRun
from jianzai.notices.services import count_letters, finish_runs, remind_due, send_texts


@app.periodic(cron="0 6 * * *")
@app.task(queueing_lock="remind-due")
def remind_daily(timestamp: int) -> None:
    """Nobody's time runs out unwarned: queue the reminders of the day."""
    remind_due(Actor.SYSTEM)


@app.task
def count_posted(run: int) -> None:
    """Count the letters of a run that was put in the post."""
    count_letters(PrintRun.objects.get(pk=run))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish-print-runs")
def finish_left_runs(timestamp: int) -> None:
    """Carry on with posted runs whose process was killed in the middle."""
    finish_runs()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send-texts")
def hand_texts_over(timestamp: int) -> None:
    """Hand waiting text messages to the gateway, where there is one."""
    send_texts()
