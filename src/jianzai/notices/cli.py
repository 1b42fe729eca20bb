"""``jianzai notices``: remind people, print the letters, say that they were posted."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def notices() -> None:
    """Notices to people: reminders, and letters from the printer to the post."""


_area = click.option("--area", "area_code", help="Code of the area, 12 digits (default: every area).")


@notices.command()
@_area
def remind(area_code: str | None) -> None:
    """Remind everyone whose time to certify is near or past, each at most once in four weeks."""
    import django

    django.setup()
    from jianzai.audit.services import Actor
    from jianzai.notices.services import remind_due

    click.echo(f"{remind_due(Actor.SYSTEM, _find(area_code))} people reminded")


@notices.command()
@_area
@click.option("--run", type=int, help="Number of an open run to print once more.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The PDF to write; it must not exist.",
)
def letters(area_code: str | None, run: int | None, out: Path) -> None:
    """Print waiting letters into one PDF, as a new run; they count as sent once `posted` says so."""
    import django

    django.setup()
    from jianzai.audit.services import Actor
    from jianzai.notices.services import print_letters, run_file, run_letters, waiting_letters

    if run is not None and area_code is not None:
        raise click.UsageError("--run names a run that has its area; leave --area out")
    if out.exists():
        raise click.UsageError(f"{out} exists: choose another name")
    area = _find(area_code)
    found = print_letters(Actor.SYSTEM, area) if run is None else _run(run)
    if found is None:
        click.echo("no letter is waiting")
        return
    pdf = run_file(found, Actor.SYSTEM)
    if pdf is None:
        raise click.ClickException(f"run {found.pk} holds no letter that may still be posted")
    try:
        with out.open("xb") as file:
            file.write(pdf)
    except OSError as error:
        raise click.ClickException(
            f"{out}: {error.strerror}. Run {found.pk} is kept: print it with --run {found.pk}"
        ) from error
    click.echo(f"{out} written: run {found.pk} with {run_letters(found).count()} letters")
    click.echo(f"once they are posted: jianzai notices posted {found.pk}")
    if run is None and (left := waiting_letters(area).count()):
        click.echo(f"{left} more letters wait for the next run")


@notices.command()
def runs() -> None:
    """List the print runs that are not said to be posted, and posted ones not counted to the end."""
    import django

    django.setup()
    from django.utils.timezone import localtime

    from jianzai.notices.services import runs_under_way

    for run in runs_under_way():
        area = run.area.name if run.area else "everywhere"
        by = run.made_by.user.get_username() if run.made_by else "command line"
        click.echo(f"{run.pk:6}  {localtime(run.made):%Y-%m-%d %H:%M}  {run.letters:4} letters  {area}  {by}")


@notices.command()
@click.argument("run", type=int)
def posted(run: int) -> None:
    """The letters of RUN were put in the post: they count as sent, and as contacts, today."""
    import django

    django.setup()
    from jianzai.audit.services import Actor
    from jianzai.notices.services import count_letters, post_run

    found = _run(run)
    done = _refused(post_run, found, Actor.SYSTEM)
    count_letters(found)
    click.echo(
        f"run {run} was posted before; nothing is counted twice"
        if done is None
        else f"{done} letters of run {run} count as sent"
    )


@notices.command("give-up")
@click.argument("run", type=int)
def give_up(run: int) -> None:
    """RUN is not posted: its letters wait for the printer again."""
    import django

    django.setup()
    from jianzai.audit.services import Actor
    from jianzai.notices.services import give_up_run

    click.echo(f"{_refused(give_up_run, _run(run), Actor.SYSTEM)} letters wait again")


def _run(number: int):
    from jianzai.notices.models import PrintRun

    if (run := PrintRun.objects.filter(pk=number).first()) is None:
        raise click.UsageError(f"no run {number}: `jianzai notices runs` lists the open ones")
    return run


def _refused(act, *arguments):
    """What ``act`` gives, or its refusal as an error of the command."""
    from jianzai.notices.errors import Refused

    try:
        return act(*arguments)
    except Refused as refusal:
        raise click.ClickException(refusal.sentence("en")) from refusal


def _find(code: str | None):
    from jianzai.registry.models import Area

    if code is None:
        return None
    if (area := Area.objects.filter(code=code).first()) is None:
        raise click.UsageError(f"no area {code}: it must be one of the registry's 12-digit codes")
    return area
