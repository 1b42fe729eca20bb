"""The verbs of home visits, each one transaction: the only writers of this app's tables."""

from .booking import book, correct
from .outcomes import Meeting, delete_photograph, deny, meet, nobody_home, not_met, retract, sign
from .requests import Request, cancel, request_visit
from .teams import save_team
from .upkeep import forget, lapse, release_left, remind_of_tomorrow

__all__ = [
    "Meeting",
    "Request",
    "book",
    "cancel",
    "correct",
    "delete_photograph",
    "deny",
    "forget",
    "lapse",
    "meet",
    "nobody_home",
    "not_met",
    "release_left",
    "remind_of_tomorrow",
    "request_visit",
    "retract",
    "save_team",
    "sign",
]
