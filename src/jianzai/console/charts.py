"""Charts as numbers for SVG templates; beside each stands its table. No scripts, no inline styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jianzai.certification.models import CaptureSession
from jianzai.certification.queries import AreaProgress
from jianzai.faces.records import from_json
from jianzai.faces.types import Challenge, Observation, Observations

WIDTH = 640
"""Units of the drawings' own coordinates."""

STATUSES = ("certified", "due", "overdue", "held", "paused")
_LEFT, _TOP, _TURN_HEIGHT = 44, 14, 170
_BAR, _GAP, _LABEL = 22, 10, 130
_MOST_YAW = 45.0  # degrees shown


@dataclass(frozen=True, slots=True)
class Span:
    """A prompt on the time axis: ``x`` and ``width`` in units, times in seconds since the session opened."""

    x: float
    width: float
    action: str
    issued: float
    answered: float | None
    lapsed: bool

    @property
    def seconds(self) -> float | None:
        """How long the answer took."""
        return None if self.answered is None else self.answered - self.issued


@dataclass(frozen=True, slots=True)
class Second:
    """What was seen within one second of a capture; None where no face was found."""

    second: int
    frames: int
    faces: int  # most at once
    yaw_from: float | None
    yaw_to: float | None
    mouth: float | None  # widest opening over mouth width
    eyes: float | None  # narrowest lid gap over eye width


@dataclass(frozen=True, slots=True)
class HeadTurns:
    """The turning of the head over a capture, with what was asked when."""

    width: int
    height: int
    lines: list[str]  # points of polylines; a gap where no face was seen
    spans: list[Span]
    yaw_ticks: list[tuple[float, int]]  # y, degrees
    time_ticks: list[tuple[float, int]]  # x, seconds
    seconds: list[Second]


def head_turns(session: CaptureSession) -> HeadTurns:
    """Yaw of the head over the time of ``session``, on the server's clock."""
    seen = _on_server_clock(session)
    prompts = from_json(Challenge, session.challenge).prompts if session.challenge else ()
    asked = [prompt for prompt in prompts if prompt.issued is not None]
    end = max([time for time, _ in seen] + [prompt.answered or prompt.issued for prompt in asked] + [1.0])
    across = (WIDTH - _LEFT - 8) / end

    def x(time: float) -> float:
        return round(_LEFT + max(0.0, time) * across, 1)

    def y(yaw: float) -> float:
        middle = _TOP + _TURN_HEIGHT / 2
        return round(middle - max(-_MOST_YAW, min(_MOST_YAW, yaw)) / _MOST_YAW * _TURN_HEIGHT / 2, 1)

    lines: list[list[str]] = [[]]
    for time, one in seen:
        if one.yaw is None:
            lines.append([])
        else:
            lines[-1].append(f"{x(time)},{y(one.yaw)}")
    spans = []
    for place, prompt in enumerate(asked):
        later = asked[place + 1].issued if place + 1 < len(asked) else end
        until = prompt.answered if prompt.answered is not None else min(later, prompt.issued + prompt.limit)
        width = max(2.0, round(x(until) - x(prompt.issued), 1))
        spans.append(
            Span(x(prompt.issued), width, prompt.action, prompt.issued, prompt.answered, prompt.lapsed)
        )
    step = max(1, round(end / 8))
    return HeadTurns(
        WIDTH,
        _TOP + _TURN_HEIGHT + 26,
        [" ".join(line) for line in lines if len(line) > 1],
        spans,
        [(y(degrees), degrees) for degrees in (-40, -20, 0, 20, 40)],
        [(x(second), second) for second in range(0, int(end) + 1, step)],
        _by_second(seen),
    )


def _on_server_clock(session: CaptureSession) -> list[tuple[float, Observation]]:
    """Observations with their time on the server's clock.

    A batch arrives when its last frame has just been taken; the others lie before it as the camera says.
    """
    seen = []
    for batch in session.batches.all():
        frames = from_json(Observations, batch.observations).frames
        if frames:
            last = frames[-1].time
            seen += [(batch.received - (last - one.time), one) for one in frames]
    return seen


def _by_second(seen: Sequence[tuple[float, Observation]]) -> list[Second]:
    groups: dict[int, list[Observation]] = {}
    for time, one in seen:
        groups.setdefault(int(max(0.0, time)), []).append(one)
    rows = []
    for second, frames in sorted(groups.items()):
        yaws = [one.yaw for one in frames if one.yaw is not None]
        mouths = [one.mouth_opening for one in frames if one.mouth_opening is not None]
        eyes = [one.eye_opening for one in frames if one.eye_opening is not None]
        rows.append(
            Second(
                second,
                len(frames),
                max(one.faces for one in frames),
                min(yaws, default=None),
                max(yaws, default=None),
                max(mouths, default=None),
                min(eyes, default=None),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar."""

    status: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One area's bar, all parts together 100 %."""

    name: str
    y: int
    total: int
    percent: int  # certified
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class ProgressChart:
    width: int
    height: int
    label: int
    thickness: int
    bars: list[Bar]


def progress_chart(rows: Sequence[AreaProgress], names: dict[str, str]) -> ProgressChart:
    """How far each area is, as one bar each."""
    room = WIDTH - _LABEL - 52
    bars = []
    for place, row in enumerate(rows):
        parts, at = [], float(_LABEL)
        for status in STATUSES:
            count = getattr(row, status)
            width = room * count / row.total if row.total else 0.0
            if count:
                parts.append(Part(status, count, round(at, 1), round(width, 1)))
            at += width
        percent = round(100 * row.certified / row.total) if row.total else 0
        bars.append(Bar(names[row.code], place * (_BAR + _GAP), row.total, percent, parts))
    return ProgressChart(WIDTH, max(1, len(bars)) * (_BAR + _GAP), _LABEL, _BAR, bars)
