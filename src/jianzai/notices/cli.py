"""``jianzai notices``: remind people, and print the letters."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.group()
def notices() -> None:
    """Notices to people: reminders, and the letters that wait for the printer."""


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
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The PDF to write; it must not exist.",
)
def letters(area_code: str | None, out: Path) -> None:
    """Print the waiting letters into one PDF; from then on they count as sent."""
    import django

    django.setup()
    from django.db import transaction

    from jianzai.audit.services import Actor
    from jianzai.notices.services import queued_letters, send_letters

    if out.exists():
        raise click.UsageError(f"{out} exists: choose another name, so that no letter is lost")
    waiting = queued_letters()
    if area := _find(area_code):
        waiting = waiting.filter(person__area__code__startswith=area.prefix)
    with transaction.atomic():
        pdf = send_letters(Actor.SYSTEM, waiting)
        if pdf is not None:
            # On the disk before the letters count as sent.
            with out.open("xb") as file:
                file.write(pdf)
                file.flush()
                os.fsync(file.fileno())
    click.echo("no letter is waiting" if pdf is None else f"{out} written")


def _find(code: str | None):
    from jianzai.registry.models import Area

    if code is None:
        return None
    if (area := Area.objects.filter(code=code).first()) is None:
        raise click.UsageError(f"no area {code}: it must be one of the registry's 12-digit codes")
    return area
