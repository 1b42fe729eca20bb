"""Writes docs/liveness.md from the sessions of ``benchmarks/attacks.py``: every number is counted from them.

python scripts/liveness.py FOLDER     (sessions in FOLDER/sessions.json; `make attacks` calls it)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from jianzai.faces.evaluation import rate

DOCUMENT = Path(__file__).parents[1] / "docs" / "liveness.md"
HEAD = Path(__file__).with_name("liveness_head.md")
GOAL = 0.05  # APCER of the worst kind, and BPCER, at most
TEXTURE = frozenset({"texture"})
PICTURED = "_"  # in the name of somebody of whom there are press photographs only
FILM = "a film"  # how the cost begins of what needs more than a photograph


def main() -> None:
    report = json.loads((Path(sys.argv[1]) / "sessions.json").read_text(encoding="utf-8"))
    sessions = report["sessions"]
    unseen = [one for one in sessions if not one["tuned"]]
    seen = [one for one in sessions if one["tuned"]]
    played = [one for one in sessions if one["kind"] == "genuine"]
    people = {one["name"]: one["tuned"] for one in report["people"]}
    DOCUMENT.write_text(
        HEAD.read_text(encoding="utf-8").format(
            on=report["on"],
            pack=report["pack"],
            cpu_minutes=round(report["cpu_seconds"] / 60),
            pictured=sum(PICTURED in name for name in people),
            tuned=_names(name for name, tuned in people.items() if tuned),
            reported=_names(name for name, tuned in people.items() if not tuned),
            words=_words(report, unseen),
            opened=_opened(report, unseen),
            presented=_species(report, unseen, "presented"),
            injected=_species(report, unseen, "injected"),
            unanswered=sum(not one["complete"] for one in played),
            played=len(played),
            genuine=_genuine(unseen),
            voices=_voices(report, unseen),
            tuned_tables="\n\n".join(
                [_species(report, seen, "presented"), _species(report, seen, "injected"), _genuine(seen)]
            ),
            presentations=_table(
                ["picture", "of", "texture networks: share of a live face"],
                [
                    [file, what, "no networks" if share is None else f"{share:.2f}"]
                    for file, what, share in report["presentations"]
                ],
            ),
        ),
        encoding="utf-8",
    )


def _names(names: Iterable[str]) -> str:
    """Recordings by name; people in press photographs by their number."""
    names = list(names)
    pictured = sum(PICTURED in name for name in names)
    said = "; ".join(name for name in names if PICTURED not in name)
    return f"{said}; and the {pictured} in press photographs" if pictured else said


def _table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _share(errors: int, trials: int) -> str:
    found = rate(errors, trials)
    return (
        f"{errors} of {trials}: {100 * found.share:.0f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"
    )


def _stopped_by(session: dict, silent: frozenset[str] = frozenset()) -> set[str]:
    """The voices that fail it or leave it to a clerk."""
    return {
        name
        for name, (verdict, _) in session["voices"].items()
        if verdict in ("failed", "undecided") and name not in silent
    }


def _passed(sessions: list[dict], silent: frozenset[str] = frozenset()) -> int:
    return sum(not _stopped_by(one, silent) for one in sessions)


def _of(species: dict, sessions: list[dict]) -> list[dict]:
    return [one for one in sessions if one["kind"] == species["name"] and one["loads"] == species["loads"]]


def _answered(sessions: list[dict]) -> list[dict]:
    return [one for one in sessions if one["kind"] == "genuine" and one["complete"]]


def _words(report: dict, sessions: list[dict]) -> str:
    presented = {
        one["name"]: found
        for one in report["species"]
        if one["loads"] == "presented" and (found := _of(one, sessions))
    }
    lines = []
    for silent, how in ((frozenset(), "With all voices"), (TEXTURE, "Without the texture networks")):
        worst = max(presented, key=lambda name: _passed(presented[name], silent) / len(presented[name]))
        wrong, trials = _passed(presented[worst], silent), len(presented[worst])
        genuine = _answered(sessions)
        stopped = len(genuine) - _passed(genuine, silent)
        met = wrong <= GOAL * trials and stopped <= GOAL * len(genuine)
        what = f"The attack shown to a camera that passes most often, {worst}, passes in"
        goal = "met, as far as so few sessions tell" if met else "missed"
        lines.append(
            f"**{how}.** {what} {_share(wrong, trials)}. Genuine people are not passed at once in "
            f"{_share(stopped, len(genuine))}. The goal, at most 5 % of either, is {goal}."
        )
    for loads, how in (("presented", "shown to a camera"), ("injected", "put in its place")):
        made = [one for one in report["species"] if one["loads"] == loads]
        photograph = [s for one in made if not one["cost"].startswith(FILM) for s in _of(one, sessions)]
        film = [s for one in made if one["cost"].startswith(FILM) for s in _of(one, sessions)]
        lines.append(
            f"**What an attacker has, {how}.** A photograph of the person passes, whatever is done to it, "
            f"in {_share(_passed(photograph), len(photograph))}; a film, however it is played, in "
            f"{_share(_passed(film), len(film))}."
        )
    return "\n\n".join(lines)


def _opened(report: dict, sessions: list[dict]) -> str:
    rows = []
    for species in report["species"]:
        found = _of(species, sessions)
        wrong, bare = _passed(found), _passed(found, TEXTURE)
        if bare:
            rows.append(
                [
                    f"{species['loads']}: {species['name']}",
                    f"{wrong} of {len(found)}",
                    f"{bare} of {len(found)}",
                    species["cost"],
                ]
            )
    if not rows:
        return "Nothing that was tried here passes; see what is not covered."
    return _table(["attack", "passes", "without texture networks", "what it takes"], rows)


def _species(report: dict, sessions: list[dict], loads: str) -> str:
    rows = []
    for species in report["species"]:
        found = _of(species, sessions)
        if species["loads"] == loads and found:
            rows.append(
                [
                    species["name"],
                    _share(_passed(found), len(found)),
                    _share(_passed(found, TEXTURE), len(found)),
                    str(sum(one["verdict"] == "undecided" for one in found)),
                    str(sum(one["verdict"] == "failed" for one in found)),
                    str(sum(one["complete"] for one in found)),
                ]
            )
    return _table(
        ["attack", "passed (APCER)", "without texture networks", "to a clerk", "refused", "answered all"],
        rows,
    )


def _genuine(sessions: list[dict]) -> str:
    answered = _answered(sessions)
    rows = []
    for condition in (*dict.fromkeys(one["loads"] for one in answered), "all"):
        group = [one for one in answered if condition in (one["loads"], "all")]
        rows.append(
            [
                condition,
                _share(len(group) - _passed(group), len(group)),
                _share(len(group) - _passed(group, TEXTURE), len(group)),
                str(sum(one["verdict"] == "failed" for one in group)),
            ]
        )
    return _table(["sessions", "not passed (BPCER)", "without texture networks", "of these refused"], rows)


def _voices(report: dict, sessions: list[dict]) -> str:
    names = list(sessions[0]["voices"])
    groups = {"genuine": _answered(sessions)} | {
        f"{one['loads']}: {one['name']}": _of(one, sessions) for one in report["species"]
    }
    rows = []
    for group, found in groups.items():
        stopped = [_stopped_by(one) for one in found]
        cells = []
        for name in names:
            alone = sum(voices == {name} for voices in stopped)
            cells.append(f"{sum(name in voices for voices in stopped)}{f' ({alone})' if alone else ''}")
        rows.append([group, str(len(found)), *cells])
    return _table(["", "sessions", *names], rows)


if __name__ == "__main__":
    main()
