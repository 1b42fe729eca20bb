"""Does the skin look like skin? Only where the pack has texture networks.

Small texture networks err on cameras they have not seen (16 to 23 % in published
cross-data-set tests of comparable ones), so this voice never refuses: at worst it
asks for a person to look.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jianzai.faces.types import Challenge, Observation, Reason

from .actions import since_opened
from .voice import Verdict, Voice

LIVE = 0.5  # median share of a live face


def judge_texture(challenge: Challenge, observed: Sequence[Observation]) -> Voice:
    """Value: median share of a live face, 0-1, over the frames that were measured."""
    shares = [frame.texture for frame in since_opened(challenge, observed) if frame.texture is not None]
    if not shares:
        return Voice(None, Verdict.ABSENT)
    value = float(np.median(shares))
    if value < LIVE:
        return Voice(value, Verdict.UNDECIDED, Reason.TEXTURE)
    return Voice(value, Verdict.PASSED)
