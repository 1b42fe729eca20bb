"""``jianzai sweep`` and ``jianzai orders``: pause the overdue, and talk to the payer by files."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import click


@click.command()
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Sweep as if it were this day (default: today)."
)
@click.option(
    "--dry-run", is_flag=True, help="Say who would be paused and why others are not; write nothing."
)
@click.option("--area", "area_code", help="Code of the area, 12 digits (default: every area).")
@click.option("--cap", type=click.IntRange(min=1), help="At most this many people in each district.")
def sweep(as_of: datetime | None, dry_run: bool, area_code: str | None, cap: int | None) -> None:
    """Pause everyone who is overdue and whom the policy lets be paused; run again, it carries on.

    Only policies that stop by the date alone are swept from here. Where two people must release a batch, it
    is proposed and confirmed in the console; the dry run works for every policy.
    """
    import django

    django.setup()
    from jianzai.audit.services import Actor
    from jianzai.benefits import services
    from jianzai.benefits.queries import areas_to_sweep, outcome
    from jianzai.clock import today
    from jianzai.registry.models import Area

    day: date = as_of.date() if as_of else today()
    area = None
    if area_code and (area := Area.objects.filter(code=area_code).first()) is None:
        raise click.UsageError(f"no area {area_code}: it must be one of the registry's 12-digit codes")
    try:
        if dry_run:
            for each in [area] if area else areas_to_sweep():
                _print_report(services.dry_run(day, each, cap, by_date_alone=True))
            return
        swept = services.sweep_now(day, Actor.SYSTEM, area=area, cap=cap)
    except services.Refused as refused:
        raise click.ClickException(refused.sentence("en")) from refused
    for done in swept:
        counts = outcome(done)
        active, dropped = counts.get("active", 0), counts.get("dropped", 0)
        click.echo(f"sweep {done.pk}, {done.area}: {active} paused, {dropped} dropped")
    if not swept:
        click.echo("nobody to pause")


def _print_report(report) -> None:
    from jianzai.benefits.ledger import yuan
    from jianzai.sentences import say

    click.echo(
        f"{report.area} as of {report.as_of}: {report.overdue} overdue, {report.chosen} to be paused "
        f"({yuan(report.monthly_fen)} yuan a month)"
    )
    for district in report.districts:
        click.echo(f"  {district.code} {district.name}: {district.chosen} of {district.overdue} overdue")
    for reason, count in report.left_out.items():
        code = f"benefits.{reason}" if reason == "over_cap" else f"entitlement.{reason}"
        click.echo(f"  left out {count}: {say(code, 'en')}")
    if report.two_person_release:
        click.echo("  the policy asks for release by a second person: propose it in the console")


@click.group()
def orders() -> None:
    """Orders to the payer: export them, read the acknowledgement, list them."""


@orders.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("orders"),
    show_default=True,
    help="Folder for the files.",
)
def export(out: Path) -> None:
    """Export the queued orders, and write every file that is not acknowledged yet and not in the folder."""
    import django

    django.setup()
    from jianzai.audit.services import Actor
    from jianzai.benefits.models import OrderFile
    from jianzai.benefits.services import export_orders

    made = export_orders(Actor.SYSTEM)
    out.mkdir(parents=True, exist_ok=True)
    for file in OrderFile.objects.filter(acknowledged__isnull=True).order_by("sequence"):
        path = out / f"orders-{file.sequence:06d}.csv"
        if not path.exists():
            _write_whole(path, file.content.encode())
            click.echo(f"{path}: {file.orders} orders, sha256 {file.sha256}")
    if made is None:
        click.echo("no order is waiting")


def _write_whole(path: Path, content: bytes) -> None:
    """The file appears under its name with all of its content, or not at all."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@orders.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def acknowledge(file: Path) -> None:
    """Read the payer's acknowledgement (order_sequence,result,reason). A bad file is refused whole."""
    import django

    django.setup()
    from jianzai.audit.services import Actor
    from jianzai.benefits.services import read_acknowledgement
    from jianzai.sentences import say

    report = read_acknowledgement(file.read_bytes(), Actor.SYSTEM)
    for problem in report.problems:
        where = f"row {problem.row}, {problem.column}" if problem.column else f"row {problem.row}"
        click.echo(f"{where}: {say(f'benefits.{problem.code}', 'en', **problem.values)}")
    if report.problems:
        raise click.ClickException("nothing was taken over: mend the file and read it again")
    click.echo(f"{report.accepted} accepted, {report.rejected} rejected, {report.unchanged} known already")


@orders.command("list")
@click.option(
    "--state",
    type=click.Choice(["queued", "exported", "accepted", "rejected", "corrected"]),
    default="rejected",
    show_default=True,
)
def list_orders(state: str) -> None:
    """List orders in one state, by their numbers, with the payer's reason where it rejected one."""
    import django

    django.setup()
    from jianzai.benefits.models import Order

    for order in Order.objects.filter(state=state).select_related("person").iterator(chunk_size=2000):
        click.echo(
            f"{order.sequence}\t{order.kind}\t{order.person.personal_number}\t{order.effective_month}"
            f"\t{order.arrears_fen}\t{order.rejection}"
        )
