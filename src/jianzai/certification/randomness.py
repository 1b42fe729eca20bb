"""Where the randomness of challenges comes from."""

from __future__ import annotations

import random

from django.conf import settings


def source() -> random.Random:
    """The system's randomness; in demo and test mode a seeded one where ``CHALLENGE_SEED`` is set.

    This is the only way by which a test chooses what is asked; production refuses to start with it.
    """
    if settings.DEMO and settings.CHALLENGE_SEED is not None:
        return random.Random(settings.CHALLENGE_SEED)
    return random.SystemRandom()
