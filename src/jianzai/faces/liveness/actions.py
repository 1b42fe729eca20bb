"""Was the action that was asked for made, after it was asked for, before any other?

Every action is measured as *strength*: 1.0 at its threshold, relative to the
person's own neutral face of the second before the prompt. So narrow old eyes, a
mouth that hangs a little and a head held askew cost nobody anything, and a
camera that stands to the side does not either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from jianzai.faces import quality
from jianzai.faces.types import Action, Challenge, Observation, Parallax, Prompt, Reason

from .clock import clock_offset
from .voice import Verdict, Voice

TURNS = frozenset({Action.TURN_LEFT, Action.TURN_RIGHT})

# From the neutral yaw as the mesh sees it; the smallest plain turn of the sample clips is 12.
TURN_DEGREES = 10.0
# Inner-lip gap over mouth width; two people talking reach 0.25 and 0.18 in two frames on end.
MOUTH_RISE = 0.30
# Of the neutral lid gap; lids lowered for long in two clips leave 0.5 to 0.7. No old eyes tested.
EYE_SHARE = 0.72
EYES_SECONDS = 0.8  # closed without a break; "about a second" at 8 frames a second and less
MOVE_FRAMES = 2  # turn and mouth: so many frames on end, so that one bad mesh answers nothing
HOLD_SECONDS = 0.8  # a turn is over once the head comes back, or after being held so long
SWING_SECONDS = 2.0  # longest way back from the threshold to where a turn began
STILL = 0.2  # strength of a head not turning yet
RETURN_DEGREES = 4.0  # come back this far from the furthest point
KEPT = 0.7  # share of the threshold above which an action begun goes on: the mesh flickers on closed lids
ONSET = 0.6  # an answer starts below this strength: the action must begin after the prompt
OTHER = 1.25  # strength at which an action nobody asked for counts as made

SETTLE_SECONDS = 1.0  # of a steady frontal face before the first prompt
BACK_SECONDS = 0.6  # and before later ones: the neutral face is known by then
SETTLE_FRAMES = 3
SETTLE_SHARE = 0.8  # of the frames must show one usable face
FRONTAL_YAW = 25.0  # degrees; a laptop's camera stands where it stands
FRONTAL_PITCH = 30.0
STEADY_YAW = 8.0  # degrees between the 10th and the 90th percentile
STEADY_MOUTH = 0.12
NEAR_YAW = 10.0  # later neutral faces against the first one
NEAR_MOUTH = 0.12
NEAR_EYES = 0.75

GRACE_SECONDS = 2.0  # a batch under way when the time was up still counts
MAXIMUM_WRONG = 1  # a slip is human; see `challenge`


@dataclass(frozen=True, slots=True)
class Baseline:
    """A person's neutral face: medians over the settled moment before a prompt."""

    yaw: float
    eye_opening: float
    mouth_opening: float


class Outcome(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a prompt so far."""

    outcome: Outcome
    received: float | None = None  # server clock of the frame that decided it
    started: float | None = None  # camera clock: last frame at rest before the action
    ended: float | None = None  # camera clock: furthest point of the action


def settle(frames: Sequence[Observation], first: Baseline | None = None) -> Baseline | None:
    """The neutral face at the end of `frames`, or None while there is no steady frontal one.

    `first` is the capture's first baseline: later ones must resemble it, so that a mouth
    still open or a head still turned is not taken for rest.
    """
    if not frames:
        return None
    started = frames[-1].time - (SETTLE_SECONDS if first is None else BACK_SECONDS)
    window = [frame for frame in frames if frame.time > started]
    if frames[0].time > started + 0.1 or len(window) < SETTLE_FRAMES:
        return None
    usable = [frame for frame in window if _usable(frame)]
    if len(usable) < SETTLE_SHARE * len(window) or not _usable(window[-1]):
        return None
    yaw = np.array([frame.yaw for frame in usable])
    mouth = np.array([frame.mouth_opening for frame in usable])
    baseline = Baseline(
        yaw=float(np.median(yaw)),
        eye_opening=float(np.median([frame.eye_opening for frame in usable])),
        mouth_opening=float(np.median(mouth)),
    )
    if abs(baseline.yaw) > FRONTAL_YAW or abs(np.median([frame.pitch for frame in usable])) > FRONTAL_PITCH:
        return None
    if _spread(yaw) > STEADY_YAW or _spread(mouth) > STEADY_MOUTH:
        return None
    if first and (
        abs(baseline.yaw - first.yaw) > NEAR_YAW
        or baseline.mouth_opening > first.mouth_opening + NEAR_MOUTH
        or baseline.eye_opening < NEAR_EYES * first.eye_opening
    ):
        return None
    return baseline


def _usable(frame: Observation) -> bool:
    return (
        frame.faces == 1
        and frame.yaw is not None
        and frame.eye_opening is not None
        and frame.mouth_opening is not None
        and quality.advice(frame)
        in (None, Reason.NOT_FRONTAL)  # frontal enough is judged here, to each his own
    )


def _spread(values: np.ndarray) -> float:
    low, high = np.percentile(values, [10, 90])
    return float(high - low)


def strength(action: Action, frame: Observation, baseline: Baseline) -> float | None:
    """How far `frame` shows `action`, 1.0 at the threshold, 0 at rest; None without a face."""
    if frame.yaw is None or frame.eye_opening is None or frame.mouth_opening is None:
        return None
    match action:
        case Action.TURN_LEFT:
            return (frame.yaw - baseline.yaw) / TURN_DEGREES
        case Action.TURN_RIGHT:
            return (baseline.yaw - frame.yaw) / TURN_DEGREES
        case Action.OPEN_MOUTH:
            return (frame.mouth_opening - baseline.mouth_opening) / MOUTH_RISE
        case Action.CLOSE_EYES:
            return (1 - frame.eye_opening / max(baseline.eye_opening, 1e-6)) / (1 - EYE_SHARE)


def answer(
    prompt: Prompt,
    frames: Sequence[Observation],
    baseline: Baseline,
    forgiven: Action | None = None,
) -> Answer:
    """What became of an issued prompt, from all `frames` of the capture so far.

    Only frames received after the prompt was issued count, and of these only those whose
    camera time, put on the server's clock by the arrivals of before, is after it too.
    `forgiven` is the action answered just before: people repeat it, and that is not held
    against them.
    """
    offset = clock_offset([frame for frame in frames if frame.received <= prompt.issued])
    deadline = prompt.issued + prompt.limit + GRACE_SECONDS
    shown = [
        frame
        for frame in frames
        if prompt.issued < frame.received <= deadline and frame.time + offset > prompt.issued
    ]
    asked = _made(prompt.action, shown, baseline, 1.0)
    others = [
        made
        for action in Action
        if action not in (prompt.action, forgiven)
        and (made := _made(action, shown, baseline, OTHER)) is not None
    ]
    first_other = min((made.reached for made in others), default=None)
    if first_other is not None and (asked is None or first_other < asked.reached):
        return Answer(Outcome.WRONG, received=shown[first_other].received)
    if asked is None or asked.decided is None:
        return Answer(Outcome.OPEN)
    return Answer(
        Outcome.ANSWERED,
        received=shown[asked.decided].received,
        started=shown[asked.rest].time,
        ended=shown[asked.furthest].time,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """Frame numbers: last at rest, threshold held, furthest point, decided (None: still going on)."""

    rest: int
    reached: int
    furthest: int
    decided: int | None


def _made(action: Action, frames: Sequence[Observation], baseline: Baseline, least: float) -> _Made | None:
    strengths = [strength(action, frame, baseline) for frame in frames]
    held: Callable[[int, int], bool] = (
        (lambda begin, now: frames[now].time - frames[begin].time >= EYES_SECONDS)
        if action is Action.CLOSE_EYES
        else (lambda begin, now: now - begin + 1 >= MOVE_FRAMES)
    )
    rest = begin = None
    for now, value in enumerate(strengths):
        if value is None or value < (least if begin is None else KEPT * least):
            begin = None
            if value is not None and value < ONSET:
                rest = now
            continue
        if rest is None:  # began before the prompt
            continue
        begin = now if begin is None else begin
        if held(begin, now):
            if action in TURNS:
                return _follow_turn(frames, strengths, rest, now)
            return _Made(rest, now, now, now)
    return None


def _follow_turn(
    frames: Sequence[Observation], strengths: Sequence[float | None], rest: int, reached: int
) -> _Made:
    furthest = reached
    for now in range(rest, -1, -1):  # parallax wants the whole swing: from where the head stood still
        if frames[reached].time - frames[now].time > SWING_SECONDS:
            break
        if strengths[now] is not None and strengths[now] < strengths[rest]:
            rest = now
        if strengths[rest] < STILL:
            break
    for now in range(reached, len(frames)):
        value = strengths[now]
        if value is not None and value > strengths[furthest]:
            furthest = now
        returned = value is not None and (strengths[furthest] - value) * TURN_DEGREES >= RETURN_DEGREES
        if returned or frames[now].time - frames[reached].time >= HOLD_SECONDS:
            return _Made(rest, reached, furthest, now)
    return _Made(rest, reached, furthest, None)


def baseline_before(challenge: Challenge, frames: Sequence[Observation], issued: float) -> Baseline | None:
    """The neutral face a prompt issued at `issued` was judged against, found again from the frames."""
    times = [prompt.issued for prompt in challenge.prompts if prompt.issued is not None]
    first_issued = min((time for time in times if time > challenge.opened), default=issued)
    first = settle([frame for frame in frames if frame.received <= first_issued])
    if issued <= first_issued:
        return first
    return settle([frame for frame in frames if frame.received <= issued], first)


def since_opened(challenge: Challenge, frames: Sequence[Observation]) -> list[Observation]:
    """The frames that count: those received since the session was last opened."""
    return [frame for frame in frames if frame.received > challenge.opened]


def answers(challenge: Challenge, frames: Sequence[Observation]) -> list[tuple[Prompt, Answer]]:
    """Each prompt that stands as answered, with its answer found again from the frames."""
    counted = since_opened(challenge, frames)
    found = []
    previous = None
    for prompt in challenge.prompts:
        if prompt.lapsed or prompt.issued is None or prompt.answered is None:
            continue
        baseline = baseline_before(challenge, counted, prompt.issued)
        result = answer(prompt, counted, baseline, previous) if baseline else Answer(Outcome.OPEN)
        found.append((prompt, result))
        previous = prompt.action
    return found


def answered_turns(
    challenge: Challenge, frames: Sequence[Observation], turns: Sequence[Parallax]
) -> list[Parallax]:
    """What was measured of the turns that answered a prompt."""
    spans = [
        (result.started, result.ended)
        for prompt, result in answers(challenge, frames)
        if prompt.action in TURNS and result.outcome is Outcome.ANSWERED
    ]
    return [
        turn for turn in turns for started, ended in spans if turn.started < ended and turn.ended > started
    ]


def judge_actions(challenge: Challenge, frames: Sequence[Observation]) -> Voice:
    """Were both prompts answered, in time and order, as the frames show? Value: how many, 0 to 2."""
    found = answers(challenge, frames)
    made = [
        prompt.action
        for prompt, result in found
        if result.outcome is Outcome.ANSWERED and result.received == prompt.answered
    ]
    value = float(len(made))
    wrong = sum(prompt.wrong for prompt in challenge.prompts)
    if wrong > MAXIMUM_WRONG or any(result.outcome is Outcome.WRONG for _, result in found):
        return Voice(value, Verdict.FAILED, Reason.WRONG_ACTION)
    one_of_each = len(made) == 2 and len(TURNS.intersection(made)) == 1
    standing = [prompt for prompt in challenge.prompts if not prompt.lapsed]
    if not one_of_each or len(standing) != 2:
        return Voice(value, Verdict.FAILED, Reason.PROMPT_LAPSED)
    return Voice(value, Verdict.PASSED)
