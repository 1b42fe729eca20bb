"""Attempts, cases and certifications read as trials, and counted."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from jianzai.clock import today
from jianzai.faces.evaluation import Rate
from jianzai.faces.evaluation.rates import AGES
from jianzai.faces.types import Decision, Reason
from jianzai.registry.access import within
from jianzai.registry.models import Staff

from ..models import Attempt, Certification, Cycle, ReviewCase
from .folding import LEAST, Cell, Trial, cells

DIMENSIONS = ("age", "sex", "area", "counter", "way", "month")
CONFIRMED_WITHIN = 30  # days in which somebody refused shows by being certified that it was them
A_YEAR = timedelta(days=365)
_AT_HOME = "home"
_DISTRICT = 6  # digits of an area's code

# Which voice gives which reason. Two that look for the same thing share one.
VOICE_OF = {
    Reason.PROMPT_LAPSED: "actions",
    Reason.WRONG_ACTION: "actions",
    Reason.BAD_TIMES: "cadence",
    Reason.REPEATED_FRAMES: "cadence",
    Reason.TOO_SHORT: "cadence",
    Reason.FLAT: "parallax",  # and shading
    Reason.FACE_CHANGED: "continuity",
    Reason.SEVERAL_FACES: "continuity",
    Reason.TEXTURE: "texture",  # and screen
    Reason.NO_LIGHT: "light",
    Reason.OTHER_LIGHT: "light",
    Reason.UNCERTAIN: "comparison",
}
_CLERKS = (ReviewCase.Kind.UNCERTAIN, ReviewCase.Kind.FAILED_ATTEMPT)


class NothingToTell(Exception):
    """Fewer than LEAST people were verified by face: ``people`` says how many."""

    def __init__(self, people: int):
        self.people = people
        super().__init__(str(people))


@dataclass(frozen=True, slots=True)
class Figures:
    """One thing that can go wrong: how often in all, among what it was, and by whom and where."""

    code: str
    total: Rate | None  # None where fewer than LEAST people had it at stake
    details: tuple[tuple[str, int], ...]  # what it was, the commonest first
    by: dict[str, tuple[Cell, ...]]  # of each dimension


@dataclass(frozen=True, slots=True)
class LiveReport:
    """What a deployment's attempts since a day say."""

    on: date
    since: date
    within: int  # days, see CONFIRMED_WITHIN
    people: int
    attempts: int
    figures: tuple[Figures, ...]


@dataclass(frozen=True, slots=True)
class _Attempt:
    person: int
    on: date
    cycle: int | None
    decision: str
    live: bool
    reasons: tuple[str, ...]
    compared: bool
    groups: tuple[str, ...]


def evaluate_live(
    since: date | None = None, within_days: int = CONFIRMED_WITHIN, staff: Staff | None = None
) -> LiveReport:
    """Count what went wrong in verifying people since a day, a year ago unless said.

    ``staff``: people of their area only. Raises NothingToTell where there are too few.
    """
    since = since or today() - A_YEAR
    attempts = _attempts(since, staff)
    people = len({one.person for one in attempts})
    if people < LEAST:
        raise NothingToTell(people)
    compared = [one for one in attempts if one.compared]
    first, confirmed = _first_tries(attempts, within_days)
    figures = (
        _figures(
            "another_way", first, lambda one: _otherwise(one, confirmed), lambda one: [confirmed[one][1]]
        ),
        _figures("first_try", first, _refused, lambda one: [confirmed[one][1]]),
        _figures("not_acquired", attempts, lambda one: not one.compared, lambda one: one.reasons[:1]),
        _figures("not_live", compared, _not_live, _voices),
        _figures("undecided", compared, lambda one: one.decision == Decision.UNCERTAIN, _voices),
        _cases(since, staff),
    )
    return LiveReport(today(), since, within_days, people, len(attempts), figures)


def _figures(
    code: str,
    trials: Sequence[_Attempt],
    wrong: Callable[[_Attempt], bool],
    what: Callable[[_Attempt], Sequence[str]],
) -> Figures:
    details = Counter(detail for one in trials if wrong(one) for detail in what(one))
    return _counted(code, [Trial(one.person, wrong(one), one.groups) for one in trials], details)


def _counted(code: str, trials: Sequence[Trial], details: Counter[str]) -> Figures:
    total = cells((one.person, one.wrong, code) for one in trials)
    if not total:
        return Figures(code, None, (), {})
    by = {
        dimension: cells((one.person, one.wrong, one.groups[place]) for one in trials)
        for place, dimension in enumerate(DIMENSIONS)
    }
    told = sorted(details.items(), key=lambda item: (-item[1], item[0]))
    return Figures(code, total[0].rate, tuple(told), {name: shown for name, shown in by.items() if shown})


def _refused(one: _Attempt) -> bool:
    return one.decision != Decision.SAME


def _otherwise(one: _Attempt, confirmed: dict[_Attempt, tuple[bool, str]]) -> bool:
    return _refused(one) and not confirmed[one][0]


def _not_live(one: _Attempt) -> bool:
    """Refused for liveness; what no voice could tell is undecided."""
    return not one.live and one.decision != Decision.UNCERTAIN and bool(_voices(one))


def _voices(one: _Attempt) -> list[str]:
    """What spoke against an attempt, each once."""
    found = dict.fromkeys(VOICE_OF[Reason(reason)] for reason in one.reasons if reason in VOICE_OF)
    if len(found) > 1:  # undecided for what a voice could not tell: the comparison itself was not
        found.pop("comparison", None)
    return list(found)


def _attempts(since: date, staff: Staff | None) -> list[_Attempt]:
    rows: QuerySet[Attempt] = Attempt.objects.filter(on__gte=since)
    if staff is not None:
        rows = within(staff, rows, field="person__area")
    cycles = sorted(Cycle.objects.values_list("opened", "pk"))
    opened = [each[0] for each in cycles]
    found = []
    for person, on, at, decision, live, reasons, score, channel, counter, born, sex, area in rows.values_list(
        "person_id",
        "on",
        "at",
        "decision",
        "live",
        "reasons",
        "comparison__score",
        "session__channel",
        "session__staff__area_id",
        "person__birth_date",
        "person__sex",
        "person__area_id",
    ).order_by("person_id", "pk"):
        place = bisect_right(opened, at)
        found.append(
            _Attempt(
                person,
                on,
                cycles[place - 1][1] if place else None,
                decision,
                live,
                tuple(reasons),
                score is not None,
                _groups(born, sex, area, counter, channel, on),
            )
        )
    return found


def _groups(born: date, sex: str, area: str, counter: str | None, channel: str, on: date) -> tuple[str, ...]:
    """The person's group in each of DIMENSIONS."""
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    band = next((f"{low}-{high}" for low, high in AGES if low <= age <= high), "?")
    return (band, sex, area[:_DISTRICT], counter or _AT_HOME, channel, f"{on:%Y-%m}")


def _first_tries(
    attempts: Sequence[_Attempt], within_days: int
) -> tuple[list[_Attempt], dict[_Attempt, tuple[bool, str]]]:
    """Each person's first live comparison in a cycle, where they were certified soon after.

    That they were certified says that it was them: each with whether by face, and how.
    """
    certified = {}
    since = min(one.on for one in attempts)
    for person, cycle, on, attempt, case, channel in Certification.objects.filter(on__gte=since).values_list(
        "person_id", "obligation__cycle_id", "on", "attempt_id", "evidence__case", "channel"
    ):
        by_face = attempt is not None and case is None
        how = channel if by_face or attempt is None else "clerk"
        certified[person, cycle] = (on, by_face, how)
    first: dict[tuple[int, int | None], _Attempt] = {}
    for one in attempts:
        if one.live and one.compared:
            first.setdefault((one.person, one.cycle), one)
    confirmed = {}
    for key, one in first.items():
        on, by_face, how = certified.get(key, (None, False, ""))
        if on is not None and 0 <= (on - one.on).days <= within_days:
            confirmed[one] = (by_face, how)
    return list(confirmed), confirmed


def _cases(since: date, staff: Staff | None) -> Figures:
    """What clerks made of the attempts they looked at: found to be the person, of those they decided."""
    rows = ReviewCase.objects.filter(kind__in=_CLERKS, attempt__on__gte=since)
    if staff is not None:
        rows = within(staff, rows, field="person__area")
    decided = (ReviewCase.State.APPROVED, ReviewCase.State.REJECTED)
    trials, details = [], Counter()
    for person, state, on, channel, counter, born, sex, area in rows.values_list(
        "person_id",
        "state",
        "attempt__on",
        "attempt__session__channel",
        "attempt__session__staff__area_id",
        "person__birth_date",
        "person__sex",
        "person__area_id",
    ):
        details[f"case_{state}"] += 1
        if state in decided:
            groups = _groups(born, sex, area, counter, channel, on)
            trials.append(Trial(person, state == ReviewCase.State.APPROVED, groups))
    return _counted("clerks", trials, details)
