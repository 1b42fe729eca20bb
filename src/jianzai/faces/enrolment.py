"""Making a reference: which frames a person will be compared with, and when that is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from . import quality
from .models import Pack
from .types import Observation, Observations, Reason, Reference

MOST_CLIPS = 3
FEWEST_FRAMES = 8  # that show a face, in a clip
FEWEST_EMBEDDED = 2  # in a clip: one good frame could be an accident
GOOD_SHARE = 0.3  # of a clip's frames; below it the clip is refused for its commonest fault
SEVERAL_SHARE = 0.15  # of a clip's frames may show a second face: somebody passes behind
# degrees of yaw or pitch between the 5th and 95th percentile: a person, modelled, moves so much
MOVEMENT = 6.0


class EnrolmentRefused(ValueError):
    """No reference was made; ``reasons`` say why, most useful first."""

    def __init__(self, reasons: Sequence[Reason]):
        self.reasons = tuple(reasons)
        super().__init__(", ".join(self.reasons))


def enrol(pack: Pack, clips: Sequence[Observations]) -> Reference:
    """Make a reference of one to three clips of one person.

    Every clip must be good by itself, and all its embedded frames must show the face of all others.
    Raises EnrolmentRefused with reasons, ValueError for no clip, too many, or another pack's.
    """
    if not 1 <= len(clips) <= MOST_CLIPS:
        raise ValueError(f"a reference is made of 1 to {MOST_CLIPS} clips, not {len(clips)}")
    if {clip.pack for clip in clips} != {pack.name}:
        raise ValueError(f"clips must have been observed with {pack.name}")
    reasons = list(dict.fromkeys(reason for clip in clips for reason in _faults(clip.frames)))
    if reasons:
        raise EnrolmentRefused(reasons)
    chosen = [[frame for frame in clip.frames if frame.embedding is not None] for clip in clips]
    vectors = np.stack([frame.embedding for clip in chosen for frame in clip])
    if (vectors @ vectors.T).min() < pack.same_face:
        raise EnrolmentRefused([Reason.FACE_CHANGED])
    worst = min(float(np.mean([quality.score(frame) for frame in clip])) for clip in chosen)
    return Reference(
        pack=pack.name,
        embeddings=vectors,
        clips=tuple(len(clip) for clip in chosen),
        quality=worst,
        best_times=tuple(frame.time for clip in chosen for frame in clip),
    )


def enrol_picture(pack: Pack, seen: Observations) -> Reference:
    """Make a reference of one picture, as it lies in an archive: one good face, alone, and nothing more.

    It knows the face in one light and one pose, so it refuses its person oftener than clips do.
    Raises EnrolmentRefused with reasons, ValueError for more than one picture.
    """
    (frame,) = seen.frames
    if reason := quality.advice(frame):
        raise EnrolmentRefused([reason])
    if frame.embedding is None:
        raise EnrolmentRefused([Reason.NOT_FRONTAL])
    return Reference(pack.name, frame.embedding[None], (1,), quality.score(frame), (frame.time,))


def _faults(frames: Sequence[Observation]) -> list[Reason]:
    """Why a clip cannot be modelled; empty where it can."""
    shown = [frame for frame in frames if frame.quality is not None]
    if not shown:
        return [Reason.NO_FACE]
    if sum(frame.faces > 1 for frame in frames) > SEVERAL_SHARE * len(frames):
        return [Reason.SEVERAL_FACES]
    complaints = Counter(reason for frame in frames if (reason := quality.advice(frame)))
    if len(frames) - complaints.total() < GOOD_SHARE * len(frames):
        return [reason for reason, _ in complaints.most_common(2)]
    if len(shown) < FEWEST_FRAMES or sum(frame.embedding is not None for frame in frames) < FEWEST_EMBEDDED:
        return [Reason.TOO_SHORT]
    poses = np.array([(frame.yaw, frame.pitch) for frame in shown])
    if np.ptp(np.percentile(poses, [5, 95], axis=0), axis=0).max() < MOVEMENT:
        return [Reason.TOO_LITTLE_MOVEMENT]
    return []
