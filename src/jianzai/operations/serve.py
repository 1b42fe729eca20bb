"""The web server: gunicorn, set up here instead of in a file of its own."""

from __future__ import annotations

import ctypes
import logging
import os
from contextlib import suppress

from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

_log = logging.getLogger("jianzai.serve")

THREADS = 16
"""In each worker; each keeps a connection to the database. A core keeps up with about as many captures as
this, and each has a batch under way at most times: the others' wait for the engine
(certification.engine.at_work) then begins when they have arrived, not in a queue that nobody measures, and
pages do not wait behind them."""

ARENAS = 2
"""Heaps that the threads of a worker share. Left to itself, glibc gives almost every thread its own, and each
keeps what decoding pictures once took: 180 MB in all (benchmarks/memory.py)."""
_M_ARENA_MAX = -8  # glibc, malloc.h


class Site(BaseApplication):
    """jianzai under gunicorn. Workers share nothing, so any of them takes any batch of any session."""

    def __init__(self, options: dict[str, object]):
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self):
        return get_wsgi_application()  # jianzai.wsgi's, without the checks that whoever serves has made


def serve(bind: str, workers: int | None, certificate: str, key: str) -> None:
    """Serve until a signal ends it; ``workers`` defaults to the number of cores.

    The networks are loaded in each worker (no preloading): inference runtimes do not survive a fork.
    """
    options: dict[str, object] = {
        "bind": bind,
        "workers": workers or os.cpu_count() or 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 60,
        "graceful_timeout": 20,
        "keepalive": 20,
        "limit_request_line": 2048,
        "loglevel": "warning",
        "control_socket_disable": True,
        "proc_name": "jianzai",
        "post_worker_init": _warm,
    }
    if certificate and key:
        options |= {"certfile": certificate, "keyfile": key}
    if "MALLOC_ARENA_MAX" not in os.environ:  # else whoever runs it decided
        with suppress(AttributeError):  # a C library without arenas
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
    Site(options).run()


def _warm(worker) -> None:
    """Load networks and pages before the first request: a capture must not wait seconds for either.

    The challenge's clock would take that wait for a camera out of step.
    """
    import numpy as np
    from django.db import DatabaseError, connections
    from django.urls import get_resolver

    from jianzai.certification.engine import current_pack, engine
    from jianzai.faces import Frame, ModelMissing

    try:
        engine(current_pack()).observe([Frame(np.zeros((480, 640, 3), np.uint8), 0.0)])
    except (ModelMissing, DatabaseError) as error:
        _log.warning("no networks yet", extra={"why": str(error)})
    _ = get_resolver().url_patterns
    connections.close_all()
