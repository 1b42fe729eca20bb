"""Access tokens: made once, kept as a keyed hash, limited to scopes and an area."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone

from jianzai.api.models import AccessToken
from jianzai.api.scopes import Scope
from jianzai.audit.services import Actor, record
from jianzai.registry.models import Area
from jianzai.vault import vault

_PREFIX = "jianzai_"  # so that a leaked token is recognised by whoever finds it


@transaction.atomic
def make_token(name: str, scopes: list[Scope], area: Area, actor: Actor) -> str:
    """A new token for ``name``; the text is returned once and never shown again.

    Raises ValueError where the name is taken.
    """
    if AccessToken.objects.filter(name=name).exists():
        raise ValueError(f"a token named {name!r} exists")
    text = _PREFIX + secrets.token_urlsafe(32)
    AccessToken.objects.create(name=name, lookup=_lookup(text), scopes=sorted(scopes), area=area)
    record("api.token_made", actor, area=area.code, token=name, scopes=sorted(scopes))
    return text


@transaction.atomic
def revoke_token(name: str, actor: Actor) -> None:
    """End the token ``name``; it stays in the list. Raises AccessToken.DoesNotExist."""
    token = AccessToken.objects.select_for_update().get(name=name)
    if token.revoked is None:
        token.revoked = timezone.now()
        token.save(update_fields=["revoked"])
        record("api.token_revoked", actor, area=token.area_id, token=name)


def token_of(text: str) -> AccessToken | None:
    """The token in force whose text this is."""
    return AccessToken.objects.select_related("area").filter(lookup=_lookup(text), revoked=None).first()


def _lookup(text: str) -> bytes:
    return vault().lookup(f"token:{text}")
