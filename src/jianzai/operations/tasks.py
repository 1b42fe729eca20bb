"""What the worker does by the calendar; each can run twice, or late, without harm.

Procrastinate reads the times in UTC. What has to happen in the office's night asks the office's clock itself.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from jianzai.audit.services import Actor
from jianzai.benefits.errors import ReleaseByTwoNeeded
from jianzai.benefits.services import sweep_now
from jianzai.certification.queries import current_cycle
from jianzai.certification.services import (
    end_holds,
    enforce_retention,
    enlist,
    expire_cases,
    open_this_years_cycle,
)
from jianzai.clock import today
from jianzai.operations.keys import finish_rotation
from jianzai.worker import hand_over


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="retention")
def delete_on_time(timestamp: int) -> None:
    """Delete kept frames whose day has come, and what unfinished captures left."""
    enforce_retention(today())


@app.periodic(cron="0 * * * *")
@app.task(queueing_lock="enlist")
def enlist_newcomers(timestamp: int) -> None:
    """Open the year's cycle, and count those whom a roster brought since among those who have to certify."""
    if open_this_years_cycle(Actor.SYSTEM) is None and (cycle := current_cycle()):
        enlist(cycle)


@app.periodic(cron="10 * * * *")
@app.task(queueing_lock="cases")
def end_holds_by_date(timestamp: int) -> None:
    """Ask for an in-person check where a review has held the pause for as long as it may; end other holds."""
    expire_cases(today())
    end_holds(today())


@app.periodic(cron="40 * * * *")
@app.task(queueing_lock="keys")
def go_on_sealing(timestamp: int) -> None:
    """Go on with a change of keys that was left in the middle."""
    finish_rotation()


NIGHT = range(1, 5)
"""Hours of the office's clock in which payment is stopped by the date.

Several, so that neither a worker that was away for a while nor a clock put forward leaves a day out; once it
was done, nobody is left to stop.
"""


@app.periodic(cron="30 * * * *")
@app.task(queueing_lock="sweep")
def stop_by_date(timestamp: int) -> None:
    """The automatic stop of policies that go by the date alone, by night in the office's time zone.

    ``timestamp`` is the moment it was due, in seconds since 1970. Where two people must release, nothing.
    """
    if timezone.localtime(datetime.fromtimestamp(timestamp, UTC)).hour not in NIGHT:
        return
    try:
        sweep_now(today(), Actor.SYSTEM)
    except ReleaseByTwoNeeded:
        return


_LEFT = (
    "jianzai.benefits.tasks.finish_left_sweeps",
    "jianzai.console.tasks.finish_left_rosters",
    "jianzai.notices.tasks.finish_left_runs",
)


def take_up_what_was_left() -> None:
    """Have the worker that starts now begin with what a killed one left, not at the next full minute."""
    for task in _LEFT:
        with suppress(AlreadyEnqueued), transaction.atomic():
            hand_over(task, timestamp=int(time.time()))
