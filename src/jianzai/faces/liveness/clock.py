"""The camera's clock seen from the server's."""

from __future__ import annotations

from collections.abc import Sequence

from jianzai.faces.types import Observation


def clock_offset(frames: Sequence[Observation]) -> float:
    """Seconds to add to a camera time to get the latest server time at which the frame can have been taken.

    It is the quickest arrival seen: every frame was taken before it arrived. 0.0 without frames.
    """
    return min((frame.received - frame.time for frame in frames), default=0.0)
