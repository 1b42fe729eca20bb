"""Browser sessions in the database; a request that changes nothing seldom writes."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.backends import db

STALE = timedelta(minutes=1)
"""How far the kept end of a session may lie behind: a browser in use is signed out by so much too early."""


class SessionStore(db.SessionStore):
    """As Django's, where every request moves the end on (``SESSION_SAVE_EVERY_REQUEST``), but at most once in
    ``STALE`` for requests that change nothing else: a capture's would each wait for a commit of its own."""

    _kept_until = None

    def _get_session_from_db(self):
        found = super()._get_session_from_db()
        self._kept_until = found and found.expire_date
        return found

    def save(self, must_create: bool = False) -> None:
        """Write what changed, and the new end where that lies far enough beyond the kept one."""
        fresh = self._kept_until and self.get_expiry_date() - self._kept_until < STALE
        if self.modified or must_create or not fresh:
            super().save(must_create)
