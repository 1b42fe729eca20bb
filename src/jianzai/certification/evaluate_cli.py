"""``jianzai evaluate``: the engine's errors, on folders of pictures or on what this deployment saw itself."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from jianzai.faces.evaluation.cli import UNUSABLE
from jianzai.faces.evaluation.cli import evaluate as evaluate_folders


@click.pass_context
def _evaluate(
    context: click.Context, live: bool, since: datetime | None, within: int, output: Path, **folders
) -> None:
    if not live:
        context.invoke(evaluate_folders, output=output, **folders)
        return
    if given := [option.opts[0] for option in evaluate_folders.params if folders.get(option.name)]:
        raise click.UsageError(f"--live evaluates what this deployment saw; leave out {', '.join(given)}")
    _evaluate_live(since.date() if since else None, within, output)


evaluate = click.Command(
    "evaluate",
    callback=_evaluate,
    params=[
        click.Option(["--live"], is_flag=True, help="This deployment's own attempts instead of folders."),
        click.Option(
            ["--since"],
            type=click.DateTime(["%Y-%m-%d"]),
            help="First day of --live; a year ago unless said.",
        ),
        click.Option(
            ["--within"],
            type=click.IntRange(0, 366),
            default=30,
            show_default=True,
            help="Days in which who was refused shows by being certified that it was them; with --live.",
        ),
        *evaluate_folders.params,
    ],
    help="""Say how often the engine lets a stranger in and refuses the rightful, with counts and intervals.

    Of folders of pictures, or with --live of the attempts in this deployment's database. Writes report.md,
    report.json and report.html. Exits with 0, or with 2 where there is nothing to evaluate.
    """,
)


def _evaluate_live(since: date | None, within: int, output: Path) -> None:
    import django

    django.setup()
    from jianzai.certification.live import LEAST, NothingToTell, evaluate_live, report

    try:
        found = evaluate_live(since, within)
    except NothingToTell as nothing:
        error = click.ClickException(
            f"{nothing.people} people were verified by face, it takes {LEAST}"
            f" / 已用人脸核对 {nothing.people} 人，至少需要 {LEAST} 人"
        )
        error.exit_code = UNUSABLE
        raise error from nothing
    output.mkdir(parents=True, exist_ok=True)
    for name, written in (("md", report.to_markdown), ("json", report.to_json), ("html", report.to_html)):
        (output / f"report.{name}").write_text(written(found), encoding="utf-8")
    click.echo(f"{output / 'report.html'}")
