"""``make docs-check`` sees what a document forgets, and what it tells though it is no more."""

from importlib import util
from pathlib import Path

import pytest

_FILE = Path(__file__).parents[2] / "scripts" / "docs_check.py"
_SPEC = util.spec_from_file_location("docs_check", _FILE)
docs_check = util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(docs_check)


def test_both_directions_are_faults():
    found = list(docs_check._differences("setting", {"kept", "new"}, {"kept", "old"}))
    assert found == [
        "setting that no document tells: new",
        "setting that is told but not there: old",
    ]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("`jianzai sweep --as-of 2026-10-08 --dry-run`", False),
        ("    jianzai audit verify --head FILE    # the newest", False),
        ("`jianzai demo`", False),  # a group
        ("`jianzai fly`", True),
        ("`jianzai sweep --quickly`", True),
        (
            "    jianzai orders burn",
            False,
        ),  # the group is there; its row in commands.md is compared by itself
    ],
)
def test_commands_in_code_are_looked_up(said, fault):
    assert bool(list(docs_check._unknown_commands(said))) is fault


def test_rows_of_commands_are_read_with_their_options():
    rows = (
        "| `jianzai sweep [--as-of] [--dry-run] [--area] [--cap]` | x |",
        "| `jianzai cycle open YEAR` | x |",
    )
    told = docs_check._commands_told("\n".join(rows))
    assert told == {"sweep [--area] [--as-of] [--cap] [--dry-run]", "cycle open"}
    assert told <= docs_check._commands()


def test_the_sources_are_found():
    """A pattern that matches nothing would find no fault either."""
    assert {"JIANZAI_MODE", "DATABASE_URL"} <= docs_check._settings()
    assert "GET /api/v1/certifications" in docs_check._routes()
    assert {"demo", "docs-check"} <= docs_check._targets()
    assert {"django", "dlib-bin", "eslint"} <= docs_check._requirements()


def test_links_and_pictures_that_lead_nowhere():
    text = '[a](roster.md) [b](gone.md#part) [c](https://example.org) <img src="gone.webp">'
    path = docs_check.ROOT / "docs" / "privacy.md"
    faults = list(docs_check._broken_links(path, text))
    assert [fault.rpartition(" ")[2] for fault in faults] == ["gone.md", "gone.webp"]
