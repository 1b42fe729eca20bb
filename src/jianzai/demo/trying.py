"""Whom the demo's page names to try a way with: people in the state that the way is about, as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from jianzai.certification.models import Certification
from jianzai.channels.station.models import Mandate
from jianzai.channels.visit.models import HomeVisit
from jianzai.demo.people import HELPER_NAME, HELPER_NUMBER
from jianzai.operations.mark import DEMO_MARK
from jianzai.registry.services import identity_number
from jianzai.sentences import say


@dataclass(frozen=True, slots=True)
class Try:
    """Whose name and number to type, where, and what is to be seen then."""

    name: str
    number: str
    text: str
    page: str


def code_file() -> Path:
    """Where the demo keeps the code that opens its helper's mandate, which the database does not hold."""
    return settings.HOME / "demo-helper-code"


def to_try() -> Iterator[Try]:
    """One for each way that somebody is found for."""
    ours, sign_in = {"person__personal_number__startswith": DEMO_MARK}, reverse("online:sign-in")
    certified = Certification.objects.filter(channel="matching", **ours).order_by("pk").first()
    visit = HomeVisit.objects.filter(state=HomeVisit.State.OPEN, **ours).order_by("pk").first()
    digits = visit.seen_to.ending if visit else ""
    for found, code, view in (
        (certified, "demo.try_records", "matching:records"),
        (visit, "demo.try_visit", "visit:visit"),
    ):
        if found:
            page = f"{sign_in}?to={reverse(view)}"
            yield Try(found.person.name, identity_number(found.person), say(code, digits=digits), page)
    mandate = Mandate.objects.filter(name=HELPER_NAME, ended_on=None, **ours).first()
    if mandate and code_file().exists():
        text = say("demo.try_helper", name=mandate.person.name, secret=code_file().read_text().strip())
        yield Try(HELPER_NAME, HELPER_NUMBER, text, reverse("station:help"))
