"""How somebody was certified, in words."""

from __future__ import annotations

from jianzai.sentences import say, sentences


def channel_name(channel: str, in_language: str | None = None) -> str:
    """The words for a certification's ``channel``: a way's own, ``<channel>.channel``, else ours."""
    own = f"{channel}.channel"
    return say(own if own in sentences() else f"certification.channel_{channel}", in_language)
