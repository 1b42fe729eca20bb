"""The face engine: a pure library. Pictures in, numbers and decisions out; no Django, no database, no HTTP.

*Observe, then judge.* ``FaceEngine.observe`` turns frames into numbers once (expensive, per frame, without
state); everything after, ``compare`` and ``liveness.judge``, is cheap arithmetic that can be done again.
"""

from .comparison import similarity
from .engine import FaceEngine
from .enrolment import EnrolmentRefused
from .fetching import FetchFailed, fetch, fetch_pack
from .models import ModelMissing, available_packs, best_pack
from .types import (
    Action,
    Challenge,
    Comparison,
    Decision,
    Frame,
    Observation,
    Observations,
    Parallax,
    Prompt,
    Quality,
    Reason,
    Reference,
    Verification,
)
from .video import Limits, Unusable, decode_jpeg, read_video

__all__ = [
    "Action",
    "Challenge",
    "Comparison",
    "Decision",
    "EnrolmentRefused",
    "FaceEngine",
    "FetchFailed",
    "Frame",
    "Limits",
    "ModelMissing",
    "Observation",
    "Observations",
    "Parallax",
    "Prompt",
    "Quality",
    "Reason",
    "Reference",
    "Unusable",
    "Verification",
    "available_packs",
    "best_pack",
    "decode_jpeg",
    "fetch",
    "fetch_pack",
    "read_video",
    "similarity",
]
