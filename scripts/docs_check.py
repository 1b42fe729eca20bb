"""Hold README.md and docs/ against the program: what is not told, and what is told and is no more.

    python scripts/docs_check.py        (make docs-check)

Compared are settings, commands with their options, routes of the API, make's targets, direct requirements and
links. Each comparison is two sets, so a new thing without a word and a word without a thing both fail.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
_SETTING = re.compile(r"\b(?:JIANZAI_[A-Z_]+|DATABASE_URL)\b")
_COMMAND_ROW = re.compile(r"^\| `jianzai ([^`]+)`", re.MULTILINE)
_IN_CODE = re.compile(r"(?:`|^ {4})jianzai (\w[^`\n|]*)", re.MULTILINE)
_ROUTE = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/api/[^`]+)`")
_TARGET = re.compile(r"^\.PHONY: (.+)$", re.MULTILINE)
_TARGET_SAID = re.compile(r"(?:`|^(?: {4})?)make ([a-z-]+)", re.MULTILINE)
_PACKAGE_ROW = re.compile(r"^\| ((?:`[^`]+`(?:, )?)+) \|", re.MULTILINE)
_LINK = re.compile(r"(?:\]\(|src=\")(?!https?:)([^)#\"]+)")


def main() -> int:
    """Print every difference; 1 where there is one."""
    documents = {path: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *_documents()]}
    told = "\n".join(documents.values())
    faults = [
        *_differences("setting", _settings(), set(_SETTING.findall(told))),
        *_differences("command", _commands(), _commands_told(documents[ROOT / "docs" / "commands.md"])),
        *_unknown_commands(told),
        *_differences("route", _routes(), {" ".join(route) for route in _ROUTE.findall(told)}),
        *_differences("make target", _targets(), set(_TARGET_SAID.findall(told))),
        *_differences(
            "requirement", _requirements(), _packages(documents[ROOT / "docs" / "dependencies.md"])
        ),
        *(fault for path, text in documents.items() for fault in _broken_links(path, text)),
        *_unused_pictures(told),
    ]
    for fault in faults:
        print(fault)
    print(f"docs-check: {len(faults)} faults" if faults else "docs-check: the documents tell what there is")
    return 1 if faults else 0


def _documents() -> list[Path]:
    return sorted((ROOT / "docs").rglob("*.md"))


def _differences(kind: str, there: set[str], told: set[str]) -> Iterator[str]:
    """What one side has and the other has not."""
    yield from (f"{kind} that no document tells: {each}" for each in sorted(there - told))
    yield from (f"{kind} that is told but not there: {each}" for each in sorted(told - there))


def _settings() -> set[str]:
    """Every environment variable of ours that the program, the tests or make read."""
    files = [
        ROOT / "Makefile",
        *(path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py")),
    ]
    return {name for path in files for name in _SETTING.findall(path.read_text(encoding="utf-8"))}


def _commands() -> set[str]:
    """``sweep [--area] [--as-of]``: every command with its options, in alphabetical order."""
    return {_signature(path, _options(command)) for path, command in _leaves(_jianzai(), "")}


def _leaves(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        yield from _leaves(command.get_command(context, name), f"{path} {name}".strip())


def _options(command: click.Command) -> set[str]:
    return {parameter.opts[0] for parameter in command.params if isinstance(parameter, click.Option)}


def _signature(path: str, options: set[str]) -> str:
    return " ".join([path, *(f"[{option}]" for option in sorted(options))])


def _commands_told(reference: str) -> set[str]:
    """The same of the rows of docs/commands.md; arguments in capitals are left out."""
    told = set()
    for row in _COMMAND_ROW.findall(reference):
        words = row.split()
        path = " ".join(word for word in words if re.fullmatch(r"[a-z-]+", word))
        told.add(_signature(path, {word.strip("[]") for word in words if word.startswith("[--")}))
    return told


def _unknown_commands(told: str) -> Iterator[str]:
    """Commands and options that a document names in code anywhere, and that there are not."""
    options = {path: {*_options(command), "--help"} for path, command in _leaves(_jianzai(), "")}
    groups = {path.rpartition(" ")[0] for path in options}
    for line in sorted(set(_IN_CODE.findall(told))):
        words = line.split("#")[0].split()
        path = next(
            (" ".join(words[:length]) for length in (2, 1) if " ".join(words[:length]) in options), ""
        )
        if not path and words and words[0] not in groups and words[0].islower():
            yield f"command that is told but not there: jianzai {line}"
        for word in words if path else ():
            if word.startswith("--") and word.rstrip("),.;]") not in options[path]:
                yield f"option that is told but not there: jianzai {path} {word}"


def _jianzai() -> click.Group:
    from jianzai.cli import main as jianzai

    return jianzai


def _routes() -> set[str]:
    """``GET /api/v1/orders``: every route of the API's OpenAPI document."""
    import django

    django.setup()
    from jianzai.api.urls import api

    paths = json.loads(json.dumps(api.get_openapi_schema(), default=str))["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def _targets() -> set[str]:
    return set(_TARGET.search((ROOT / "Makefile").read_text())[1].split())


def _requirements() -> set[str]:
    """Every direct requirement, of Python and of the scripts' linter."""
    lines = [
        line.strip()
        for path in (ROOT / "requirements").glob("*.in")
        for line in path.read_text().splitlines()
        if line.strip() and not line.startswith(("-", "#"))
    ]
    scripts = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    return {re.split(r"[\[~=<>!; ]", line)[0] for line in lines} | set(scripts)


def _packages(dependencies: str) -> set[str]:
    """The packages that have a row in docs/dependencies.md."""
    return {name for row in _PACKAGE_ROW.findall(dependencies) for name in re.findall(r"`([^`]+)`", row)}


def _broken_links(path: Path, text: str) -> Iterator[str]:
    for target in _LINK.findall(text):
        if not (path.parent / target).exists():
            yield f"{path.relative_to(ROOT)} links to nothing: {target}"


def _unused_pictures(told: str) -> Iterator[str]:
    for picture in sorted((ROOT / "docs" / "pictures").glob("*")):
        if picture.name not in told:
            yield f"picture that no document shows: {picture.relative_to(ROOT)}"


if __name__ == "__main__":
    os.environ.setdefault("JIANZAI_MODE", "test")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jianzai.settings")
    sys.exit(main())
