"""What the worker does for every part that signs people in."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from procrastinate.contrib.django import app


@app.periodic(cron="50 * * * *")
@app.task(queueing_lock="sessions")
def forget_ended_visits(timestamp: int) -> None:
    """Delete sessions of browsers that came to their end: who was signed in, which captures they made."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
