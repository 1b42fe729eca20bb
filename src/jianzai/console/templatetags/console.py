"""What the console's templates say over and over: words for values, badges, money, form tokens."""

from __future__ import annotations

import uuid

from django import template
from django.urls import reverse
from django.utils.html import format_html

from jianzai.registry.access import Permission, may
from jianzai.sentences import say, sentences

from ..submission import FIELD

register = template.Library()

# Which of the three colours a value has; the word is always there beside it.
_TONES = {
    "good": {
        "certified",
        "resumed",
        "active",
        "approved",
        "accepted",
        "done",
        "paying",
        "sent",
        "decided",
        "imported",
    },
    "warn": {
        "overdue",
        "held",
        "pending",
        "open",
        "proposed",
        "queued",
        "printed",
        "exported",
        "confirmed",
        "undoing",
        "reading",
        "importing",
        "in_person",
    },
    "bad": {"paused", "rejected", "failed", "refused"},
}

_NAVIGATION = (
    ("home", "console:home", Permission.SEE_CYCLE),
    ("review", "console:cases", Permission.REVIEW),
    ("cycle", "console:cycle", Permission.SEE_CYCLE),
    ("sweeps", "console:sweeps", Permission.PROPOSE_SWEEP),
    ("orders", "console:orders", Permission.SEE_ORDERS),
    ("roster", "console:roster", Permission.IMPORT_ROSTER),
    ("audit", "console:audit", Permission.SEE_AUDIT),
    ("staff", "console:staff", Permission.MANAGE_STAFF),
    ("policy", "console:policy", Permission.SEE_CYCLE),
)


@register.simple_tag
def word(kind: str, value: str) -> str:
    """The word for one value of a kind: ``{% word "status" "due" %}`` is ``console.status_due``."""
    return say(f"console.{kind}_{value}")


@register.simple_tag
def word_of(part: str, *names: str) -> str:
    """A word another part of the system owns: ``{% word_of "certification" "channel" "api" %}``."""
    return say(f"{part}.{'_'.join(names)}")


@register.simple_tag
def deed(act: str) -> str:
    """The words for an act of the audit record; its code where there are no words for it."""
    code = f"console.did_{act.replace('.', '_', 1)}"
    return say(code) if code in sentences() else act


@register.simple_tag
def badge(kind: str, value: str) -> str:
    """The word for a value as a small mark."""
    tone = next((tone for tone, values in _TONES.items() if value in values), "")
    return format_html('<span class="badge {}">{}</span>', tone, word(kind, value))


@register.simple_tag
def submission() -> str:
    """The token by which a form sent twice is known (jianzai.console.submission)."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid.uuid4())


@register.simple_tag(takes_context=True)
def navigation(context) -> list[dict]:
    """The pages this member of staff may open, the current one marked."""
    request = context["request"]
    entries = []
    for name, view, permission in _NAVIGATION:
        if may(request.staff, permission):
            url = reverse(view)
            here = request.path == url or (name != "home" and request.path.startswith(url))
            entries.append({"name": name, "url": url, "current": here})
    return entries


@register.simple_tag(takes_context=True)
def if_may(context, permission: str, area_code: str | None = None) -> bool:
    """Whether the signed-in member of staff has a permission (in an area)."""
    return may(context["request"].staff, Permission(permission), area_code)


@register.filter
def yuan(fen: int | None) -> str:
    """Whole fen as yuan: 123456 is ``1,234.56``."""
    return "" if fen is None else f"{fen // 100:,}.{fen % 100:02d}"


@register.filter
def unlocalized(number: float) -> str:
    """A coordinate as SVG reads it, with a point in every language."""
    return f"{number:g}"
