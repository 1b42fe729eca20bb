"""The engine on the command line: ``jianzai faces ...`` and ``jianzai models ...``. No database is needed."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from . import calibration, comparison, models, quality, records
from .engine import FaceEngine
from .evaluation import pictures
from .evaluation.measuring import PackDescriber, measure
from .fetching import FetchFailed, Report, fetch
from .types import Decision, Observation, Observations, Reason, Reference
from .video import Unusable, read_video

UNUSABLE = 3
NOT_CALIBRATED = 2
_EXITS = {Decision.SAME: 0, Decision.NOT_SAME: 1, Decision.UNCERTAIN: 2}

_WORDS = {
    Decision.SAME: ("是同一人", "same person"),
    Decision.NOT_SAME: ("不是同一人", "not the same person"),
    Decision.UNCERTAIN: ("不能确定，请人工复核", "uncertain: let a person decide"),
    "empty": ("文件是空的", "the file is empty"),
    "too_many_bytes": ("文件过大", "the file is too large"),
    "not_a_video": ("不是可用的视频或图片", "not a video or picture that can be used"),
    "too_many_pixels": ("画面尺寸过大，请缩小后再试", "its pictures are too large; scale them down"),
    "too_long": ("视频过长，请截取一段", "the video is too long; cut out a part"),
    "broken": ("文件已损坏", "the file is broken"),
    Reason.NO_FACE: ("没有找到人脸", "no face found"),
    Reason.SEVERAL_FACES: ("画面中不止一张人脸", "more than one face"),
    Reason.TOO_DARK: ("画面太暗", "too dark"),
    Reason.TOO_BRIGHT: ("画面太亮", "too bright"),
    Reason.BACKLIT: ("背光", "light comes from behind"),
    Reason.TOO_SMALL: ("人脸太小，离镜头太远", "the face is too small: too far from the camera"),
    Reason.TOO_LARGE: ("人脸太大，离镜头太近", "the face is too large: too near the camera"),
    Reason.BLURRED: ("画面模糊", "blurred"),
    Reason.NOT_FRONTAL: ("没有正对镜头", "not facing the camera"),
}


def _say(chinese: str, english: str) -> str:
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return chinese if locale.startswith("zh") else english


class _Command(click.Command):
    """A command whose exit code 2 means "uncertain", so a wrong call is 3 like any other unusable input."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        try:
            return super().parse_args(context, arguments)
        except click.UsageError as error:
            error.exit_code = UNUSABLE
            raise


def _unusable(message: str) -> click.ClickException:
    problem = click.ClickException(message)
    problem.exit_code = UNUSABLE
    return problem


def _engine(pack: str | None) -> FaceEngine:
    try:
        return FaceEngine(pack or models.best_pack())
    except models.ModelMissing as error:
        raise _unusable(str(error)) from error


def _observed(engine: FaceEngine, path: Path) -> Observations:
    try:
        return engine.observe(read_video(path))
    except Unusable as error:
        raise _unusable(f"{path}: {_say(*_WORDS[error.reason])}") from error
    except OSError as error:
        raise _unusable(f"{path}: {error.strerror or error}") from error


def _fault(observations: Observations) -> Reason:
    """Why no frame could be embedded."""
    complaints = [reason for frame in observations.frames if (reason := quality.advice(frame))]
    return max(complaints, key=complaints.count)


class PackName(click.ParamType):
    """The name of a pack that has thresholds; for others it says why not and what to run."""

    name = "pack"

    def convert(self, value: str, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """``value`` itself."""
        return value if value in models.packs() else self.fail(models.why_not(value), parameter, context)


_pack_option = click.option(
    "--pack", type=PackName(), help="Networks to use; the best published ones there unless named."
)


@click.group()
def faces() -> None:
    """Compare faces and look at what the engine sees."""


@faces.command(cls=_Command)
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@_pack_option
def compare(first: Path, second: Path, pack: str | None) -> None:
    """Do two videos or pictures show one person?

    Exits with 0 for the same person, 1 for another, 2 for uncertain, 3 for input that cannot be used.
    Scores are measured against the pack's drawn cohort; nothing is said of liveness.
    """
    engine = _engine(pack)
    table = Table(title=f"jianzai {engine.pack.name}")
    for heading in (("文件", "file"), ("帧", "frames"), ("采用", "used"), ("质量", "quality")):
        table.add_column(_say(*heading), overflow="fold")
    sides = []
    for path in (first, second):
        observations = _observed(engine, path)
        used = [frame for frame in observations.frames if frame.embedding is not None]
        if not used:
            raise _unusable(f"{path}: {_say(*_WORDS[_fault(observations)])}")
        grade = np.mean([quality.score(frame) for frame in used])
        table.add_row(str(path), str(len(observations.frames)), str(len(used)), f"{grade:.0f}")
        sides.append((observations, used))
    kept = sides[0][1]
    reference = Reference(engine.pack.name, np.stack([frame.embedding for frame in kept]), (len(kept),), 0.0)
    result = engine.compare(sides[1][0], reference)
    score, point = comparison.deciding(result, engine.pack)
    decision = comparison.decide(score, point)
    console = Console()
    console.print(table)
    console.print(
        f"{_say('相似值', 'similarity')} {comparison.similarity(score, point.same)} / 100 "
        f"({score:.3f}; {_say('阈值', 'threshold')} {point.same:.3f} = 60)\n{_say(*_WORDS[decision])}\n"
        f"{_weight(comparison.evidence(score, point))}"
    )
    raise SystemExit(_EXITS[decision])


def _weight(evidence: float) -> str:
    """How much a score says, in words."""
    times = comparison.times(evidence)
    if times == 1:
        return _say("相似到这个程度，不能说明问题", "alike like this says nothing either way")
    if evidence > 0:
        return _say(
            f"同一个人的照片相似到这个程度，约比两个陌生人常见 {times:,} 倍",
            f"alike like this is about {times:,} times as common with one person as with two strangers",
        )
    return _say(
        f"两个陌生人的照片相似到这个程度，约比同一个人常见 {times:,} 倍",
        f"alike like this is about {times:,} times as common with two strangers as with one person",
    )


@faces.command(cls=_Command)
@click.argument("video", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Everything but the embeddings, as JSON.")
@_pack_option
def observe(video: Path, as_json: bool, pack: str | None) -> None:
    """Show what the engine measures in each frame of a video."""
    observations = _observed(_engine(pack), video)
    if as_json:
        click.echo(json.dumps(records.to_json(observations), ensure_ascii=False, indent=1))
        return
    table = Table(title=f"jianzai {observations.pack}")
    headings = (
        *(
            ("秒", "s"),
            ("人脸", "faces"),
            ("左右", "yaw"),
            ("俯仰", "pitch"),
            ("倾斜", "roll"),
            ("眼", "eyes"),
        ),
        *(
            ("嘴", "mouth"),
            ("瞳距", "inter-eye"),
            ("质量", "quality"),
            ("用于比对", "compared"),
            ("提示", "advice"),
        ),
    )
    for heading in headings:
        table.add_column(_say(*heading))
    for frame in observations.frames:
        table.add_row(*_cells(frame))
    Console().print(table)


def _cells(frame: Observation) -> list[str]:
    advised = quality.advice(frame)
    said = _say(*_WORDS[advised]) if advised else ""
    if frame.quality is None:
        return [f"{frame.time:.2f}", str(frame.faces), *[""] * 8, said]
    return [
        f"{frame.time:.2f}",
        str(frame.faces),
        *(f"{angle:+.0f}" for angle in (frame.yaw, frame.pitch, frame.roll)),
        f"{frame.eye_opening:.2f}",
        f"{frame.mouth_opening:.2f}",
        f"{frame.quality.inter_eye:.0f}",
        f"{quality.score(frame):.0f}",
        "●" if frame.embedding is not None else "",
        said,
    ]


@click.group(name="models")
def weights() -> None:
    """Fetch and list face networks and sample clips."""


@weights.command(name="fetch")
@click.option(
    "--pack",
    "chosen",
    multiple=True,
    type=click.Choice([*models.published_packs(), "samples"]),
    help="What to fetch, several times if wanted; all that can be had unless named.",
)
def fetch_files(chosen: tuple[str, ...]) -> None:
    """Bring networks and sample clips into the cache, verified.

    Unless named, a pack that cannot be had is passed over as long as another one can.
    """
    wanted = _users()
    failures: dict[str, FetchFailed] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for name in chosen or wanted:
            task = progress.add_task(name, total=1)
            try:
                for file in wanted[name]:
                    fetch(file, _reporting(progress, task, name))
                progress.update(task, description=f"{name} ✓", total=1, completed=1)
            except FetchFailed as error:
                progress.update(task, description=f"{name} ✗")
                failures[name] = error
    for name, error in failures.items():
        click.echo(f"{name}: {error}", err=True)
    if set(failures) & set(chosen or ("samples",)) or not models.available_packs():
        raise SystemExit(UNUSABLE)


def _reporting(progress: Progress, task: int, name: str) -> Report:
    def report(what: str, done: int, total: int) -> None:
        progress.update(task, description=f"{name}: {what}", completed=min(done, total), total=total)

    return report


def _users() -> dict[str, tuple[str, ...]]:
    """What can be fetched, and its files."""
    published = {name: pack.files for name, pack in models.published_packs().items()}
    return published | {"samples": models.sample_files()}


@weights.command(name="list")
def list_files() -> None:
    """List every file, whether it is there, its licence and its origin."""
    table = Table()
    for heading in (
        ("文件", "file"),
        ("已有", "there"),
        ("用于", "used by"),
        ("许可", "licence"),
        ("来源", "origin"),
    ):
        table.add_column(_say(*heading), overflow="fold")
    users = _users() | {name: networks.files for name, networks in models.brought().items()}
    for file in models.model_files().values():
        used_by = ", ".join(name for name, files in users.items() if file.name in files)
        there = "✓" if models.present(file.name) else "–"
        table.add_row(file.name, there, used_by, file.licence, file.origin)
    Console().print(table)
    for refusal in models.refusals():
        click.echo(refusal)


@weights.command()
@click.option("--pack", "name", required=True, help="A pack of the file that JIANZAI_PACKS names.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder with people (a subfolder each) and strangers (attributes.csv: file, age, sex, group).",
)
def calibrate(name: str, data: Path) -> None:
    """Measure where the thresholds of networks of your own stand; without, they are not used.

    Writes thresholds, figures with counts and intervals, and a cohort beside the file that JIANZAI_PACKS
    names. Exits with 0, or with 2 where the networks or the pictures cannot be used.
    """
    try:
        networks = calibration.runnable(name)
        people = pictures.people(data / "people")
        strangers = pictures.strangers(data / "strangers")
        calibration.check_enough(people, strangers)
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task(name, total=len(people) + len(strangers))
            measured = [
                measure(
                    PackDescriber(networks),
                    shown,
                    told=lambda done, _, b=before: progress.update(task, completed=b + done),
                )
                for shown, before in ((people, 0), (strangers, len(people)))
            ]
        found = calibration.calibrate(*measured)
        kept = calibration.keep(networks, found, *measured, date.today())
    except (models.ModelMissing, pictures.UnusableInput, calibration.NotCalibrated) as problem:
        error = click.ClickException(str(problem))
        error.exit_code = NOT_CALIBRATED
        raise error from problem
    for kind, point in found.points.items():
        click.echo(f"{kind}: {point.same:.3f}, {point.uncertain:.3f}. {point.figures}")
    click.echo(f"{kept}\njianzai models switch {name}")
