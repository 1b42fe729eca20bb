"""Other processes on the test's database, to be killed in the middle of what they do.

They are forked from a process that has loaded everything already, so each is at its work at once.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess

import pytest
from django.db import connection

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.loaded"])

TIRED = 120.0  # seconds after which a wait has failed


def jianzai(*arguments: str) -> BaseProcess:
    """The command line, as another process on this test's database."""
    process = _context.Process(target=_jianzai, args=(connection.settings_dict["NAME"], arguments))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # the first one starts what all are forked from
        process.start()
    return process


def finish(process: BaseProcess) -> None:
    """Wait until it has done what it was asked to."""
    process.join(TIRED)
    assert process.exitcode == 0


def end(process: BaseProcess) -> None:
    """Ask it to end, as whoever stops a service does."""
    process.terminate()
    finish(process)


def wait_until(true: Callable[[], object], process: BaseProcess) -> bool:
    """Wait for something that ``process`` does; False where it ended by itself before."""
    until = time.monotonic() + TIRED
    while not true():
        if process.exitcode is not None:
            return bool(true())
        assert time.monotonic() < until
        time.sleep(0.002)
    return True


def kill_in_the_middle(process: BaseProcess, begun: Callable[[], object], chance: random.Random) -> bool:
    """Kill it (-9) within a fifth of a second after ``begun``; False where it had ended by itself.

    It must be the only other one.
    """
    if not wait_until(begun, process):
        finish(process)
        return False
    time.sleep(chance.uniform(0, 0.2))
    os.kill(process.pid, signal.SIGKILL)
    process.join(TIRED)
    while _others_connected():  # the database is yet to see that it is gone, and holds its locks
        time.sleep(0.002)
    return process.exitcode == -signal.SIGKILL


def _others_connected() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend')"
        )
        return cursor.fetchone()[0]


def _jianzai(database: str, arguments: tuple[str, ...]) -> None:
    from django.db import connection

    from jianzai.cli import main
    from jianzai.operations import tasks

    tasks.NIGHT = range(0)  # at whatever hour the test runs, the automatic stop is not due
    connection.settings_dict["NAME"] = database
    sys.argv = ["jianzai", *arguments]
    main()
