"""Groups of trials, none of them of so few people that somebody could be told apart. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from jianzai.faces.evaluation import Rate, rate

LEAST = 10  # people in a cell
REST = ""  # the group of all that were too small


@dataclass(frozen=True, slots=True)
class Group:
    """Trials of one kind: things that could go wrong for people, and how many of them did."""

    name: str
    people: int
    trials: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A group of trials of at least LEAST people."""

    group: str  # REST for those folded together
    people: int
    rate: Rate


def cells(groups: Iterable[Group], people: Callable[[Sequence[str]], int]) -> tuple[Cell, ...]:
    """The ``groups`` in the order of their names, the rest last; ``people`` counts those of several together.

    A group of fewer than LEAST people is folded into the rest. Where the rest would hold fewer itself, what
    is missing from the total would tell of them: the smallest group that was large enough goes with it.
    Nothing where all together are too few.
    """
    by_size = sorted(groups, key=lambda group: (group.people, group.name))
    folded = [group for group in by_size if group.people < LEAST]
    shown = by_size[len(folded) :]
    together = people([group.name for group in folded]) if folded else 0
    if folded and together < LEAST:
        if not shown:
            return ()
        folded.append(shown.pop(0))
        together = people([group.name for group in folded])
    shown.sort(key=lambda group: group.name)
    found = [_cell(group.name, group.people, [group]) for group in shown]
    if folded:
        found.append(_cell(REST, together, folded))
    return tuple(found)


def _cell(name: str, people: int, groups: Sequence[Group]) -> Cell:
    wrong, trials = sum(group.wrong for group in groups), sum(group.trials for group in groups)
    return Cell(name, people, rate(wrong, trials))
