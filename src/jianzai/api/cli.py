"""``jianzai token``: access for payers and other systems."""

from __future__ import annotations

import click

from jianzai.api.scopes import Scope


@click.group()
def token() -> None:
    """Access tokens of payers and other systems."""
    import django

    django.setup()


@token.command("make")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([str(scope) for scope in Scope]),
    help="May be repeated.",
)
@click.option("--area", "code", required=True, help="Code of the area whose people it may see, 12 digits.")
def make(name: str, scopes: tuple[str, ...], code: str) -> None:
    """Make a token and print it, once."""
    from jianzai.api.tokens import make_token
    from jianzai.audit.services import Actor
    from jianzai.registry.models import Area

    area = Area.objects.filter(code=code).first()
    if area is None:
        raise click.ClickException(f"no area {code}; see jianzai areas / 没有行政区划 {code}")
    try:
        click.echo(make_token(name, [Scope(scope) for scope in scopes], area, Actor.SYSTEM))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@token.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """End a token at once."""
    from jianzai.api.models import AccessToken
    from jianzai.api.tokens import revoke_token
    from jianzai.audit.services import Actor

    try:
        revoke_token(name, Actor.SYSTEM)
    except AccessToken.DoesNotExist:
        raise click.ClickException(f"no token named {name} / 没有名为 {name} 的令牌") from None


@token.command("list")
def list_them() -> None:
    """Name, area, scopes and dates of every token."""
    from jianzai.api.models import AccessToken

    for row in AccessToken.objects.order_by("name"):
        state = f"revoked {row.revoked:%Y-%m-%d}" if row.revoked else "in force"
        click.echo(f"{row.name}\t{row.area_id}\t{','.join(row.scopes)}\t{row.made:%Y-%m-%d}\t{state}")
