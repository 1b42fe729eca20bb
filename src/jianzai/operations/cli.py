"""``jianzai keys``, ``check``, ``migrate``, ``serve``, ``worker``: what whoever runs the site types."""

from __future__ import annotations

import os

import click


@click.group(invoke_without_command=True)
@click.pass_context
def keys(context: click.Context) -> None:
    """The keys that seal and sign; alone, how much is sealed with which."""
    if context.invoked_subcommand is None:
        _show_generations()


def _show_generations() -> None:
    import django

    django.setup()
    from rich.console import Console
    from rich.table import Table

    from jianzai.operations.keys import generations
    from jianzai.operations.terminal import tell
    from jianzai.vault import KeysMissing, vault

    try:
        ring = vault().keys
    except KeysMissing as error:
        raise click.ClickException(str(error)) from error
    counted = generations()
    numbers = sorted({*ring.data, *(number for found in counted.values() for number in found if number)})
    table = Table()
    table.add_column(tell("operations.keys_column"))
    for number in numbers:
        state = "current" if number == ring.current else "older" if number in ring.data else "missing"
        table.add_column(tell(f"operations.keys_{state}", number=number), justify="right")
    table.add_column(tell("operations.keys_unsealed"), justify="right")
    for name, found in counted.items():
        table.add_row(name, *(str(found[number]) for number in (*numbers, None)))
    Console().print(table)


@keys.command("rotate")
def rotate_them() -> None:
    """Make a new data key, seal everything anew with it, and take the old one out of JIANZAI_KEYS_FILE.

    Killed in the middle, it goes on where it was when it is run again. The site may run meanwhile. Exits with
    1 where something does not open; then the old key stays.
    """
    import django

    django.setup()
    from rich.console import Console
    from rich.progress import Progress

    from jianzai.operations.keys import OneGeneration, RotationUnderWay, generations, lost_keys, rotate
    from jianzai.operations.terminal import tell
    from jianzai.vault import KeysMissing, vault

    try:
        if lost := lost_keys():
            raise click.ClickException(tell("operations.check_keys_lost", keys=", ".join(lost)))
        counted = sum(found.total() - found[vault().keys.current] for found in generations().values())
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("", total=counted or None)
            done = rotate(lambda sealed: progress.advance(task, sealed))
    except KeysMissing as error:
        raise click.ClickException(str(error)) from error
    except OneGeneration:
        raise click.ClickException(tell("operations.keys_in_environment")) from None
    except RotationUnderWay:
        raise click.ClickException(tell("operations.keys_rotating")) from None
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(tell("operations.keys_rotated", number=done.sealed, current=done.current))
    for name, rows in done.unopened.items():
        click.echo(tell("operations.keys_unopened", column=name, rows=", ".join(rows)), err=True)
    for code, older in (("retired", done.retired), ("unused", done.unused)):
        if older:
            click.echo(tell(f"operations.keys_{code}", older=", ".join(map(str, older))))
    if done.unopened:
        raise SystemExit(1)


@keys.command("make")
@click.option(
    "--print", "to_print", is_flag=True, help="Print them for a key management service; write no file."
)
def make_them(to_print: bool) -> None:
    """Make fresh keys in JIANZAI_KEYS_FILE (mode 0600); existing keys are never replaced."""
    from django.conf import settings

    from jianzai.operations.terminal import tell
    from jianzai.vault import KeyRing, make_keys

    if to_print:
        click.echo(KeyRing.generate(demo=settings.DEMO).to_json())
        return
    try:
        make_keys(settings.KEYS_FILE, demo=settings.DEMO)
    except FileExistsError:
        raise click.ClickException(tell("operations.keys_exist", path=settings.KEYS_FILE)) from None
    click.echo(tell("operations.keys_made", path=settings.KEYS_FILE))


@click.command()
def check() -> None:
    """What is there and what is not, each with its mend. Exits with 1 when something vital is missing."""
    import django

    django.setup()
    from jianzai.operations.checks import State, findings
    from jianzai.operations.terminal import tell

    signs = {State.GOOD: ("✓", "green"), State.NOTE: ("·", "yellow"), State.FAULT: ("✗", "red")}
    faults = 0
    for finding in findings():
        sign, colour = signs[finding.state]
        click.echo(click.style(sign, fg=colour) + " " + tell(f"operations.{finding.code}", **finding.values))
        if finding.state is not State.GOOD:
            click.echo("  → " + tell(f"operations.{finding.code}_mend", **finding.values))
        faults += finding.state is State.FAULT
    if faults:
        click.echo(tell("operations.check_faults", number=faults))
        raise SystemExit(1)
    click.echo(tell("operations.check_good"))


@click.command()
def migrate() -> None:
    """Bring the database's tables up to date as their owner, and grant the application's role its rights."""
    os.environ["DATABASE_URL"] = os.environ.get("JIANZAI_OWNER_DATABASE_URL") or os.environ.get(
        "DATABASE_URL", ""
    )
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from jianzai.operations.database import grant

    call_command("migrate", interactive=False, verbosity=1 if settings.PRODUCTION else 0)
    with connection.cursor() as cursor:
        grant(cursor, settings.APPLICATION_ROLE)


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port, or unix:PATH.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; one for each core when not said.")
def serve(bind: str, workers: int | None) -> None:
    """Serve the site, unless keys are lost. Production refuses what belongs to the demo, and plain http."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from jianzai.operations.serve import serve as run

    _refuse_unfit()
    if settings.PRODUCTION:
        call_command("collectstatic", interactive=False, verbosity=0)
    connections.close_all()
    run(bind, workers, settings.TLS_CERTIFICATE, settings.TLS_KEY)


@click.command()
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=3, show_default=True, help="Tasks at the same time."
)
def worker(concurrency: int) -> None:
    """Do what must not block a request: batches of a sweep, roster files, and what the calendar asks for.

    It refuses what `serve` refuses.
    """
    import django

    django.setup()
    from django.core.management import execute_from_command_line
    from django.db import connections

    from jianzai.operations.tasks import take_up_what_was_left

    _refuse_unfit()
    take_up_what_was_left()
    connections.close_all()
    execute_from_command_line(["jianzai", "procrastinate", "worker", f"--concurrency={concurrency}"])


def _refuse_unfit() -> None:
    from django.db import DatabaseError

    from jianzai.operations.production import Unfit, refuse_unfit

    try:
        refuse_unfit()
    except (Unfit, DatabaseError) as error:
        raise click.ClickException(str(error)) from error
