"""``jianzai demo``: run the demonstration, load it, move its date."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click


@click.group()
def demo() -> None:
    """The demonstration on this machine."""


@demo.command("run")
@click.option("--port", type=click.IntRange(1, 65535), help="8000, or 8443 with --https, when not said.")
@click.option("--https", is_flag=True, help="For the phones on this network, with a certificate made here.")
def run(port: int | None, https: bool) -> None:
    """Start everything and serve until Ctrl-C."""
    from jianzai.demo.site import HTTP_PORT, HTTPS_PORT, CannotRun, Demo, running, wait
    from jianzai.operations.terminal import tell

    site = Demo(_home(), port or (HTTPS_PORT if https else HTTP_PORT), https)
    try:
        with running(site):
            _welcome(site.address, https)
            wait()
    except CannotRun as error:
        raise click.ClickException(tell(f"demo.{error.code}", **error.values)) from error
    except KeyboardInterrupt:
        pass
    click.echo(tell("demo.stopped"))


@demo.command("stop")
def stop() -> None:
    """End the demo that runs here."""
    from jianzai.demo.site import stop as end
    from jianzai.operations.terminal import tell

    click.echo(tell("demo.stopped" if end(_home()) else "demo.not_running"))


@demo.command("load")
def load() -> None:
    """Load what is missing of the demo's people, accounts, cycle and faces."""
    import django

    django.setup()
    from django.conf import settings

    from jianzai.demo.load import load as fill
    from jianzai.operations.terminal import tell

    if not settings.DEMO:
        raise click.ClickException(tell("demo.not_running"))
    fill(lambda code: click.echo(tell(code)))


@demo.command("date")
@click.argument("date", type=click.DateTime(["%Y-%m-%d"]), required=False)
def move(date: datetime | None) -> None:
    """Move the demo's civil date to DATE (YYYY-MM-DD), or say what it is."""
    import django

    django.setup()
    from django.conf import settings

    from jianzai.clock import move_to, today
    from jianzai.operations.terminal import tell

    if not settings.DEMO:
        raise click.ClickException(tell("demo.not_running"))
    if date:
        move_to(date.date())
    click.echo(tell("demo.date_now", date=today().isoformat()))


def _home() -> Path:
    return Path(os.environ.get("JIANZAI_HOME", "var")).resolve()


def _welcome(address: str, https: bool) -> None:
    import segno

    from jianzai.demo.accounts import ACCOUNTS, PASSWORD
    from jianzai.demo.people import SPECIAL
    from jianzai.operations.terminal import tell

    click.echo()
    click.secho(tell("demo.ready", address=f"{address}/demo/"), bold=True)
    if https:
        segno.make(f"{address}/demo/", micro=False).terminal(compact=True)
        click.echo(tell("demo.ready_phone"))
    click.echo(tell("demo.ready_people"))
    for person in SPECIAL:
        click.echo(f"  {person.name}  {person.identity_number}")
    click.echo(tell("demo.ready_accounts", address=address, password=PASSWORD))
    for account in ACCOUNTS:
        click.echo(f"  {account.username:20} {tell(account.role_sentence)}")
    click.echo(tell("demo.ready_stop"))
