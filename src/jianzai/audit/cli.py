"""``jianzai audit``: check the record and export its signed head."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def audit() -> None:
    """Check the record of who did what, and export its signed head."""


@audit.command()
@click.option(
    "--head",
    "head_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The exported head to compare with, from a copy kept elsewhere; else the newest in audit-heads.",
)
def verify(head_file: Path | None) -> None:
    """Walk the whole chain and name the first broken link (exit code 1).

    It is held against a signed head, so that an end that was cut off shows too.
    """
    import django

    django.setup()
    from jianzai.audit import services
    from jianzai.sentences import say

    try:
        head = services.read_head(head_file) if head_file else services.newest_head(services.heads_folder())
    except services.HeadUnusable as error:
        raise click.ClickException(str(error)) from error
    verdict = services.verify(head)
    click.echo(str(verdict))
    if not verdict.ok:
        raise SystemExit(1)
    click.echo(
        say("audit.compared", entries=head.position, at=f"{head.at:%Y-%m-%d %H:%M %Z}")
        if head
        else say("audit.no_head")
    )


@audit.command("export-head")
def export_head() -> None:
    """Write the signed head of the chain into the folder audit-heads and print the file's name."""
    import django

    django.setup()
    from jianzai.audit import services

    click.echo(services.export_head(services.heads_folder()))
