"""What the worker does by the calendar. Times are UTC; each can run twice, or late, without harm."""

from __future__ import annotations

from procrastinate.contrib.django import app

from jianzai.audit.services import Actor
from jianzai.benefits.errors import ReleaseByTwoNeeded
from jianzai.benefits.services import sweep_now
from jianzai.certification.queries import current_cycle
from jianzai.certification.services import enforce_retention, enlist, expire_cases
from jianzai.clock import today


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="retention")
def delete_on_time(timestamp: int) -> None:
    """Delete kept frames whose day has come, and what unfinished captures left."""
    enforce_retention(today())


@app.periodic(cron="0 * * * *")
@app.task(queueing_lock="enlist")
def enlist_newcomers(timestamp: int) -> None:
    """Count those whom a roster brought since the cycle opened among those who have to certify."""
    if cycle := current_cycle():
        enlist(cycle)


@app.periodic(cron="10 * * * *")
@app.task(queueing_lock="cases")
def end_holds(timestamp: int) -> None:
    """Ask for an in-person check where a review has held the pause for as long as it may."""
    expire_cases(today())


@app.periodic(cron="30 17 * * *")
@app.task(queueing_lock="sweep")
def stop_by_date(timestamp: int) -> None:
    """The automatic stop of policies that go by the date alone; where two people must release, nothing."""
    try:
        sweep_now(today(), Actor.SYSTEM)
    except ReleaseByTwoNeeded:
        return
