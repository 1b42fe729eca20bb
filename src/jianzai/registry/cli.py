"""``jianzai roster``, ``jianzai areas`` and ``jianzai staff``: people, places and accounts."""

from __future__ import annotations

from pathlib import Path

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 200
"""Bad rows in the table on the terminal; the count is always whole."""


@click.group()
def roster() -> None:
    """Import the roster of retired people."""


@roster.command("import")
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Only say what importing the file would do.")
@click.option(
    "--problems",
    "problem_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every bad row and why into this CSV file.",
)
def import_file(file: Path, dry_run: bool, problem_file: Path | None) -> None:
    """Import FILE (CSV or XLSX) whole, or with bad rows in it not at all (exit code 1)."""
    _set_up()
    from jianzai.registry.roster import problem_table
    from jianzai.registry.services import Refused, import_roster
    from jianzai.sentences import say

    try:
        report = import_roster(file.name, file.read_bytes(), None, dry_run=dry_run)
    except Refused as error:
        raise click.ClickException(str(error)) from error
    _print_problems(report)
    if problem_file:
        found = [*report.problems, *report.warnings]
        problem_file.write_text(problem_table(found), encoding="utf-8-sig", newline="")
        click.echo(say("registry.table_written", file=problem_file, count=len(found)))
    counts = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
    if report.problems:
        click.echo(say("registry.roster_refused", problems=len(report.problems)))
        raise SystemExit(1)
    if report.imported_before:
        click.echo(say("registry.roster_known", day=report.imported_before.date().isoformat()))
    else:
        click.echo(say("registry.roster_would" if dry_run else "registry.roster_done", **counts))


@roster.command("example")
def example() -> None:
    """Print a roster as CSV with every column and two invented people."""
    _set_up()
    from jianzai.registry.roster import example as table

    click.echo(table().encode("utf-8-sig"), nl=False)


@click.group()
def areas() -> None:
    """Import the table of administrative areas, and where people go in person."""


@areas.command("import")
@click.argument("file", type=_FILE)
def import_areas_file(file: Path) -> None:
    """Add or rename the areas in FILE, a table with the columns code and name."""
    _set_up()
    from jianzai.registry.areas import import_areas
    from jianzai.registry.services import Refused
    from jianzai.sentences import say

    try:
        count = import_areas(file.name, file.read_bytes())
    except Refused as error:
        raise click.ClickException(str(error)) from error
    click.echo(say("registry.areas_done", areas=count))


@areas.command("service-points")
@click.argument("file", type=_FILE)
def import_service_points_file(file: Path) -> None:
    """Replace the service points by those in FILE: area_code, kind, name, address, phone, hours, services."""
    _set_up()
    from jianzai.registry.service_points import import_service_points
    from jianzai.registry.services import Refused
    from jianzai.sentences import say

    try:
        count = import_service_points(file.name, file.read_bytes())
    except Refused as error:
        raise click.ClickException(str(error)) from error
    click.echo(say("registry.service_points_done", service_points=count))


@click.group()
def staff() -> None:
    """Accounts of the people who work with the site."""


@staff.command("add")
@click.argument("username")
@click.option("--name", prompt=True, help="The name that others see.")
@click.option("--role", prompt=True, help="clerk, supervisor, auditor, administrator or employer.")
@click.option("--area", prompt=True, help="Code of the area they work for; everything inside it is included.")
@click.option("--employer", default="", help="For the role employer: which one, as the roster writes it.")
@click.password_option(help="Asked for when left out, which keeps it out of the shell's history.")
def add(username: str, name: str, role: str, area: str, employer: str, password: str) -> None:
    """Add an account for USERNAME."""
    _set_up()
    from jianzai.registry.areas import full_code
    from jianzai.registry.services import Refused, create_staff
    from jianzai.sentences import say

    try:
        create_staff(username, password, name, role, full_code(area), employer=employer)
    except Refused as error:
        raise click.ClickException(str(error)) from error
    click.echo(say("registry.staff_done", username=username))


def _set_up() -> None:
    import django

    django.setup()


def _print_problems(report) -> None:
    from rich.console import Console
    from rich.table import Table

    from jianzai.sentences import say

    found = [*report.problems, *report.warnings]
    if not found:
        return
    table = Table(*(say(f"registry.table_{heading}") for heading in ("row", "column")))
    table.add_column(say("registry.table_what"), overflow="fold")  # Chinese has no spaces to break lines at
    for problem in found[:_SHOWN]:
        table.add_row(
            str(problem.row), problem.column, str(problem), style="yellow" if problem.warning else ""
        )
    Console().print(table)
    if len(found) > _SHOWN:
        click.echo(say("registry.table_more", more=len(found) - _SHOWN))
