"""``jianzai enrol-batch``: a folder or a list of photos and videos, one of each person."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from .command_line import Decides, staff_who_may, unusable

_NUMBER, _FILE = ("personal_number", "个人编号"), ("file", "文件")


@click.command("enrol-batch", cls=Decides)
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--staff", "username", help="In whose name; the record keeps it. The demo finds one.")
@click.option(
    "--consent-on-paper",
    is_flag=True,
    help="All of them signed the consent on paper. Not needed in the demo.",
)
@click.option(
    "--confirmed-on",
    "ground",
    default="",
    help="Confirm every model in that name, on this ground (which register, compared by whom). Without, each "
    "waits for a clerk.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write everybody who was not modelled, and why, into this CSV file.",
)
def enrol_batch(
    source: Path, username: str | None, consent_on_paper: bool, ground: str, report: Path | None
) -> None:
    """Model the faces of a folder of files named by personal number, or of a CSV of personal_number and file.

    Run again, after a kill or with more files, it does what is left. Whoever has a model keeps it. Exits with
    0, with 1 where somebody was not modelled, or 3 where SOURCE cannot be used.
    """
    import django

    django.setup()
    from django.conf import settings
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from jianzai.certification.engine import current_pack
    from jianzai.certification.services import Terms, model_from_files
    from jianzai.faces import ModelMissing
    from jianzai.faces.bulk import NoWorkers
    from jianzai.registry.access import Permission
    from jianzai.sentences import say

    files = list(_of_folder(source) if source.is_dir() else _of_table(source))
    if not files:
        unusable(f"{source}: no photo and no video in it / 没有照片或视频")
    staff = staff_who_may(Permission.MODEL_FACES, username)
    try:
        pack = current_pack()
    except ModelMissing as error:
        unusable(str(error))
    terms = Terms(staff, consent_on_paper or settings.DEMO, ground.strip())
    counts: Counter[str] = Counter()
    refused = []
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(pack, total=len(files), rate="")
            for outcome in model_from_files(files, pack, terms):
                progress.update(task, advance=1, rate=f"{progress.tasks[0].speed or 0:.1f}/s")
                if outcome.reasons:
                    refused.append(outcome)
                    counts.update(outcome.reasons[:1])
                else:
                    counts["before" if outcome.before else "modelled"] += 1
    except NoWorkers as error:
        unusable(str(error))
    click.echo(
        say("certification.files_done", modelled=counts.pop("modelled", 0), before=counts.pop("before", 0))
    )
    for reason, number in counts.most_common():
        click.echo(f"{number:>8}  {_sentence(reason)}")
    if report:
        _write(report, refused)
    if refused:
        raise SystemExit(1)


def _of_folder(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below ``folder``, by its name without its ending."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path.stem, path


def _of_table(table: Path) -> Iterator[tuple[str, Path]]:
    """The rows of a CSV or XLSX file; files stand relative to it."""
    from jianzai.registry.errors import Refused
    from jianzai.registry.tables import read_table

    try:
        rows = read_table(table.name, table.read_bytes())
        heading = [cell.lower() for cell in next(rows, (0, []))[1]]
        number, file = (
            next((heading.index(name) for name in names if name in heading), None)
            for names in (_NUMBER, _FILE)
        )
        if number is None or file is None:
            unusable(f"{table}: it needs the columns {_NUMBER[0]} and {_FILE[0]} / 需要这两列")
        for _, cells in rows:
            cells = [*cells, "", ""]
            if cells[number] and cells[file]:
                yield cells[number], table.parent / cells[file]
    except Refused as refused:
        unusable(refused.sentence())


def _sentence(reason: str) -> str:
    from jianzai.sentences import say

    return say(f"certification.file_{reason}")


def _write(report: Path, refused) -> None:
    with report.open("w", encoding="utf-8-sig", newline="") as file:
        written = csv.writer(file)
        written.writerow(["personal_number", "file", "reason", "what"])
        for outcome in refused:
            reason = outcome.reasons[0]
            written.writerow([outcome.number, outcome.file, reason, _sentence(reason)])
