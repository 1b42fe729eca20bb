"""The verbs of this app: each one is a transaction, or a row of them that can be taken up again.

Order of locks, which every verb keeps so that none waits for another in a circle: the person's obligations
by id, then the person, the benefit, the pause, the orders, then the counters; the audit chain's lock comes
last of all, at the commit.
"""

from ..errors import Refused
from .deaths import record_death, withdraw_death
from .exchange import (
    AcknowledgementReport,
    Problem,
    export_orders,
    read_acknowledgement,
)
from .orders import correct_order
from .sweeps import (
    SweepReport,
    carry_out,
    confirm_sweep,
    discard_sweep,
    dry_run,
    finish_sweeps,
    propose_sweep,
    sweep_now,
    undo_sweep,
)

__all__ = [
    "AcknowledgementReport",
    "Problem",
    "Refused",
    "SweepReport",
    "carry_out",
    "confirm_sweep",
    "correct_order",
    "discard_sweep",
    "dry_run",
    "export_orders",
    "finish_sweeps",
    "propose_sweep",
    "read_acknowledgement",
    "record_death",
    "sweep_now",
    "undo_sweep",
    "withdraw_death",
]
