"""Prints for tests; fingers take seconds to draw, so each is drawn once."""

from functools import cache

from jianzai.channels.fingerprint.drawing import finger, impression, png

_drawn = cache(finger)


def hers(number: int) -> bytes:
    """A PNG of impression ``number`` of one finger."""
    return png(impression(_drawn(1), number))


def his() -> bytes:
    """A PNG of another finger."""
    return png(impression(_drawn(3), 3))


def worn() -> bytes:
    """A PNG of a finger whose ridges are mostly gone."""
    return png(impression(_drawn(1), 4, wear=1.0))
