"""One visit of one person: who signed in, which captures it opened, whether their face was matched.

Signing in proves only that someone knows a name and a number. What is private opens after a face match
that this visit itself made, and closes again after ``MATCH_LASTS``.

A helper signs in as themselves and acts for one person: the record names the helper, and what is private
stays closed whatever the camera sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property, wraps
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from jianzai.audit.services import Actor, client_address, record
from jianzai.certification.errors import Refused, TooManyAttempts
from jianzai.certification.models import Attempt, CaptureSession
from jianzai.faces.types import Action, Decision
from jianzai.registry.models import Beneficiary
from jianzai.sentences import LANGUAGES, language

from .helping import may_help, may_open

MATCH_LASTS = timedelta(minutes=30)
_KEY = "visit"


class Visit:
    """The visit of this request. Kept in the session of the browser, never in an address."""

    def __init__(self, request: HttpRequest):
        self._session = request.session
        self._kept = request.session.get(_KEY, {})
        self._address = client_address(request)

    @property
    def actor(self) -> Actor:
        """Who acts here, for the record."""
        return Actor.helping(self.helper, self._address) if self.helper else Actor("person", self._address)

    @property
    def helper(self) -> int | None:
        """The number of the helper who signed in; None where people are here for themselves."""
        return self._kept.get("helper")

    @cached_property
    def person(self) -> Beneficiary | None:
        """Who signed in, or for whom the helper acts and still may; None when nobody did."""
        if "person" not in self._kept:
            return None
        person = Beneficiary.objects.filter(pk=self._kept["person"]).first()
        if person and self.helper and not may_help(self.helper, person):
            return None
        return person

    def begin(
        self,
        person: Beneficiary,
        replay_url: str = "",
        replay_actions: Iterable[Action] = (),
        helper: int | None = None,
    ) -> None:
        """Someone signed in as ``person``, or ``helper`` acts for them; this browser's earlier visit ends.

        replay_url: the clip table that stands in for the camera, where the demonstration begins the visit;
        replay_actions: what the clip can answer.
        """
        self._session.cycle_key()
        self.person = person
        self._keep(
            {
                "person": person.pk,
                "captures": [],
                "attempt": None,
                "replay_url": replay_url,
                "replay_actions": [str(action) for action in replay_actions],
                "helper": helper,
            }
        )

    def end(self) -> None:
        """Signed out: nothing of the visit stays in the browser."""
        self._session.pop(_KEY, None)
        self._session.cycle_key()

    def remember(self, matter: str) -> None:
        """Whoever signed in showed that ``matter``, as a way calls it, is theirs to see. For this visit."""
        self._keep({**self._kept, "matters": [*self._kept.get("matters", []), matter]})

    def remembers(self, matter: str) -> bool:
        """Whether ``remember`` was told of ``matter`` in this visit."""
        return matter in self._kept.get("matters", [])

    def add_capture(self, capture: CaptureSession) -> None:
        """Remember a capture that this visit opened."""
        self._keep({**self._kept, "captures": [*self._kept["captures"], str(capture.pk)]})

    def opened(self, capture_id) -> bool:
        """Whether this visit opened the capture with this id."""
        return str(capture_id) in self._kept.get("captures", [])

    def capture(self, capture_id) -> CaptureSession | None:
        """The capture with this id, where this visit opened it."""
        if self.person is None or not self.opened(capture_id):
            return None
        return CaptureSession.objects.filter(pk=capture_id, person=self.person).first()

    def remember_refusal(self, refusal: Refused) -> None:
        """Keep why the last act was refused, in both languages, for the page that says it."""
        until = refusal.until if isinstance(refusal, TooManyAttempts) else None
        told = {each: refusal.sentence(each) for each in LANGUAGES}
        self._keep({**self._kept, "refusal": {"told": told, "until": until and until.isoformat()}})

    @property
    def refusal(self) -> tuple[str, datetime | None] | None:
        """Why the last act was refused, in the reader's language, and until when where it is for a time."""
        if (kept := self._kept.get("refusal")) is None:
            return None
        return kept["told"][language()], kept["until"] and datetime.fromisoformat(kept["until"])

    @transaction.atomic
    def remember_match(self, capture: CaptureSession) -> None:
        """Open the private pages if ``capture`` ended with the person's live face; never to a helper."""
        attempt = Attempt.objects.filter(session=capture, person=self.person).first()
        if self.helper or attempt is None or self._kept.get("attempt") == attempt.pk or not _matches(attempt):
            return
        self._session.cycle_key()
        self._keep({**self._kept, "attempt": attempt.pk})
        record("online.face_matched", self.actor, person=self.person, attempt=attempt.pk)

    @property
    def face_matched(self) -> bool:
        """Whether a face match of this visit is recent enough; never where a helper acts."""
        return self.matched is not None

    @property
    def matched(self) -> Attempt | None:
        """The face match that opened the private pages, while it is recent enough."""
        if self.helper:
            return None
        attempt = Attempt.objects.filter(pk=self._kept.get("attempt"), person=self.person).first()
        return attempt if attempt is not None and _matches(attempt) else None

    @property
    def replay_url(self) -> str:
        """The clip table that this visit's captures play instead of a camera; empty for a camera."""
        return self._kept.get("replay_url", "")

    @property
    def replay_terms(self) -> dict:
        """What ``open_session`` is told of the replay; nothing for a camera."""
        if not self.replay_url:
            return {}
        return {"replay": True, "allowed": [Action(name) for name in self._kept["replay_actions"]]}

    def _keep(self, kept: dict) -> None:
        self._kept = self._session[_KEY] = kept


def _matches(attempt: Attempt) -> bool:
    recent = timezone.now() - attempt.at < MATCH_LASTS
    return recent and attempt.live and attempt.decision == Decision.SAME


def destination(request: HttpRequest) -> str:
    """Where somebody who signs in was going (``?to=``), a page of this site; else the person's own page."""
    to = request.GET.get("to", "")
    if to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None):
        return to
    return reverse("online:person")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in, and from there on to the page of a way; pages that belong to one visit begin anew."""
    there = reverse("online:sign-in")
    if request.method == "GET" and request.resolver_match.app_name != "online":
        there += "?" + urlencode({"to": request.path})
    return redirect(there)


def signed_in(view):
    """The view gets ``request.visit`` with a person; others are led to the sign-in."""

    @wraps(view)
    def guarded(request, *arguments, **keywords):
        request.visit = Visit(request)
        if request.visit.person is None:
            return _to_sign_in(request)
        if request.visit.helper and not may_open(request.resolver_match.app_name):
            return not_for_helpers(request)
        return view(request, *arguments, **keywords)

    return guarded


def themselves(view):
    """The view is for the person alone; a helper is told so."""

    @wraps(view)
    def guarded(request, *arguments, **keywords):
        if request.visit.helper:
            return not_for_helpers(request)
        return view(request, *arguments, **keywords)

    return signed_in(guarded)


def not_for_helpers(request: HttpRequest) -> HttpResponse:
    """What only the person may do."""
    return render(request, "online/not_for_helpers.html", {"person": request.visit.person}, status=403)


def face_matched(view):
    """The view shows what only the person may see; without a face match it says how to get one."""

    @wraps(view)
    def guarded(request, *arguments, **keywords):
        if not request.visit.face_matched:
            return render(request, "online/face_needed.html", status=403)
        return view(request, *arguments, **keywords)

    return themselves(guarded)
