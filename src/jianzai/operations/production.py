"""What a site and its worker refuse to start with: a production site much, every other one lost keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from jianzai.certification.policies import policy_in_force
from jianzai.entitlement import PolicyError
from jianzai.operations.database import changeable_evidence
from jianzai.operations.keys import lost_keys, remember_keys
from jianzai.operations.mark import DEMO_MARK
from jianzai.operations.terminal import tell
from jianzai.registry.models import Beneficiary
from jianzai.vault import KeysMissing, vault


class Unfit(RuntimeError):
    """This deployment is not safe for real people; the text names every fault with its mend."""


def refuse_unfit() -> None:
    """Raise Unfit where anything forbids to work, DatabaseError without a database; remember new keys."""
    if faults := production_faults() if settings.PRODUCTION else [f"refuse_{code}" for code in _lost_keys()]:
        lines = [f"✗ {tell(f'operations.{code}')}\n  → {tell(f'operations.{code}_mend')}" for code in faults]
        head = "operations.refuse" if settings.PRODUCTION else "operations.will_not_start"
        raise Unfit("\n".join([tell(head), *lines]))
    remember_keys()


def production_faults() -> list[str]:
    """Sentence codes of all that forbids working for real people; empty when nothing does.

    Raises OperationalError without a database.
    """
    faults = (*_of_settings(), *_lost_keys(), *_of_keys(), *_of_database())
    return [f"refuse_{fault}" for fault in faults]


def _of_settings() -> Iterator[str]:
    if settings.DEBUG:
        yield "debug"
    if not settings.HTTPS:
        yield "base_url"
    if not (settings.TLS_CERTIFICATE or settings.SECURE_PROXY_SSL_HEADER):
        yield "plain_http"
    if "*" in settings.ALLOWED_HOSTS:
        yield "any_host"
    if settings.CHALLENGE_SEED is not None:
        yield "challenge_seed"
    if settings.DEMO_DATE_FILE.exists():
        yield "demo_date"
    try:
        policy_in_force()
    except PolicyError:
        yield "policy"


def _lost_keys() -> Iterator[str]:
    try:
        if lost_keys():
            yield "lost_keys"
    except KeysMissing:
        yield "no_keys"


def _of_keys() -> Iterator[str]:
    with suppress(KeysMissing):
        if vault().keys.demo:
            yield "demo_keys"


def _of_database() -> Iterator[str]:
    if Beneficiary.objects.filter(personal_number__startswith=DEMO_MARK).exists():
        yield "demo_people"
    if get_user_model().objects.filter(username__startswith=f"{DEMO_MARK.lower()}-", is_active=True).exists():
        yield "demo_accounts"
    with connection.cursor() as cursor:
        if changeable_evidence(cursor):
            yield "owner_role"
