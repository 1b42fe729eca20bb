"""The visitor's finger, which nobody has: what a counter kept of it, and another impression to try."""

from __future__ import annotations

from functools import cache

from jianzai.channels.fingerprint.drawing import finger, impression, png

_FINGER, _KEPT, _TRIED = 1, 2, 6


def kept_print() -> bytes:
    """A PNG of the impression that the demo keeps."""
    return png(impression(finger(_FINGER), _KEPT))


@cache
def print_to_try() -> bytes:
    """A PNG of another impression of the same finger; it takes a few seconds to draw."""
    return png(impression(finger(_FINGER), _TRIED))
