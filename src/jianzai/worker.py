"""Long work leaves the web request: it is handed to the worker, in the transaction that decides on it."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django import app

SILENCE = 60.0  # seconds after which a worker that sent no sign of life counts as gone; it sends one every 10


def hand_over(task: str, **values: int | str) -> None:
    """Queue ``task`` (module and function, as Procrastinate names it) for the worker, with ``values``.

    The job is a row of the caller's transaction: with its commit the worker begins at once, and what is
    rolled back is never begun.
    """
    app.configure_task(task).defer(**values)


def alive() -> bool:
    """Whether a worker gave a sign of life lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_workers "
            "WHERE last_heartbeat > now() - make_interval(secs => %s))",
            [SILENCE],
        )
        return cursor.fetchone()[0]
