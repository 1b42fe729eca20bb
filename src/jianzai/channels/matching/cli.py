"""``jianzai matching``: other offices' records from files, for whoever gets them on a schedule."""

from __future__ import annotations

from pathlib import Path

import click

_SHOWN = 200


@click.group()
def matching() -> None:
    """Records of other offices."""
    import django

    django.setup()


@matching.command("sources")
def sources() -> None:
    """Code, sign, trust, days and name of every source."""
    from jianzai.channels.matching.models import Source

    for each in Source.objects.order_by("code"):
        state = "" if each.active else "\tresting"
        click.echo(f"{each.code}\t{each.says}\t{each.trust}\t{each.fresh_days}\t{each.name}{state}")


@matching.command("import")
@click.argument("source")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what using the file would do.")
def import_file(source: str, file: Path, dry_run: bool) -> None:
    """Use FILE (CSV or XLSX) of the source with code SOURCE, whole, or with bad rows not at all."""
    from jianzai.audit.services import Actor
    from jianzai.certification.errors import Refused
    from jianzai.channels.matching.models import Source
    from jianzai.channels.matching.services import import_now
    from jianzai.registry.errors import Refused as RegistryRefused
    from jianzai.sentences import say

    found = Source.objects.filter(code=source).first()
    if found is None:
        raise click.ClickException(say("matching.no_such_source", code=source))
    try:
        report = import_now(found, file.name, file.read_bytes(), Actor.SYSTEM, dry_run=dry_run)
    except RegistryRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except Refused as refused:
        raise click.ClickException(refused.sentence()) from refused
    for problem in report.problems[:_SHOWN]:
        click.echo(f"{problem.row}\t{problem.column}\t{problem}")
    for count in ("rows", "exact", "probable", "nobody", "stale", "known"):
        click.echo(f"{getattr(report, count)}\t{say(f'matching.{count}')}")
    if report.problems:
        click.echo(say("matching.file_refused", count=len(report.problems)))
        raise SystemExit(1)
