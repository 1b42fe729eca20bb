"""The ``jianzai`` command: every part's own commands under one roof.

A part is imported when its command is asked for, so that ``jianzai faces`` needs
neither a database nor keys.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import click

_PARTS = {
    "areas": "jianzai.registry.cli:areas",
    "audit": "jianzai.audit.cli:audit",
    "check": "jianzai.operations.cli:check",
    "cycle": "jianzai.certification.cli:cycle",
    "demo": "jianzai.demo.cli:demo",
    "enrol": "jianzai.certification.cli:enrol",
    "enrol-batch": "jianzai.certification.batch_cli:enrol_batch",
    "evaluate": "jianzai.certification.evaluate_cli:evaluate",
    "faces": "jianzai.faces.cli:faces",
    "keys": "jianzai.operations.cli:keys",
    "migrate": "jianzai.operations.cli:migrate",
    "matching": "jianzai.channels.matching.cli:matching",
    "models": "jianzai.certification.cli:models",
    "notices": "jianzai.notices.cli:notices",
    "orders": "jianzai.benefits.cli:orders",
    "roster": "jianzai.registry.cli:roster",
    "search": "jianzai.certification.search_cli:search",
    "serve": "jianzai.operations.cli:serve",
    "speech": "jianzai.web.speech:speech",
    "staff": "jianzai.registry.cli:staff",
    "sweep": "jianzai.benefits.cli:sweep",
    "token": "jianzai.api.cli:token",
    "verify": "jianzai.certification.cli:verify",
    "worker": "jianzai.operations.cli:worker",
}
_DEMO_ENVIRONMENT = "demo.env"


class Parts(click.Group):
    """A group whose commands stand in other modules, imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*_PARTS, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _PARTS:
            return super().get_command(ctx, cmd_name)
        module, _, name = _PARTS[cmd_name].partition(":")
        return getattr(import_module(module), name)


@click.group(cls=Parts)
@click.version_option(package_name="jianzai")
def main() -> None:
    """健在 jianzai: annual proof of life and entitlement for pensioners."""
    join_demo()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jianzai.settings")


def join_demo() -> None:
    """Take the running demo's environment where nothing says which site is meant.

    The demo leaves it in its home folder, so that ``jianzai sweep`` in another terminal finds it. Whoever
    states JIANZAI_MODE or DATABASE_URL, as every production site does, never gets it.
    """
    file = Path(os.environ.get("JIANZAI_HOME", "var")) / _DEMO_ENVIRONMENT
    if {"JIANZAI_MODE", "DATABASE_URL", "JIANZAI_KEYS"} & set(os.environ) or not file.is_file():
        return
    for line in file.read_text().splitlines():
        name, _, value = line.partition("=")
        os.environ[name] = value


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def django(arguments: tuple[str, ...]) -> None:
    """Run one of Django's own management commands."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["jianzai django", *arguments])
