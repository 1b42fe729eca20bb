"""What the face engine passes around: frozen values with stated units.

Two clocks run in a capture. ``time`` is the camera's: seconds since the first
frame as the browser or the file stamps it; it orders frames and can be forged.
``received`` is the server's: seconds since the session opened when the batch
with the frame arrived; it decides whether a prompt was answered in time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np


class Reason(StrEnum):
    """Why a capture needs to go on, or did not succeed. Each has a plain sentence in every language."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BACKLIT = "backlit"
    TOO_SMALL = "too_small"  # face too far from the camera
    TOO_LARGE = "too_large"  # face too close, cut by the frame
    BLURRED = "blurred"
    NOT_FRONTAL = "not_frontal"
    FACE_CHANGED = "face_changed"  # another face took over during the capture
    TOO_LITTLE_MOVEMENT = "too_little_movement"  # no variety of pose to model
    TOO_SHORT = "too_short"  # too few usable frames
    PROMPT_LAPSED = "prompt_lapsed"  # not answered in its time
    WRONG_ACTION = "wrong_action"  # another action than the one asked for
    FLAT = "flat"  # no parallax over the turn: a picture of a face
    TEXTURE = "texture"  # looks like a print or a screen
    NO_LIGHT = "no_light"  # the screen's colours were not seen on the face
    OTHER_LIGHT = "other_light"  # the face changed colour, but not with the screen
    REPEATED_FRAMES = "repeated_frames"
    BAD_TIMES = "bad_times"  # frames out of order or impossibly timed
    NOT_SAME = "not_same"
    UNCERTAIN = "uncertain"  # in the grey zone: a clerk decides


class Action(StrEnum):
    """What a prompt asks for. Left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    OPEN_MOUTH = "open_mouth"
    CLOSE_EYES = "close_eyes"


class Colour(StrEnum):
    """What a screen can throw on a face, as sRGB. See liveness/light.py for why these."""

    BLUE = "#80c0ff"
    GREEN = "#b0ffb0"
    YELLOW = "#fff0a0"
    ROSE = "#ffc0d8"


class Decision(StrEnum):
    SAME = "same"
    NOT_SAME = "not_same"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a capture."""

    image: np.ndarray  # (height, width, 3) uint8, BGR
    time: float  # seconds, camera clock
    received: float = 0.0  # seconds since the session opened, server clock
    # which of the challenge's colours the page showed, from 0, and in the fraction how much of its time was
    # over; how many there are once all were shown; None while none is
    shown: float | None = None


@dataclass(frozen=True, slots=True)
class Reflection:
    """How a picture is coloured that was taken while the page showed colours.

    Means of linear light, red, green and blue, each 0-1 of the camera's brightest.
    """

    shown: float  # see Frame
    skin: tuple[float, float, float] | None  # of cheeks and forehead; None without a face, or too bright
    around: tuple[float, float, float] | None = None  # of the picture beside and above the head


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one face picture; ISO/IEC 29794-5 components where the name is the standard's."""

    inter_eye: float  # pixels between the eye centres
    luminance: float  # mean over the face, 0-1
    contrast: float  # standard deviation of luminance over the face, 0-1
    over_exposed: float  # share of the face's pixels at or near white
    under_exposed: float  # share at or near black
    uniformity: float  # illumination uniformity, left against right half, 0-1
    sharpness: float  # see quality.py; larger is sharper
    backlight: float  # mean luminance around the face minus on it, -1..1


@dataclass(frozen=True, slots=True)
class Observation:
    """One frame turned into numbers. Everything after ``faces`` is None where no face was found."""

    time: float
    received: float
    faces: int  # how many faces are seen; looked for in every fourth picture of a batch at least
    digest: str  # of a quarter of the decoded rows: equal digests are the same picture
    # x, y, width, height of the largest face, as shares of the frame; may reach beyond it
    box: tuple[float, float, float, float] | None = None
    yaw: float | None = None  # degrees; positive: the person turned to their own left
    pitch: float | None = None  # degrees; positive: looking up
    roll: float | None = None  # degrees; positive: head tilted to the person's own left
    eye_opening: float | None = None  # lid gap over eye width, mean of both eyes
    mouth_opening: float | None = None  # inner-lip gap over mouth width
    quality: Quality | None = None
    # share of a live face, 0-1; once a second, where the pack has texture networks
    texture: float | None = None
    # (d,) float32 unit vector, for the few frames that are compared; see embedding.py
    embedding: np.ndarray | None = field(default=None, compare=False)
    # seconds of its lateness that the server may have caused itself, by its answers to the batches before
    held: float = 0.0
    # how far a repeated pattern on the skin stands out, see lattice.py; once a second
    lattice: float | None = None
    reflection: Reflection | None = None  # while the page showed colours


@dataclass(frozen=True, slots=True)
class Parallax:
    """How far tracked points of one head turn are from moving like a plane."""

    started: float  # camera clock, seconds
    ended: float
    yaw_span: float  # degrees of yaw covered
    points: int  # tracked to the end
    residual: float  # RMS distance from the best homography, in per cent of the face's width
    # how much the light of a place on the face changed for each degree; unit: see liveness/shading.py
    shading: float | None = None


@dataclass(frozen=True, slots=True)
class Observations:
    """What is known of one capture, or of one batch of it, in the order received."""

    pack: str
    frames: tuple[Observation, ...] = ()
    turns: tuple[Parallax, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """What a person is compared with: a few embeddings of one to several clips, of one pack."""

    pack: str
    embeddings: np.ndarray  # (n, d) float32 unit vectors, n of 1 to 15
    clips: tuple[int, ...]  # how many of them came from each clip, in order; sums to n
    quality: float  # 0-100, worst clip's
    best_times: tuple[float, ...] = ()  # camera clock of each embedding's frame within its clip
    # (k, d) float32 unit vectors of certified captures, the oldest first; None: none. See growth.py
    grown: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing asked of the person, with its times on the server's clock (seconds since opening)."""

    action: Action
    limit: float  # seconds the answer may take
    issued: float | None = None  # when it was first sent
    answered: float | None = None  # when the frame that completed the answer was received
    lapsed: bool = False  # not answered in time, answered wrongly, or void because the page was reloaded
    wrong: bool = False  # lapsed because another action was made


@dataclass(frozen=True, slots=True)
class Light:
    """The colours that the page shows after the last action, with their times on the server's clock."""

    colours: tuple[Colour, ...]  # in order; empty: none are shown, by choice or for want of a screen
    required: bool  # whether a clerk must look where they are not seen on the face
    compared: int = 0  # at which of them the face is embedded; the page is never told
    issued: float | None = None  # when they were first sent
    ended: float | None = None  # when the last had been shown, or the time was up


@dataclass(frozen=True, slots=True)
class Challenge:
    """What was asked in a session, in order, including prompts that lapsed and were drawn anew."""

    prompts: tuple[Prompt, ...]
    slow: bool = False  # drawn for someone who asked for more time
    allowed: tuple[Action, ...] = tuple(Action)  # what may be drawn
    opened: float = 0.0  # server clock of the last (re)opening; frames received until then do not count
    light: Light | None = None  # None: not asked for


@dataclass(frozen=True, slots=True)
class Comparison:
    """Numbers left of comparing a capture with a reference; enough to judge again without any template."""

    pack: str
    scores: tuple[float, ...]  # one per embedded frame, -1..1, against the whole reference
    score: float | None  # pooled raw comparison score; None where nothing could be embedded
    normalised: float | None  # the same after cohort normalisation, in deviations; None without a cohort
    cohort: int  # how many strangers normalised it; 0: none
    continuity: float | None  # lowest comparison score between embedded frames of the capture itself
    times: tuple[float, ...] = ()  # camera clock of each embedded frame, in the order of scores
    drawn: bool = False  # whether those strangers were drawn (drawn.py), not people
    # the score that decides, but of the confirmed clips alone; None where the reference has not grown
    anchors: float | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The decision of one attempt."""

    decision: Decision
    live: bool
    similarity: int  # 0-100; 60 at the threshold
    reasons: tuple[Reason, ...]  # most useful first; empty when same and live
    voices: dict[str, float | None]  # each liveness voice's value, for the record

    @property
    def certifies(self) -> bool:
        """Whether this alone certifies the person."""
        return self.live and self.decision is Decision.SAME
