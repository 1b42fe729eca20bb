"""An evaluation as JSON, as Markdown and as one page of HTML that needs nothing else."""

from __future__ import annotations

import html
import json
import math
from dataclasses import asdict, dataclass
from datetime import date

from .clips import Clips
from .measuring import Measured
from .rates import DISCARDED, Discards, Figure, Miss, Scoring

_WIDTH, _HEIGHT, _EDGE = 640, 300, 46


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one engine did on one set of folders."""

    engine: str  # a pack, or the usual engine
    people: Measured | None
    strangers: Measured | None
    scorings: tuple[Scoring, ...]
    clips: Clips | None


@dataclass(frozen=True, slots=True)
class Report:
    """Several engines on the same folders, in one run."""

    on: date
    engines: tuple[Evaluation, ...]


def to_json(report: Report) -> str:
    """All counts and figures; pictures and clips that could not be used by name, and no other."""
    return json.dumps(
        {"on": report.on.isoformat(), "engines": [_engine(one) for one in report.engines]},
        ensure_ascii=False,
        indent=1,
    )


def _engine(evaluation: Evaluation) -> dict:
    return {
        "engine": evaluation.engine,
        "people": _acquired(evaluation.people) if evaluation.people else None,
        "strangers": _acquired(evaluation.strangers) if evaluation.strangers else None,
        "scorings": [_plain(asdict(one)) for one in evaluation.scorings],
        "clips": _plain(asdict(evaluation.clips)) if evaluation.clips else None,
    }


def _acquired(measured: Measured) -> dict:
    return {
        "pictures": len(measured.pictures),
        "people": len({one.person for one in measured.pictures}),
        "missed": {why: list(names) for why, names in sorted(measured.missed.items())},
    }


def _plain(value):
    """NaN is no JSON."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def to_markdown(report: Report) -> str:
    """The tables, under a heading of the second level for each engine."""
    parts = []
    for evaluation in report.engines:
        parts += [f"## {evaluation.engine}", _acquisition(report, evaluation)]
        if evaluation.clips:
            parts += [f"{title}\n\n{_markdown(head, rows)}" for title, head, rows in _clips(evaluation.clips)]
        for scoring in evaluation.scorings:
            parts.append(f"### Scores {scoring.kind}")
            parts += [f"{title}\n\n{_markdown(head, rows)}" for title, head, rows in _tables(scoring)]
    return "\n\n".join(parts) + "\n"


def to_html(report: Report) -> str:
    """One page without scripts: histograms and curves as SVG, each with its table."""
    parts = []
    for evaluation in report.engines:
        parts.append(f"<h1>{html.escape(evaluation.engine)}</h1>")
        parts.append(f"<p>{html.escape(_acquisition(report, evaluation))}</p>")
        for title, head, rows in _clips(evaluation.clips) if evaluation.clips else []:
            parts.append(f"<h3>{html.escape(title)}</h3>{_html_table(head, rows)}")
        for scoring in evaluation.scorings:
            parts.append(f"<h2>Scores {html.escape(scoring.kind)}</h2>")
            parts.append(_histogram(scoring))
            parts.append(_curve(scoring))
            for title, head, rows in [*_tables(scoring), _histogram_table(scoring), _curve_table(scoring)]:
                parts.append(f"<h3>{html.escape(title)}</h3>{_html_table(head, rows)}")
    style = (
        "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.2rem .6rem;text-align:right}"
        "td:first-child,th:first-child{text-align:left}svg{max-width:100%}"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(', '.join(one.engine for one in report.engines))}</title>"
        f"<style>{style}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _acquisition(report: Report, evaluation: Evaluation) -> str:
    told = []
    for name, measured in (("people", evaluation.people), ("strangers", evaluation.strangers)):
        if measured:
            acquired = _acquired(measured)
            lost = ", ".join(f"{len(files)} {why}" for why, files in acquired["missed"].items()) or "none"
            told.append(
                f"{name}: {acquired['pictures']:,} pictures of {acquired['people']:,} people; "
                f"failed to acquire: {lost}"
            )
    if found := evaluation.clips:
        told.append(f"clips: {found.clips:,} of {found.people:,} people")
    return f"{report.on.isoformat()}. {'. '.join(one[0].upper() + one[1:] for one in told)}."


def _tables(scoring: Scoring) -> list[tuple[str, list[str], list[list[str]]]]:
    point = scoring.point
    figures = ["", "share", "counts", "95 %, counts", "95 %, people"]
    tables = [
        (
            f"FNMR where strangers pass at a given FMR ({scoring.genuine_pairs:,} pairs of one person, "
            f"{scoring.impostor_pairs:,} of two)",
            ["FMR", "threshold", *figures[1:]],
            [_miss(one) for one in scoring.misses],
        ),
        (
            f"At the pack's threshold ({point.same:.3f}; grey zone from {point.uncertain:.3f})",
            figures,
            [_figure(one) for one in scoring.at_point],
        ),
    ]
    tables += [
        (f"Rightful, refused at that threshold; {name}", figures, [_figure(one) for one in rows])
        for name, rows in scoring.genuine_by.items()
    ]
    if scoring.advised:
        tables.append(
            (
                "Rightful, refused at that threshold; what advice one of the pictures would have met",
                figures,
                [_figure(one) for one in scoring.advised],
            )
        )
    if scoring.discards:
        tables.append(
            (
                "Error versus discard: rightful, refused at that threshold, without the worst pictures",
                ["measure", "worst are", *(f"{share:.0%} left out" for share in DISCARDED)],
                [_discard(one) for one in scoring.discards],
            )
        )
    if scoring.pooled:
        tables += [
            (
                "Two pictures a side, people with four or more: FNMR where strangers pass at a given FMR",
                ["FMR", "threshold", *figures[1:]],
                [_miss(one) for one in scoring.pooled],
            ),
            (
                "Two pictures a side, at the pack's threshold",
                figures,
                [_figure(one) for one in scoring.pooled_at_point],
            ),
        ]
    for title, rows in (
        ("Strangers folder, let in at that threshold", scoring.strangers),
        ("Strangers folder, let in where 1 in 10,000 of the folder of people is", scoring.strangers_at_press),
    ):
        if rows:
            tables.append((title, figures, [_figure(one) for one in rows]))
    if accuracy := scoring.accuracy:
        told = f"{accuracy.share:.4%} ± {accuracy.error:.4%}"
        rows = [[told, f"{accuracy.folds}", f"{accuracy.pairs:,}", f"{accuracy.left_out}"]]
        tables.append(
            ("Pair list, told rightly", ["share ± standard error", "folds", "pairs", "left out"], rows)
        )
    return tables


def _discard(one: Discards) -> list[str]:
    cells = [f"{found.share:.2%} ({found.errors:,} of {found.trials:,})" for found in one.rates]
    return [one.measure.replace("_", " "), one.worse, *cells]


def _clips(found: Clips) -> list[tuple[str, list[str], list[list[str]]]]:
    """Whom clips could not serve, and what became of the others compared with each other."""
    lost = [
        [f"{what}: {why}", f"{len(names):,} of {found.clips:,}"]
        for what, by_reason in (("no capture", found.not_captured), ("no reference", found.not_modelled))
        for why, names in sorted(by_reason.items())
    ]
    tables = [("Clips that failed", ["", "clips"], lost or [["none", f"0 of {found.clips:,}"]])]
    if found.figures:
        head = ["", "share", "counts", "95 %, counts"]
        rows = [_figure(one)[:4] for one in found.figures]
        tables.append(("Every clip compared with a reference made of each other", head, rows))
    return tables


def _miss(miss: Miss) -> list[str]:
    if miss.figure is None:
        return [f"{miss.fmr:g}", f"not measurable with {miss.pairs:,} pairs", "", "", "", ""]
    return [f"{miss.fmr:g}", f"{miss.threshold:.3f}", *_figure(miss.figure)[1:]]


def _figure(figure: Figure) -> list[str]:
    found = figure.rate
    share = f"{found.share:.2%}" if found.share >= 1e-3 else f"{found.share:.1e}"
    return [
        figure.what,
        share,
        f"{found.errors:,} of {found.trials:,}",
        f"{found.low:.1e} to {found.high:.1e}",
        "" if figure.low is None else f"{figure.low:.1e} to {figure.high:.1e}",
    ]


def _histogram_table(scoring: Scoring) -> tuple[str, list[str], list[list[str]]]:
    rows = [
        [f"{low:.3f} to {high:.3f}", f"{same:,}", f"{other:,}"]
        for low, high, same, other in zip(
            scoring.edges, scoring.edges[1:], scoring.genuine, scoring.impostor, strict=False
        )
    ]
    return "Scores, pairs", ["score", "one person", "two people"], rows


def _curve_table(scoring: Scoring) -> tuple[str, list[str], list[list[str]]]:
    return "DET curve", ["FMR", "FNMR"], [[f"{fmr:.2e}", f"{fnmr:.4f}"] for fmr, fnmr in scoring.curve]


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _html_table(head: list[str], rows: list[list[str]]) -> str:
    def line(cells: list[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"

    return f"<table>{line(head, 'th')}{''.join(line(cells, 'td') for cells in rows)}</table>"


def _histogram(scoring: Scoring) -> str:
    """Both kinds of pairs as shares of their own number, so that the few genuine ones are seen."""
    paths = []
    tallest = max(max(counts) / max(1, sum(counts)) for counts in (scoring.genuine, scoring.impostor))
    for counts, colour in ((scoring.impostor, "#b5452c"), (scoring.genuine, "#1d6b5c")):
        shares = [count / max(1, sum(counts)) / tallest for count in counts]
        steps = [
            (_x(place / len(shares)), _y(share))
            for number, share in enumerate(shares)
            for place in (number, number + 1)
        ]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(_x(0), _y(0)), *steps, (_x(1), _y(0))])
        paths.append(f'<polygon points="{corners}" fill="{colour}" fill-opacity="0.55"/>')
    low, high = scoring.edges[0], scoring.edges[-1]
    for value, dash in ((scoring.point.same, ""), (scoring.point.uncertain, "4 4")):
        x = _x((value - low) / (high - low))
        paths.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(1)}" y2="{_y(0)}" '
            f'stroke="#222" stroke-dasharray="{dash}"/>'
        )
    labels = [
        (0, f"{low:.2f}"),
        (1, f"{high:.2f}"),
        (0.5, "score; green one person, red two; line: threshold"),
    ]
    return _svg("Scores of pairs of one person and of two", paths, labels)


def _curve(scoring: Scoring) -> str:
    """FNMR over FMR, both logarithmic, a decade a grid line."""
    lowest = -7.0
    points = [
        (
            1 - math.log10(max(fmr, 10**lowest)) / lowest,
            1 - max(math.log10(max(fnmr, 1e-4)), -4.0) / -4.0,
        )
        for fmr, fnmr in scoring.curve
    ]
    drawn = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    grid = [
        f'<line x1="{_x(n / 7):.1f}" x2="{_x(n / 7):.1f}" y1="{_y(0)}" y2="{_y(1)}" stroke="#ddd"/>'
        for n in range(8)
    ]
    grid += [
        f'<line x1="{_x(0)}" x2="{_x(1)}" y1="{_y(n / 4):.1f}" y2="{_y(n / 4):.1f}" stroke="#ddd"/>'
        for n in range(5)
    ]
    line = f'<polyline points="{drawn}" fill="none" stroke="#1d6b5c" stroke-width="2"/>'
    labels = [(0, "FMR 1e-7"), (1, "1"), (0.5, "FNMR from 1e-4 (bottom) to 1 (top)")]
    return _svg("DET curve: false non-match rate over false match rate", [*grid, line], labels)


def _svg(title: str, shapes: list[str], labels: list[tuple[float, str]]) -> str:
    words = "".join(
        f'<text x="{_x(place):.0f}" y="{_HEIGHT - 14}" text-anchor="middle" font-size="13">'
        f"{html.escape(text)}</text>"
        for place, text in labels
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{html.escape(title)}"><title>{html.escape(title)}</title>{"".join(shapes)}{words}</svg>'
    )


def _x(share: float) -> float:
    return _EDGE + share * (_WIDTH - 2 * _EDGE)


def _y(share: float) -> float:
    return _HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE)
