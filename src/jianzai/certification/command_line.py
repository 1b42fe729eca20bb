"""What the commands about faces share: in whose name they act, and how they end."""

from __future__ import annotations

from typing import NoReturn

import click

from jianzai.faces.cli import UNUSABLE


class Decides(click.Command):
    """Exit code 2 means "uncertain" here, so a wrong call is 3 like any other unusable input."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.exit_code = UNUSABLE
            raise


def staff_who_may(permission, username: str | None, area=None):
    """The member of staff named, in the demo anyone, who has ``permission`` (in ``area``, where given)."""
    from django.conf import settings

    from jianzai.registry.access import may
    from jianzai.registry.models import Staff

    active = Staff.objects.filter(user__is_active=True).select_related("area", "user").order_by("pk")
    if username is None and not settings.DEMO:
        unusable("say with --staff in whose name / 请用 --staff 注明经办人员（建模时为核对本人和证件的人员）")
    named = active if username is None else active.filter(user__username=username)
    found = next((one for one in named if may(one, permission, area and area.pk)), None)
    if found is None:
        where = f" in {area}" if area else ""
        unusable(f"{username or 'nobody'} may not do this{where} / 没有该辖区的权限")
    return found


def unusable(message: str) -> NoReturn:
    """End with ``message`` and exit code 3."""
    problem = click.ClickException(message)
    problem.exit_code = UNUSABLE
    raise problem
