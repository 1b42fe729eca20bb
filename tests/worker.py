"""The worker in this process: what was handed over is done, by the real Procrastinate and PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from procrastinate import utils
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicRegistry


def work() -> None:
    """Do all that was handed over, and nothing that only the calendar asks for.

    In this thread, where procrastinate would take another one, so that the worker sees what the test's
    transaction has not committed; beside a browser, whose event loop has this thread, in one of its own.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        _work()
        return
    failed: list[BaseException] = []
    beside = threading.Thread(target=_work_beside, args=(failed,))
    beside.start()
    beside.join()
    if failed:
        raise failed[0]


def _work_beside(failed: list[BaseException]) -> None:
    try:
        _work()
    except BaseException as error:  # told in the thread of the test
        failed.append(error)
    finally:
        connection.close()


def _work() -> None:
    with pytest.MonkeyPatch.context() as patch, app.replace_connector(SameConnection()) as worker:
        patch.setattr(utils, "sync_to_async", _in_this_thread)
        patch.setattr(worker, "periodic_registry", PeriodicRegistry())
        async_to_sync(worker.run_worker_async)(
            wait=False,
            install_signal_handlers=False,
            listen_notify=False,
            task_middleware=[],  # which would close the test's connection between tasks
        )
    left = ProcrastinateJob.objects.filter(status__in=("todo", "failed"))
    assert not list(left.values_list("task_name", "status"))


class SameConnection(DjangoConnector):
    """Works through Django's connection, which leaves JSON for Django to read."""

    def _dictfetch(self, cursor):
        return (
            {name: json.loads(value) if name == "args" and value else value for name, value in row.items()}
            for row in super()._dictfetch(cursor)
        )


async def _in_this_thread(function, *arguments, **values):
    return await sync_to_async(function, thread_sensitive=True)(*arguments, **values)
