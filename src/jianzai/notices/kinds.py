"""What people are told, and when it is no longer true."""

from __future__ import annotations

from enum import StrEnum

from jianzai.entitlement import Status


class Kind(StrEnum):
    """The kinds of notice; sentences in ``notices.toml`` by the kind's name."""

    REMINDER = "reminder"  # the time to certify is coming or has passed
    IN_PERSON = "in_person"  # the attempts from afar could not be decided: come, or be visited
    RECEIVED_REFUSED = "received_refused"  # what a counter received without a network is not enough
    PAUSED = "paused"
    RESUMED = "resumed"  # certified after a pause
    UNDONE = "undone"  # the pause was our error
    MADE_GOOD = "made_good"  # found so only after it had ended: what it withheld is paid
    CERTIFIED = "certified"
    MODEL_ANEW = "model_anew"  # the scores of their certifications fall: better modelled anew before the next
    VISIT_BOOKED = "visit_booked"  # when a team comes to certify at home
    VISIT_TOMORROW = "visit_tomorrow"
    VISIT_CANCELLED = "visit_cancelled"  # by the office
    SAMPLE_ASKED = "sample_asked"  # certified by an employer's list, and drawn to be seen again
    FORM_REJECTED = "form_rejected"  # a form that came by post certifies nobody: what to mend, and by when
    HELPER_NAMED = "helper_named"  # somebody acts for them from now on
    HELPER_ENDED = "helper_ended"
    CONDOLENCE = "condolence"  # to the family of somebody whose death was recorded
    ESTATE_CLAIM = "estate_claim"  # what was overpaid after the death is another sum than the family was told
    ESTATE_OWED = "estate_owed"  # what a pause withheld while the person lived is paid to the family


TO_FAMILY = frozenset({Kind.CONDOLENCE, Kind.ESTATE_CLAIM, Kind.ESTATE_OWED})
"""What is written about somebody who died, to those who live at their address."""

OF_PAYMENT = frozenset({Kind.PAUSED, Kind.RESUMED, Kind.UNDONE, Kind.MADE_GOOD})
"""What stays true of somebody whose death was recorded by mistake. Meanwhile it waits."""

_WAITING = frozenset({Status.DUE, Status.HELD, Status.OVERDUE})
_TRUE_WHILE: dict[Kind, frozenset[Status]] = {
    Kind.REMINDER: _WAITING,
    Kind.IN_PERSON: _WAITING | {Status.PAUSED},
    Kind.RECEIVED_REFUSED: _WAITING | {Status.PAUSED},
    Kind.PAUSED: frozenset({Status.PAUSED}),
    Kind.VISIT_BOOKED: _WAITING | {Status.PAUSED},
    Kind.VISIT_TOMORROW: _WAITING | {Status.PAUSED},
    Kind.VISIT_CANCELLED: _WAITING | {Status.PAUSED},
    Kind.FORM_REJECTED: _WAITING | {Status.PAUSED},
}


def still_true(kind: Kind, status: Status) -> bool:
    """Whether a notice of this kind may still go out to somebody of this status. To the dead nothing goes,
    and to their family nothing but what is for them.
    """
    if (status is Status.ENDED) != (kind in TO_FAMILY):
        return False
    return status in _TRUE_WHILE.get(kind, frozenset(Status))
