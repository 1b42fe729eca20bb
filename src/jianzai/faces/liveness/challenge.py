"""What a person is asked to do, and how far they are with it.

Two actions in random order: one turn of the head, one of mouth or eyes; after them,
where the office wants it, colours of the screen (`light.py`). Nothing is kept between
calls but the challenge itself: `advance` reads the observations again each time, so any
process may take the next batch.

What chance a recording has that plays on whatever is asked, by actions alone
(`benchmarks/liveness.py chance`, 200 simulated sessions an order): two actions in a loop
19 % on average and 33 % in the best order of 12, four actions 20 % and 28 % of 24. The best
is the highest of many, so a little flattered. Redraws and the one pardoned slip cost this
much; `cadence` looks for loops, and `texture`, where the pack has it, for screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random, SystemRandom

from jianzai.faces import quality
from jianzai.faces.types import Action, Challenge, Light, Observation, Observations, Prompt, Reason

from .actions import (
    GRACE_SECONDS,
    MAXIMUM_WRONG,
    TURNS,
    Answer,
    Outcome,
    answer,
    baseline_before,
    settle,
    since_opened,
)
from .light import draw_light, end

LIMIT_SECONDS = 10.0
SLOW_LIMIT_SECONDS = 20.0
SESSION_SECONDS = 120.0  # from opening to the last answer, with everything in between
SLOW_SESSION_SECONDS = 240.0
MAXIMUM_REDRAWS = 3  # prompts that lapsed, were answered wrongly or were left by a reload
ADVICE_FRAMES = 8  # guidance speaks of the last second


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a session stands after a batch.

    `prompt` is the open one, to be shown; None while the person settles, and at the end.
    `answered` is the action completed in this batch: the page plays its sound.
    `turn` is the span of camera time, in seconds, in which an answered turn was made: the
    caller measures parallax over its frames (`parallax.measure`) and keeps the result.
    `guidance` is what hinders most right now, None when nothing does.
    `light`: the colours to be shown now.
    `complete`: both answered and all colours shown, judge now. `over`: no more prompts, lead the person
    to help.
    """

    challenge: Challenge
    prompt: Prompt | None = None
    answered: Action | None = None
    turn: tuple[float, float] | None = None
    guidance: Reason | None = None
    light: Light | None = None
    complete: bool = False
    over: bool = False


def draw(
    random: Random | None = None, slow: bool = False, allowed: Iterable[Action] = tuple(Action)
) -> Challenge:
    """A new challenge. `slow` gives more time, never fewer actions.

    `random` is the system's generator unless a test injects its own; `allowed` restricts
    what is drawn (a replayed clip shows only what is in it).
    Raises ValueError unless a turn and one of mouth or eyes are allowed.
    """
    allowed = tuple(action for action in Action if action in frozenset(allowed))
    prompts = _draw_prompts(random or SystemRandom(), slow, allowed, answered=None)
    return Challenge(prompts, slow, allowed)


def reopen(challenge: Challenge, now: float, random: Random | None = None) -> Challenge:
    """The challenge after the page was loaded again: what was shown is void and everything is drawn anew.

    A reload starts a new stretch of camera time, which nothing ties to the old one, so
    answers of before do not count. Prompts never shown leave no trace; the others count
    as redraws, so that reloading is no way to choose one's prompt.
    """
    shown = tuple(replace(prompt, lapsed=True) for prompt in challenge.prompts if prompt.issued is not None)
    random = random or SystemRandom()
    prompts = _draw_prompts(random, challenge.slow, challenge.allowed, answered=None)
    light = challenge.light
    if light is not None and light.colours:
        light = draw_light(random, light.required)
    return replace(challenge, prompts=shown + prompts, opened=now, light=light)


def _draw_prompts(
    random: Random, slow: bool, allowed: Sequence[Action], answered: Action | None
) -> tuple[Prompt, ...]:
    turns = [action for action in allowed if action in TURNS]
    others = [action for action in allowed if action not in TURNS]
    if not turns or not others:
        raise ValueError("a challenge needs a turn of the head and one of mouth or eyes to draw from")
    kinds = [turns, others]
    if answered is None:
        random.shuffle(kinds)
    else:
        kinds = [others] if answered in TURNS else [turns]
    limit = SLOW_LIMIT_SECONDS if slow else LIMIT_SECONDS
    return tuple(Prompt(random.choice(kind), limit) for kind in kinds)


def advance(
    challenge: Challenge, observations: Observations, now: float, random: Random | None = None
) -> Progress:
    """Where the session stands at `now` (server clock, seconds since it opened), with all observations.

    Pure but for `random`. Call it after each batch, before the next one is taken, and store
    the challenge it returns in the same transaction. A prompt is issued at `now` once a
    steady frontal face was seen for a second; the next batch may answer it.
    """
    random = random or SystemRandom()
    frames = since_opened(challenge, observations.frames)
    answered = turn = None
    prompt = _open(challenge)
    if prompt is not None and prompt.issued is not None:
        result = _look(challenge, prompt, frames)
        if result.outcome is Outcome.ANSWERED:
            challenge = _replace(challenge, prompt, replace(prompt, answered=result.received))
            answered = prompt.action
            turn = (result.started, result.ended) if answered in TURNS else None
        elif result.outcome is Outcome.WRONG or now > prompt.issued + prompt.limit + GRACE_SECONDS:
            wrong = result.outcome is Outcome.WRONG
            challenge = _redraw(challenge, replace(prompt, lapsed=True, wrong=wrong), random)
    prompt = _open(challenge)
    over = prompt is not None and _is_over(challenge, now)
    if prompt is not None and not over and prompt.issued is None and answered is None:
        first = _first_baseline(challenge, frames)
        if settle(frames, first):
            issued = replace(prompt, issued=now)
            challenge, prompt = _replace(challenge, prompt, issued), issued
    if prompt is None and answered is None:
        challenge = replace(challenge, light=_lit(challenge, frames, now))
    light = challenge.light if prompt is None and _is_awaited(challenge.light) else None
    return Progress(
        challenge=challenge,
        prompt=prompt if prompt is not None and prompt.issued is not None and not over else None,
        answered=answered,
        turn=turn,
        guidance=None if (prompt is None and light is None) or over else _guidance(prompt, frames),
        light=light if light is not None and light.issued is not None else None,
        complete=prompt is None and light is None,
        over=over,
    )


def _lit(challenge: Challenge, frames: Sequence[Observation], now: float) -> Light | None:
    """The light after all actions: issued once the face is back at rest, ended when it was shown."""
    light = challenge.light
    if not _is_awaited(light):
        return light
    if light.issued is not None:
        return end(light, frames, now)
    if _is_late(challenge, now):  # nobody waits for it for ever
        return replace(light, ended=now)
    return replace(light, issued=now) if settle(frames, _first_baseline(challenge, frames)) else light


def _is_awaited(light: Light | None) -> bool:
    return light is not None and bool(light.colours) and light.ended is None


def _open(challenge: Challenge) -> Prompt | None:
    return next((p for p in challenge.prompts if p.answered is None and not p.lapsed), None)


def _replace(challenge: Challenge, old: Prompt, new: Prompt) -> Challenge:
    return replace(challenge, prompts=tuple(new if prompt is old else prompt for prompt in challenge.prompts))


def _redraw(challenge: Challenge, lapsed: Prompt, random: Random) -> Challenge:
    """Everything not yet answered drawn anew; what lapsed stays as a record."""
    kept = tuple(p for p in challenge.prompts if p.answered is not None or p.lapsed) + (lapsed,)
    answered = _standing(challenge)
    drawn = _draw_prompts(random, challenge.slow, challenge.allowed, answered)
    return replace(challenge, prompts=kept + drawn)


def _standing(challenge: Challenge) -> Action | None:
    """The action answered already, if any."""
    return next((p.action for p in challenge.prompts if p.answered is not None and not p.lapsed), None)


def _look(challenge: Challenge, prompt: Prompt, frames: Sequence[Observation]) -> Answer:
    baseline = baseline_before(challenge, frames, prompt.issued)
    if baseline is None:  # frames the prompt was issued on are gone
        return Answer(Outcome.OPEN)
    return answer(prompt, frames, baseline, forgiven=_standing(challenge))


def _first_baseline(challenge: Challenge, frames: Sequence[Observation]):
    times = [p.issued for p in challenge.prompts if p.issued is not None and p.issued > challenge.opened]
    return baseline_before(challenge, frames, min(times)) if times else None


def _is_over(challenge: Challenge, now: float) -> bool:
    lapsed = [prompt for prompt in challenge.prompts if prompt.lapsed]
    return (
        len(lapsed) > MAXIMUM_REDRAWS
        or sum(prompt.wrong for prompt in lapsed) > MAXIMUM_WRONG
        or _is_late(challenge, now)
    )


def _is_late(challenge: Challenge, now: float) -> bool:
    return now - challenge.opened > (SLOW_SESSION_SECONDS if challenge.slow else SESSION_SECONDS)


def _guidance(prompt: Prompt | None, frames: Sequence[Observation]) -> Reason | None:
    """What at least half of the last second's frames complain of; a head that was asked to turn may."""
    recent = frames[-ADVICE_FRAMES:]
    complaints = [quality.advice(frame) for frame in recent]
    if prompt is not None and prompt.issued is not None:
        complaints = [None if reason is Reason.NOT_FRONTAL else reason for reason in complaints]
    counts = {reason: complaints.count(reason) for reason in complaints if reason is not None}
    if not counts:
        return None
    reason = max(counts, key=counts.get)
    return reason if counts[reason] * 2 >= len(recent) else None
