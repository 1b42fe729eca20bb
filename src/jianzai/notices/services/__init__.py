"""The verbs of notices."""

from .outbox import STAFF_CHANNELS, log_contact, messages_for, notify, remind, remind_due, take_back
from .print_runs import (
    LETTERS_A_RUN,
    count_letters,
    finish_runs,
    give_up_run,
    letters,
    post_letter,
    post_run,
    print_letter,
    print_letters,
    run_file,
    run_letters,
    runs_under_way,
    waiting_letters,
)
from .texts import LOOKED_BACK, send_texts, stuck_texts

__all__ = [
    "LETTERS_A_RUN",
    "LOOKED_BACK",
    "STAFF_CHANNELS",
    "count_letters",
    "finish_runs",
    "give_up_run",
    "letters",
    "log_contact",
    "messages_for",
    "notify",
    "post_letter",
    "post_run",
    "print_letter",
    "print_letters",
    "remind",
    "remind_due",
    "run_file",
    "run_letters",
    "runs_under_way",
    "send_texts",
    "stuck_texts",
    "take_back",
    "waiting_letters",
]
