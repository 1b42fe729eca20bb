"""What the worker does by the calendar happens by the office's clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.benefits.models import Order
from jianzai.certification.services import open_cycle
from jianzai.operations.tasks import stop_by_date, take_up_what_was_left
from tests.people import make_person


@pytest.fixture
def overdue(db, tmp_path, settings):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    person = make_person()
    clock.move_to(date(2026, 7, 1))
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    clock.move_to(date(2026, 10, 5))
    return person


def due_times(begin: datetime, days: int = 1) -> list[int]:
    """When procrastinate starts the automatic stop from ``begin`` on, in seconds since 1970."""
    (stop,) = (
        each for (name, _), each in app.periodic_registry.periodic_tasks.items() if name == stop_by_date.name
    )
    stop.croniter.set_current(begin.timestamp())
    times = []
    while (time := stop.croniter.get_next(float)) < (begin + timedelta(days=days)).timestamp():
        times.append(round(time))
    return times


@pytest.mark.parametrize(
    ("zone", "day", "at"),
    [
        ("Asia/Shanghai", date(2026, 10, 5), "01:30"),
        ("America/Bogota", date(2026, 10, 5), "01:30"),
        ("Asia/Kathmandu", date(2026, 10, 5), "01:15"),  # a quarter of an hour aside from the others
        ("Europe/London", date(2026, 3, 29), "02:30"),  # the night in which there is no half past one
        ("Europe/London", date(2026, 10, 25), "01:30"),  # and the one in which there are two
    ],
)
def test_the_automatic_stop_comes_in_the_offices_night(overdue, settings, zone, day, at):
    settings.TIME_ZONE = zone
    # From noon of the day before: the first that pauses anybody is the one of the coming night.
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)) - timedelta(days=1)
    for time in due_times(noon.astimezone(UTC)):
        stop_by_date(time)
        if Order.objects.exists():
            break
    local = datetime.fromtimestamp(time, ZoneInfo(zone))
    assert (local.date(), f"{local:%H:%M}") == (day, at)


def test_a_worker_that_was_away_for_two_hours_of_the_night_leaves_no_day_out(overdue):
    night = [time for time in due_times(datetime(2026, 10, 4, 16, tzinfo=UTC)) if _local_hour(time) in (3, 4)]
    for time in night:
        stop_by_date(time)
    assert Order.objects.count() == 1  # by the first of them, and not again


@pytest.mark.django_db
def test_what_a_killed_worker_left_is_the_first_thing_the_next_one_does():
    for _ in range(2):  # a second worker that starts at the same moment changes nothing
        take_up_what_was_left()
    assert sorted(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [
        "jianzai.benefits.tasks.finish_left_sweeps",
        "jianzai.console.tasks.finish_left_rosters",
        "jianzai.notices.tasks.finish_left_runs",
    ]


def _local_hour(time: int) -> int:
    return datetime.fromtimestamp(time, ZoneInfo("Asia/Shanghai")).hour
