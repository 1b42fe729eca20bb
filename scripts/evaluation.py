"""Writes docs/evaluation.md from the reports of ``jianzai evaluate``: every number in it is read from them.

python scripts/evaluation.py FOLDER     (FOLDER/report.json and report.md; `make evaluation` calls it)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jianzai.faces.models import packs

DOCUMENT = Path(__file__).parents[1] / "docs" / "evaluation.md"
GOALS = {  # goal: by pack, at most (accuracy: at least)
    "pair list of LFW, told rightly, at least": {"recommended": 0.996, "embedded": 0.994},
    "FNMR at FMR 1e-4, at most": {"recommended": 0.012, "embedded": 0.022},
    "FNMR at FMR 1e-4, two pictures a side, at most": {"recommended": 0.0015, "embedded": 0.0015},
    "FMR of old strangers of the same sex at the pack's threshold, at most": {
        "recommended": 1e-4,
        "embedded": 1e-4,
    },
    "FNMR at the pack's threshold, at most": {"recommended": 0.015, "embedded": 0.04},
}
HEAD = Path(__file__).with_name("evaluation_head.md")


def main() -> None:
    folder = Path(sys.argv[1])
    report = json.loads((folder / "report.json").read_text())
    engines = {one["engine"]: one for one in report["engines"]}
    told = {name: engines[name] for name in packs() if name in engines}
    words, goals = "\n\n".join(_words(name, one) for name, one in told.items()), _goals(told)
    text = HEAD.read_text(encoding="utf-8").format(
        on=report["on"],
        asian=f"{_of(_scoring(next(iter(told.values()))), 'strangers', 'asian, same sex')['trials']:,}",
        words=words,
        goals=goals,
        one="\n\n".join(_one_threshold(name, one) for name, one in told.items()),
        usual=_beside_the_usual(engines),
        advice="\n\n".join(_advice(name, one) for name, one in told.items()),
    )
    text += (folder / "report.md").read_text()
    DOCUMENT.write_text(text, encoding="utf-8")
    print(f"{words}\n\n{goals}\n\nAll of it: docs/{DOCUMENT.name}")


def _beside_the_usual(engines: dict[str, dict]) -> str:
    """Each engine by its own threshold, and at one rate of strangers."""
    lines = [
        "| engine | pair list | FNMR at FMR 1e-4 | its threshold | rightful refused | old strangers let in |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, engine in engines.items():
        scoring = engine["scorings"][-1]
        miss = next(one for one in scoring["misses"] if one["fmr"] == 1e-4)["figure"]
        lines.append(
            f"| {name}, {scoring['kind']} | {scoring['accuracy']['share']:.2%} "
            f"| {_percent(_share(miss['rate']))} ({_counts(miss['rate'])}) | {scoring['point']['same']:.3f} "
            + "".join(
                f"| {_percent(_share(found))} ({_counts(found)}) "
                for found in (
                    _of(scoring, "at_point", "rightful, refused"),
                    _of(scoring, "strangers", "same sex"),
                )
            )
            + "|"
        )
    return "\n".join(lines)


def _counts(found: dict) -> str:
    return f"{found['errors']:,} of {found['trials']:,}"


def _advice(name: str, engine: dict) -> str:
    """How often pairs are refused of which advice would have stopped a picture, and the others."""
    rows = _scoring(engine)["advised"]
    told = [
        f"{one['what'].replace('_', ' ')} {_percent(_share(one['rate']))} ({_counts(one['rate'])})"
        for one in sorted(rows, key=lambda one: -_share(one["rate"]))
        if one["what"] != "none"
    ]
    plain = _of(_scoring(engine), "advised", "none")
    return (
        f"With the {name} pack, of pairs of which one picture would have met advice are refused: "
        f"{', '.join(told)}; of those in which neither would have: "
        f"{_percent(_share(plain))} ({_counts(plain)})."
    )


def _scoring(report: dict, kind: str = "normalised") -> dict:
    return next(one for one in report["scorings"] if one["kind"] == kind)


def _of(scoring: dict, rows: str, what: str) -> dict:
    return next(one["rate"] for one in scoring[rows] if one["what"] == what)


def _share(found: dict) -> float:
    return found["errors"] / found["trials"]


def _words(name: str, report: dict) -> str:
    scoring = _scoring(report)
    strangers, refused, below = (
        _of(scoring, "strangers", "same sex"),
        _of(scoring, "at_point", "rightful, refused"),
        _of(scoring, "at_point", "rightful, below the grey zone"),
    )
    return (
        f"With the {name} pack, of 10,000 strangers of her sex, 60 and older, who try, "
        f"{1e4 * _share(strangers):.1f} get in (95 %: {1e4 * strangers['low']:.1f} to "
        f"{1e4 * strangers['high']:.1f}). Of 1,000 rightful people with one picture a side, "
        f"{1e3 * _share(refused):.0f} are not let in at once; {1e3 * _share(below):.0f} of them must try "
        "again, the others go to a clerk."
    )


def _goals(told: dict[str, dict]) -> str:
    lines = ["| goal | pack | goal | measured | counts, 95 % | |", "| --- | --- | --- | --- | --- | --- |"]
    for goal, by_pack in GOALS.items():
        for name, report in told.items():
            if goal.startswith("pair list"):
                best = max((one["accuracy"] for one in report["scorings"]), key=lambda one: one["share"])
                met, shown = best["share"] >= by_pack[name], f"{best['share']:.3%}"
                counts = f"{best['pairs']:,} pairs, standard error {best['error']:.3%}"
            elif found := _measured(goal, report):
                met, shown = _share(found) <= by_pack[name], _percent(_share(found))
                counts = f"{_counts(found)}; {_percent(found['low'])} to {_percent(found['high'])}"
            else:
                met, shown, counts = False, "not measurable", ""
            lines.append(
                f"| {goal} | {name} | {_percent(by_pack[name])} | {shown} | {counts} "
                f"| {'met' if met else 'missed'} |"
            )
    return "\n".join(lines)


def _measured(goal: str, report: dict) -> dict | None:
    """A rate: the better of both kinds of score where the goal does not say which."""
    scorings = report["scorings"]
    if "1e-4, two pictures" in goal or goal.startswith("FNMR at FMR"):
        rows = "pooled" if "two pictures" in goal else "misses"
        found = [miss["figure"] for one in scorings for miss in one[rows] if miss["fmr"] == 1e-4]
        return min((one["rate"] for one in found if one), key=_share, default=None)
    scoring = _scoring(report)
    if goal.startswith("FMR of old"):
        return _of(scoring, "strangers", "same sex")
    return _of(scoring, "at_point", "rightful, refused")


def _percent(value: float) -> str:
    return f"{value:.2%}" if value >= 1e-3 else f"{value:.2e}"


def _one_threshold(name: str, report: dict) -> str:
    rows = {one["what"]: one["rate"] for one in _scoring(report, "raw")["strangers_at_press"]}
    normalised = {one["what"]: one["rate"] for one in _scoring(report)["strangers_at_press"]}
    lines = [
        f"{name}: the threshold at which 1 in 10,000 strangers of the press photographs passes lets in",
        "",
        "| of strangers of 60 and more | raw scores | normalised |",
        "| --- | --- | --- |",
    ]
    for what in ("all", "same sex", "80 to 89 years, same sex", "asian, same sex", "black, same sex"):
        cells = [
            f"{_percent(_share(each[what]))} ({each[what]['errors']:,} of {each[what]['trials']:,})"
            for each in (rows, normalised)
        ]
        lines.append(f"| {what} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
