"""The verbs of forms by post, each one transaction: the only writers of this app's tables."""

from .deciding import (
    AGENT_YEARS,
    AUTHORITY_LASTS,
    REASONS,
    Attestation,
    accept,
    agent_years,
    certificate_used,
    reject,
    report,
    seen_to,
)
from .forms import (
    ask_again,
    ask_to_post,
    empty_file,
    form_file,
    issue,
    issue_empty,
    post,
    posting_file,
    typed_only,
)
from .holding import attach
from .intake import Arrival, Taken, compare_face, decode, find_person, read_left, read_sheet, receive, take_in
from .status import FormStatus, look_up, sheet_status
from .upkeep import forget, hold_on, release_left

__all__ = [
    "AGENT_YEARS",
    "AUTHORITY_LASTS",
    "REASONS",
    "Arrival",
    "Attestation",
    "FormStatus",
    "Taken",
    "accept",
    "agent_years",
    "ask_again",
    "ask_to_post",
    "attach",
    "certificate_used",
    "compare_face",
    "decode",
    "empty_file",
    "find_person",
    "forget",
    "form_file",
    "hold_on",
    "issue",
    "issue_empty",
    "look_up",
    "post",
    "posting_file",
    "read_left",
    "read_sheet",
    "receive",
    "reject",
    "release_left",
    "report",
    "seen_to",
    "sheet_status",
    "take_in",
    "typed_only",
]
