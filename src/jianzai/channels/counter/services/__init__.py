"""The verbs of what a counter received, each one transaction: the only writers of this app's table."""

from .deciding import accept, judge_arrival, refuse
from .intake import take
from .settling import HOLDS_FOR
from .upkeep import forget, judge_left, lapse, release_left

__all__ = [
    "HOLDS_FOR",
    "accept",
    "forget",
    "judge_arrival",
    "judge_left",
    "lapse",
    "refuse",
    "release_left",
    "take",
]
