"""The ``jianzai`` command."""

from __future__ import annotations

import os

import click


@click.group()
@click.version_option(package_name="jianzai")
def main() -> None:
    """健在 jianzai: annual proof of life and entitlement for pensioners."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jianzai.settings")


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def django(arguments: tuple[str, ...]) -> None:
    """Run one of Django's own management commands."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["jianzai django", *arguments])
