"""Is it a screen that the camera looks at? By the pattern that a screen's grid makes on a camera's.

Seen only where the two grids beat: a good telephone at the right distance shows none. So this
voice never passes anybody on its own, and it never refuses: at worst it asks for a person to look.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jianzai.faces.types import Challenge, Observation, Reason

from .actions import since_opened
from .voice import Verdict, Voice

# Of the recordings in view (three men, four clips), as they are and compressed, rolled, sharpened, made small
# and large, the highest median is 3.2; screens with a moire of three per cent of the light have 4.2 and more.
PATTERN = 3.6


def judge_screen(challenge: Challenge, observed: Sequence[Observation]) -> Voice:
    """Value: median height of the strongest repeated pattern over its surroundings (lattice.py)."""
    heights = [frame.lattice for frame in since_opened(challenge, observed) if frame.lattice is not None]
    if not heights:
        return Voice(None, Verdict.ABSENT)
    value = float(np.median(heights))
    if value > PATTERN:
        return Voice(value, Verdict.UNDECIDED, Reason.TEXTURE)
    return Voice(value, Verdict.PASSED)
