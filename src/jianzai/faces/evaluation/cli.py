"""``jianzai evaluate``: an engine's errors on anybody's folders of pictures. No database is needed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from .. import models
from . import measuring, pictures, rates, report

UNUSABLE = 2


@click.command()
@click.option(
    "--people", "folder", type=click.Path(path_type=Path), required=True, help="One subfolder a person."
)
@click.option(
    "--strangers", type=click.Path(path_type=Path), help="A folder in which every picture is another person."
)
@click.option(
    "--attributes", type=click.Path(path_type=Path), help="CSV of the strangers: file, age, sex, group."
)
@click.option(
    "--pairs", "pair_list", type=click.Path(path_type=Path), help="A pair list in the format of LFW."
)
@click.option(
    "--pack", type=click.Choice(list(models.packs())), help="Networks; the best ones there unless named."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("evaluation"),
    show_default=True,
    help="Folder of the report.",
)
def evaluate(
    folder: Path,
    strangers: Path | None,
    attributes: Path | None,
    pair_list: Path | None,
    pack: str | None,
    output: Path,
) -> None:
    """Say how often the engine lets a stranger in and refuses the rightful, with counts and intervals.

    Writes report.md, report.json and report.html, and vectors.npz for the next run. Exits with 0, or with 2
    where the input cannot be evaluated.
    """
    try:
        chosen = models.packs()[pack or models.best_pack()]
        shown = pictures.people(folder)
        others = pictures.strangers(strangers, attributes) if strangers else []
        listed = pictures.pairs(pair_list) if pair_list else []
        evaluation = _evaluate(chosen, shown, others, listed, output)
    except (pictures.UnusableInput, models.ModelMissing) as problem:
        error = click.ClickException(str(problem))
        error.exit_code = UNUSABLE
        raise error from problem
    output.mkdir(parents=True, exist_ok=True)
    for name, written in (("md", report.to_markdown), ("json", report.to_json), ("html", report.to_html)):
        (output / f"report.{name}").write_text(written(evaluation), encoding="utf-8")
    click.echo(f"{output / 'report.html'}")


def _evaluate(pack, shown, others, listed, output: Path) -> report.Evaluation:
    kept = output / f"vectors-{pack.name}.npz"
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(pack.name, total=len(shown) + len(others))
        people = measuring.measure(pack, shown, kept, lambda done, _: progress.update(task, completed=done))
        strangers = (
            measuring.measure(
                pack, others, kept, lambda done, _: progress.update(task, completed=len(shown) + done)
            )
            if others
            else None
        )
    kinds = ("raw", "normalised") if pack.drawn else ("raw",)
    scorings = tuple(rates.score(pack, kind, people, strangers, listed) for kind in kinds)
    return report.Evaluation(pack.name, date.today(), people, strangers, scorings)
