"""The verbs of stations and former employers, each one transaction: the only writers of this app's tables."""

from .cards import Answer, checks_of, choose_person, correct_card, decide_card, take_card
from .helpers import Named, end_mandate, may_act, name_helper, sign_in_helper
from .lists import lapse, send_list, sign_list, withdraw_list
from .pictures import compare_pictures
from .samples import answer_sample, see_to_samples

__all__ = [
    "Answer",
    "Named",
    "answer_sample",
    "checks_of",
    "choose_person",
    "compare_pictures",
    "correct_card",
    "decide_card",
    "end_mandate",
    "lapse",
    "may_act",
    "name_helper",
    "see_to_samples",
    "send_list",
    "sign_in_helper",
    "sign_list",
    "take_card",
    "withdraw_list",
]
