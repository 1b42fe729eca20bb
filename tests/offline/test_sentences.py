"""Every sentence the page that works without a network asks for exists, and none of its own lies unused."""

import re
from pathlib import Path

from jianzai.sentences import sentences

FOLDER = Path(__file__).parents[2] / "src" / "jianzai" / "offline"
WRITTEN = "\n".join(
    path.read_text(encoding="utf-8") for path in FOLDER.rglob("*") if path.suffix in (".py", ".html", ".js")
)
OURS = {code for code in sentences() if code.startswith("offline.")}


def test_every_code_that_is_written_out_exists():
    asked = set(re.findall(r"say[( ]\s*[\"'](offline\.[a-z_]+)[\"']", WRITTEN))
    asked |= {f"offline.{code}" for code in re.findall(r"words\.([a-z_]+)", WRITTEN)}
    asked |= {f"offline.{code}" for code in re.findall(r'^    code = "([a-z_]+)"', WRITTEN, re.MULTILINE)}
    assert len(asked) > 40
    assert sorted(asked - OURS) == []


def test_no_sentence_lies_unused_and_every_word_of_the_script_reaches_it():
    from jianzai.offline.views import _WORDS

    used_by_script = set(re.findall(r"words\.([a-z_]+)", WRITTEN))
    assert used_by_script <= set(_WORDS)
    unused = [
        code
        for code in OURS
        if not code.startswith("offline.did_")
        and not re.search(
            rf"[\"'](?:{re.escape(code)}|{re.escape(code.removeprefix('offline.'))})[\"']", WRITTEN
        )
    ]
    assert unused == []
