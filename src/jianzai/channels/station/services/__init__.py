"""The verbs of stations and former employers, each one transaction: the only writers of this app's tables."""

from .lists import lapse, send_list, sign_list, withdraw_list
from .samples import answer_sample, see_to_samples

__all__ = [
    "answer_sample",
    "lapse",
    "see_to_samples",
    "send_list",
    "sign_list",
    "withdraw_list",
]
