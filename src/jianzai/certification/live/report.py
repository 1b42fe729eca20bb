"""A live report as JSON, as Markdown and as one page of HTML that needs nothing else, in both languages."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.db.models import Count, Min

from jianzai.faces.evaluation import Rate
from jianzai.registry.models import Area, ServicePoint
from jianzai.registry.service_points import open_points
from jianzai.sentences import LANGUAGES, say, sentences

from ..wording import channel_name
from .folding import LEAST, REST
from .reading import Figures, LiveReport

Section = tuple[str, list[tuple[str, str, str, str]]]  # title, rows of group, share, counts, interval


def to_json(report: LiveReport) -> str:
    """All counts; groups by their codes."""
    plain = asdict(report) | {"on": report.on.isoformat(), "since": report.since.isoformat(), "least": LEAST}
    return json.dumps(plain, ensure_ascii=False, indent=1)


def to_markdown(report: LiveReport) -> str:
    """The tables, Chinese and English side by side."""
    parts = [f"# {_both('title')}", _head(report)]
    for figures in report.figures:
        parts += [f"## {_both(figures.code)}", _both(f"{figures.code}_how"), *_markdown(figures)]
    return "\n\n".join(parts) + "\n"


def to_html(report: LiveReport) -> str:
    """One page without scripts."""
    parts = [f"<h1>{html.escape(_both('title'))}</h1><p>{html.escape(_head(report))}</p>"]
    for figures in report.figures:
        how = html.escape(_both(f"{figures.code}_how"))
        parts += [f"<h2>{html.escape(_both(figures.code))}</h2><p>{how}</p>", *_html(figures)]
    style = (
        "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #bbb;padding:.2rem .6rem;"
        "text-align:right}td:first-child,th:first-child{text-align:left}"
    )
    return (
        '<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8">'
        f"<title>{html.escape(_both('title'))}</title><style>{style}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def sections(figures: Figures, language: str | None = None) -> list[Section]:
    """The rates in all and by each dimension that has several groups, in one language or in both."""
    if figures.total is None:
        return []
    everybody = _in(language, "live.all")
    found: list[Section] = [("", [(everybody, *cells_of(figures.total))])]
    areas = _area_names(figures)
    for dimension, shown in figures.by.items():
        if len(shown) > 1:
            rows = [(_group(dimension, cell.group, areas, language), *cells_of(cell.rate)) for cell in shown]
            found.append((_in(language, f"live.by_{dimension}"), rows))
    return found


def details(figures: Figures, language: str | None = None) -> list[tuple[str, str]]:
    """Among what it was, and how often."""
    return [(detail_in_words(detail, language), f"{count:,}") for detail, count in figures.details]


def cells_of(rate: Rate) -> tuple[str, str, str]:
    """Share, counts and interval of a rate, as they stand in a table."""
    counts = f"{rate.errors:,} / {rate.trials:,}"
    return f"{rate.share:.1%}", counts, f"{rate.low:.1%} – {rate.high:.1%}"


def _head(report: LiveReport) -> str:
    return _both(
        "head",
        since=report.since,
        on=report.on,
        people=f"{report.people:,}",
        attempts=f"{report.attempts:,}",
        days=report.within,
        least=LEAST,
    )


def _both(code: str, **values: object) -> str:
    return " / ".join(say(f"live.{code}", language, **values) for language in LANGUAGES)


def _in(language: str | None, code: str, **values: object) -> str:
    if language:
        return say(code, language, **values)
    return " / ".join(say(code, each, **values) for each in LANGUAGES)


def detail_in_words(detail: str, language: str | None) -> str:
    """The words for a reason, a voice, a way or what became of a case."""
    for code in (f"live.{detail}", f"reasons.{detail}"):
        if code in sentences():
            return _in(language, code)
    return _way(detail, language)


def _group(dimension: str, group: str, areas: dict[str, str], language: str | None) -> str:
    if group == REST:
        return _in(language, "live.rest", least=LEAST)
    if dimension == "way":
        return _way(group, language)
    if f"live.{dimension}_{group}" in sentences():
        return _in(language, f"live.{dimension}_{group}")
    return areas.get(group, group)


def _way(channel: str, language: str | None) -> str:
    if language:
        return channel_name(channel, language)
    return " / ".join(channel_name(channel, each) for each in LANGUAGES)


def _area_names(figures: Figures) -> dict[str, str]:
    groups = {cell.group for name in ("area", "counter") for cell in figures.by.get(name, ())}
    names = dict(
        Area.objects.filter(pk__in=[each.ljust(12, "0") for each in groups]).values_list("pk", "name")
    )
    found = {each: names[each.ljust(12, "0")] for each in groups if each.ljust(12, "0") in names}
    return found | {code: f"{found[code]} · {station}" for code, station in _only_stations(found).items()}


def _only_stations(codes: Iterable[str]) -> dict[str, str]:
    """The stations of areas that have one each: what is done at a counter of that area is done there."""
    stations = open_points().filter(kind=ServicePoint.Kind.STATION, area__in=list(codes))
    counted = stations.order_by().values_list("area").annotate(count=Count("pk"), name=Min("name"))
    return {area: name for area, count, name in counted if count == 1}


def _markdown(figures: Figures) -> list[str]:
    if figures.total is None:
        return [_both("too_few", least=LEAST)]
    lines = [["", _both("share"), _both("counts"), _both("interval")], ["---"] * 4]
    for title, rows in sections(figures):
        lines += [[f"**{title}**", "", "", ""]] if title else []
        lines += rows
    told = [lines]
    if figures.details:
        told.append([[_both(f"{figures.code}_details"), _both("count")], ["---"] * 2, *details(figures)])
    return ["\n".join(f"| {' | '.join(cells)} |" for cells in table) for table in told]


def _html(figures: Figures) -> list[str]:
    if figures.total is None:
        return [f"<p>{html.escape(_both('too_few', least=LEAST))}</p>"]
    head = ["", _both("share"), _both("counts"), _both("interval")]
    bodies = "".join(
        (f'<tr><th colspan="4">{html.escape(title)}</th></tr>' if title else "")
        + "".join(_html_row(row) for row in rows)
        for title, rows in sections(figures)
    )
    told = [f"<table>{_html_row(head, 'th')}{bodies}</table>"]
    if figures.details:
        rows = "".join(_html_row(row) for row in details(figures))
        title = [_both(f"{figures.code}_details"), _both("count")]
        told.append(f"<table>{_html_row(title, 'th')}{rows}</table>")
    return told


def _html_row(cells: Sequence[str], tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"
