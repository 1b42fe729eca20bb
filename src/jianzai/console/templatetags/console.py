"""What the console's templates say over and over: words for values, badges, money, form tokens."""

from __future__ import annotations

import uuid

from django import template
from django.urls import reverse
from django.utils.html import format_html

from jianzai.certification.wording import channel_name
from jianzai.registry.access import Permission, may
from jianzai.sentences import say, sentences

from ..deeds import deeds
from ..queries import event_in_words
from ..submission import FIELD
from ..ways import pages

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
    ("figures", "console:figures", Permission.SEE_AUDIT),
    ("staff", "console:staff", Permission.MANAGE_STAFF),
    ("policy", "console:policy", Permission.SEE_CYCLE),
)
_WAYS_AFTER = 2
"""The pages of ways stand behind the work list and the review."""


@register.simple_tag
def word(kind: str, value: str) -> str:
    """The word for one value of a kind: ``{% word "status" "due" %}`` is ``console.status_due``."""
    return say(f"console.{kind}_{value}")


@register.simple_tag
def word_of(part: str, *names: str) -> str:
    """A word another part of the system owns: ``{% word_of "reasons" "blurred" %}``."""
    return say(f"{part}.{'_'.join(names)}")


@register.simple_tag
def deed(act: str) -> str:
    """The words for an act of the audit record; its code where there are no words for it."""
    code = deeds().get(act)
    return say(code) if code else act


@register.simple_tag
def doer(actor: str) -> str:
    """Who acted, in words, from the code that the audit record keeps."""
    kind, _, name = actor.partition(":")
    code = f"console.doer_{kind.replace('-', '_')}"
    return say(code, name=name) if code in sentences() else actor


@register.simple_tag
def happened(details: dict) -> str:
    """The sentence for the event that an entry of the audit record tells of; empty where it tells of none."""
    event = details.get("event")
    return event_in_words(event) if isinstance(event, dict) else ""


@register.simple_tag
def way_of(channel: str) -> str:
    """How somebody was certified."""
    return channel_name(channel)


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
    ours = [(f"console.nav_{name}", view, permission) for name, view, permission in _NAVIGATION]
    of_ways = [(page.title, page.view, page.permission) for page in pages()]
    for title, view, permission in (*ours[:_WAYS_AFTER], *of_ways, *ours[_WAYS_AFTER:]):
        if may(request.staff, permission):
            url = reverse(view)
            here = request.path == url or (view != "console:home" and request.path.startswith(url))
            entries.append({"title": say(title), "url": url, "current": here})
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
