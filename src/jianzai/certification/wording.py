"""How somebody was certified, and how much a comparison says, in words."""

from __future__ import annotations

from jianzai.faces.comparison import deciding, evidence, times
from jianzai.faces.models import packs
from jianzai.faces.records import from_json
from jianzai.faces.types import Comparison
from jianzai.sentences import say, sentences

from .models import Attempt


def channel_name(channel: str, in_language: str | None = None) -> str:
    """The words for a certification's ``channel``: a way's own, ``<channel>.channel``, else ours."""
    own = f"{channel}.channel"
    return say(own if own in sentences() else f"certification.channel_{channel}", in_language)


def evidence_of(attempt: Attempt, in_language: str | None = None) -> str:
    """How much the likeness of an attempt says; empty without a score, or where its pack is not there."""
    pack = packs().get(attempt.comparison.get("pack"))
    found = from_json(Comparison, attempt.comparison) if pack else None
    if found is None or found.score is None:
        return ""
    return evidence_in_words(evidence(*deciding(found, pack)), in_language)


def evidence_in_words(weight: float, in_language: str | None = None) -> str:
    """A log10 likelihood ratio as a sentence."""
    number = times(weight)
    kind = "none" if number == 1 else "same" if weight > 0 else "strangers"
    return say(f"certification.evidence_{kind}", in_language, times=f"{number:,}")
