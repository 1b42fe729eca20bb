"""``jianzai evaluate``: an engine's errors on anybody's folders of pictures. No database is needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from .. import models
from ..engine import FaceEngine
from . import clips, measuring, pictures, rates, report, usual

UNUSABLE = 2


@click.command()
@click.option("--people", "folder", type=click.Path(path_type=Path), help="One subfolder a person.")
@click.option(
    "--strangers", type=click.Path(path_type=Path), help="A folder in which every picture is another person."
)
@click.option(
    "--attributes", type=click.Path(path_type=Path), help="CSV of the strangers: file, age, sex, group."
)
@click.option(
    "--pairs", "pair_list", type=click.Path(path_type=Path), help="A pair list in the format of LFW."
)
@click.option("--clips", "recorded", type=click.Path(path_type=Path), help="Videos, one subfolder a person.")
@click.option(
    "--pack",
    "names",
    type=click.Choice(list(models.packs())),
    multiple=True,
    help="Networks, once or more often; the best ones there unless named.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("evaluation"),
    show_default=True,
    help="Folder of the report.",
)
def evaluate(
    folder: Path | None,
    strangers: Path | None,
    attributes: Path | None,
    pair_list: Path | None,
    recorded: Path | None,
    names: tuple[str, ...],
    output: Path,
) -> None:
    """Say how often an engine lets a stranger in and refuses the rightful, with counts and intervals.

    Where dlib and face_recognition_models are installed, the usual engine is measured in the same run. Writes
    report.md, report.json and report.html, and vectors for the next run. Exits with 0, or with 2 where the
    input cannot be evaluated.
    """
    try:
        if folder is None and recorded is None:
            raise pictures.UnusableInput("give a folder of pictures with --people, or of videos with --clips")
        chosen = [models.packs()[name] for name in names or (models.best_pack(),)]
        inputs = (
            pictures.people(folder) if folder else [],
            pictures.strangers(strangers, attributes) if strangers else [],
            pictures.pairs(pair_list) if pair_list else [],
            clips.clips(recorded) if recorded else [],
        )
        with Progress(console=Console(stderr=True)) as progress:
            engines = [
                _engine(measuring.PackDescriber(pack), rates.scores_of(pack), inputs, output, progress)
                for pack in chosen
            ]
            if folder and usual.installed():
                engines.append(
                    _engine(usual.UsualDescriber(), (rates.USUAL,), (*inputs[:3], []), output, progress)
                )
    except (pictures.UnusableInput, models.ModelMissing) as problem:
        error = click.ClickException(str(problem))
        error.exit_code = UNUSABLE
        raise error from problem
    output.mkdir(parents=True, exist_ok=True)
    found = report.Report(date.today(), tuple(engines))
    for name, written in (("md", report.to_markdown), ("json", report.to_json), ("html", report.to_html)):
        (output / f"report.{name}").write_text(written(found), encoding="utf-8")
    click.echo(f"{output / 'report.html'}")


def _engine(describer, scores, inputs, output: Path, progress: Progress) -> report.Evaluation:
    shown, others, listed, recorded = inputs
    kept = output / f"vectors-{describer.name}.npz"

    def told(what: str, number: int) -> Callable[[int, int], None]:
        task = progress.add_task(f"{describer.name}: {what}", total=number, visible=number > 0)
        return lambda done, _: progress.update(task, completed=done)

    measure = partial(measuring.measure, describer)
    people = measure(shown, kept, told("people", len(shown))) if shown else None
    strangers = measure(others, kept, told("strangers", len(others))) if others else None
    return report.Evaluation(
        describer.name,
        people,
        strangers,
        tuple(rates.evaluate(one, people, strangers, listed) for one in scores) if people else (),
        clips.compare_clips(FaceEngine(describer.name), recorded, told("clips", len(recorded)))
        if recorded
        else None,
    )
