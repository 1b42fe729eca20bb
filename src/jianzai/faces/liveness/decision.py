"""All voices and the comparison made one decision. Pure, cheap, and the same again years later."""

from __future__ import annotations

from dataclasses import dataclass

from jianzai.faces.comparison import anchored, similarity
from jianzai.faces.types import (
    Challenge,
    Comparison,
    Decision,
    Observations,
    Reason,
    Verification,
)

from .actions import judge_actions
from .cadence import judge_cadence
from .continuity import judge_continuity
from .light import judge_light
from .parallax import judge_parallax
from .screen import judge_screen
from .shading import judge_shading
from .texture import judge_texture
from .voice import Verdict, Voice


@dataclass(frozen=True, slots=True)
class JudgePolicy:
    """Thresholds of one pack; the engine fills them from `models.toml`."""

    pack: str
    raw_threshold: float  # of Comparison.score, -1..1, used without a cohort
    raw_grey: float  # so much below it a clerk decides
    normalised_threshold: float  # of Comparison.normalised, in deviations
    normalised_grey: float
    same_face: float  # score from which two frames of one capture surely show one face
    other_face: float  # score below which they surely do not
    minimum_cohort: int = 300
    drawn_threshold: float | None = None  # of Comparison.normalised by a drawn cohort; None: not used
    drawn_grey: float | None = None
    silent: tuple[str, ...] = ()  # names of the voices that are not asked


def judge(
    challenge: Challenge, observations: Observations, comparison: Comparison, policy: JudgePolicy
) -> Verification:
    """The decision of one attempt, from numbers alone.

    A voice that clearly fails makes the attempt not live, with its reason. A voice that
    cannot tell makes it uncertain, for a clerk, unless another person's face was shown.
    Raises ValueError when the three parts are not of the policy's pack: scores of
    different packs are never compared.
    """
    if {observations.pack, comparison.pack} != {policy.pack}:
        raise ValueError(
            f"judging {observations.pack} against {comparison.pack} with thresholds of {policy.pack}"
        )
    voices = listen(challenge, observations, comparison, policy)
    failed = _reasons(voices, Verdict.FAILED)
    undecided = _reasons(voices, Verdict.UNDECIDED)
    decision, similar = _compare(comparison, policy)
    reasons = failed + undecided
    if decision is Decision.NOT_SAME:
        reasons = (Reason.NOT_SAME,) + reasons
    elif not failed and (undecided or decision is Decision.UNCERTAIN):
        decision = Decision.UNCERTAIN
        reasons = (Reason.UNCERTAIN,) + reasons
    return Verification(
        decision=decision,
        live=not failed and not undecided,
        similarity=similar,
        reasons=tuple(dict.fromkeys(reasons)),
        voices={name: voice.value for name, voice in voices.items()},
    )


def listen(
    challenge: Challenge, observations: Observations, comparison: Comparison, policy: JudgePolicy
) -> dict[str, Voice]:
    """What every voice that is not silent says of a capture, by name."""
    frames = observations.frames
    asked = {
        "actions": lambda: judge_actions(challenge, frames),
        "cadence": lambda: judge_cadence(challenge, frames),
        "parallax": lambda: judge_parallax(challenge, frames, observations.turns),
        "shading": lambda: judge_shading(challenge, frames, observations.turns),
        "continuity": lambda: judge_continuity(
            challenge, frames, comparison, policy.same_face, policy.other_face
        ),
        "texture": lambda: judge_texture(challenge, frames),
        "screen": lambda: judge_screen(challenge, frames),
    }
    if challenge.light is not None:
        asked["light"] = lambda: judge_light(challenge, frames, comparison)
    return {name: ask() for name, ask in asked.items() if name not in policy.silent}


def _reasons(voices: dict[str, Voice], verdict: Verdict) -> tuple[Reason, ...]:
    return tuple(voice.reason for voice in voices.values() if voice.verdict is verdict and voice.reason)


def _compare(comparison: Comparison, policy: JudgePolicy) -> tuple[Decision, int]:
    if comparison.score is None:
        return Decision.NOT_SAME, 0
    if comparison.drawn and policy.drawn_threshold is not None:
        score, threshold, grey = comparison.normalised, policy.drawn_threshold, policy.drawn_grey
    elif comparison.normalised is not None and comparison.cohort >= policy.minimum_cohort:
        score, threshold, grey = comparison.normalised, policy.normalised_threshold, policy.normalised_grey
    else:
        score, threshold, grey = comparison.score, policy.raw_threshold, policy.raw_grey
    similar = similarity(score, threshold)
    if score >= threshold:
        return anchored(Decision.SAME, comparison, threshold - grey), similar
    return (Decision.UNCERTAIN if score >= threshold - grey else Decision.NOT_SAME), similar
