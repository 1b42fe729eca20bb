"""Groups of trials, none of them of so few people that somebody could be told apart. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jianzai.faces.evaluation import Rate, rate

LEAST = 10  # people in a cell
REST = ""  # the group of all that were too small


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that could go wrong for a person, and whether it did."""

    person: int
    wrong: bool
    groups: tuple[str, ...]  # one for each dimension


@dataclass(frozen=True, slots=True)
class Cell:
    """A group of trials of at least LEAST people."""

    group: str  # REST for those folded together
    people: int
    rate: Rate


def cells(trials: Iterable[tuple[int, bool, str]]) -> tuple[Cell, ...]:
    """The groups of ``trials`` (person, whether it went wrong, group), in their order, the rest last.

    A group of fewer than LEAST people is folded into the rest. Where the rest would hold fewer itself, what
    is missing from the total would tell of them: the smallest group that was large enough goes with it.
    Nothing where all together are too few.
    """
    people: dict[str, set[int]] = {}
    counts: dict[str, list[int]] = {}
    for person, wrong, group in trials:
        people.setdefault(group, set()).add(person)
        count = counts.setdefault(group, [0, 0])
        count[0] += wrong
        count[1] += 1
    by_size = sorted(people, key=lambda group: (len(people[group]), group))
    folded: list[str] = []
    together: set[int] = set()
    for group in by_size:
        if len(people[group]) >= LEAST and (not folded or len(together) >= LEAST):
            break
        folded.append(group)
        together |= people[group]
    if folded and len(together) < LEAST:
        return ()
    shown = [_cell(group, people[group], [counts[group]]) for group in sorted(set(people) - set(folded))]
    if folded:
        shown.append(_cell(REST, together, [counts[group] for group in folded]))
    return tuple(shown)


def _cell(group: str, people: set[int], counts: Sequence[Sequence[int]]) -> Cell:
    return Cell(group, len(people), rate(sum(one[0] for one in counts), sum(one[1] for one in counts)))
