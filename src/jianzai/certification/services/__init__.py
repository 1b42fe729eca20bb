"""The verbs of certification, each one transaction: the only writers of this app's tables."""

from .captures import open_session, receive_batch, reopen_session
from .certifying import certify, certify_in_person, required_obligation
from .consents import (
    TEXT_VERSION,
    allow_face,
    face_refused,
    give_consent,
    has_newer_text,
    keep_text,
    offer_newer_text,
    refuse_face,
    valid_consent,
    withdraw_consent,
)
from .cycles import (
    declare_cycle,
    enlist,
    ensure_obligation,
    lock_standing,
    open_cycle,
    open_this_years_cycle,
    policy_of,
    record_event,
)
from .files import FileOutcome, Terms, model_from_files
from .lookalikes import keep_despite_lookalikes, look_for_lookalikes, look_for_those_left
from .references import confirm_reference, reject_reference, revoke_references
from .retention import enforce_retention
from .reviews import approve_case, end_holds, expire_cases, refer_to_clerk, reject_case
from .videos import receive_video

__all__ = [
    "TEXT_VERSION",
    "FileOutcome",
    "Terms",
    "allow_face",
    "approve_case",
    "certify",
    "certify_in_person",
    "confirm_reference",
    "declare_cycle",
    "end_holds",
    "enforce_retention",
    "enlist",
    "ensure_obligation",
    "expire_cases",
    "face_refused",
    "give_consent",
    "has_newer_text",
    "keep_text",
    "keep_despite_lookalikes",
    "lock_standing",
    "look_for_lookalikes",
    "look_for_those_left",
    "model_from_files",
    "offer_newer_text",
    "open_cycle",
    "open_this_years_cycle",
    "open_session",
    "policy_of",
    "receive_batch",
    "receive_video",
    "record_event",
    "refer_to_clerk",
    "refuse_face",
    "reject_case",
    "reject_reference",
    "reopen_session",
    "required_obligation",
    "revoke_references",
    "valid_consent",
    "withdraw_consent",
]
