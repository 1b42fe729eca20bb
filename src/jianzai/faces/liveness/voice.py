"""What every voice of the liveness check answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jianzai.faces.types import Reason


class Verdict(StrEnum):
    """What one voice says of one capture."""

    PASSED = "passed"
    UNDECIDED = "undecided"  # a person must look
    FAILED = "failed"  # clearly not a live answer
    ABSENT = "absent"  # the voice has nothing to go by and casts no vote


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice's opinion: its measure (unit: see the voice), its verdict and, unless it passed, why."""

    value: float | None
    verdict: Verdict
    reason: Reason | None = None
