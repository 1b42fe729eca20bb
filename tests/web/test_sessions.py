"""A visit lasts as long as it is used, and what changes nothing seldom writes."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jianzai.web.sessions import STALE, SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(client):
    """A browser with a session."""
    kept = client.session
    kept["text"] = "kept"
    kept.save()
    return client


def end() -> timedelta:
    """How long the one session is still kept."""
    return Session.objects.get().expire_date - timezone.now()


def age(by: timedelta) -> None:
    """Nothing was heard of the browser for so long."""
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE) - by)


def test_a_request_soon_after_another_writes_nothing(visit):
    with CaptureQueriesContext(connection) as asked:
        visit.get("/me")
    assert not [one["sql"] for one in asked if not one["sql"].startswith("SELECT")]


def test_a_request_after_a_while_moves_the_end_on(visit):
    age(2 * STALE)
    response = visit.get("/me")
    assert end() > timedelta(seconds=settings.SESSION_COOKIE_AGE) - STALE
    assert response.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == settings.SESSION_COOKIE_AGE


def test_what_changed_is_kept_at_once(visit):
    store = SessionStore(Session.objects.get().session_key)
    store["text"] = "changed"
    store.save()
    assert SessionStore(store.session_key)["text"] == "changed"


def test_an_ended_session_is_gone(visit):
    age(timedelta(seconds=settings.SESSION_COOKIE_AGE + 1))
    assert SessionStore(Session.objects.get().session_key).get("text") is None
