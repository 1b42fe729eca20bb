"""Every sentence received things ask for exists, and none of their own lies unused."""

import re
from pathlib import Path

from jianzai.sentences import sentences

FOLDER = Path(__file__).parents[3] / "src" / "jianzai" / "channels" / "counter"
WRITTEN = "\n".join(
    path.read_text(encoding="utf-8") for path in FOLDER.rglob("*") if path.suffix in (".py", ".html")
)
OURS = {code for code in sentences() if code.startswith("counter.")}
# The beginnings of codes whose end is a value.
BEGINNINGS = (
    "counter.did_",
    *re.findall(r'f"(counter.[a-z_]+_)\{', WRITTEN),
    *(f"counter.{name}_" for name in re.findall(r'word_of "counter" "([a-z_]+)"', WRITTEN)),
    *(f"counter.{name}_" for name in re.findall(r'_choices\(\s*"([a-z_]+)"', WRITTEN)),
    *(f"counter.{name}" for name in re.findall(r'tell\(request, f"([a-z_]+_)\{', WRITTEN)),
)


def test_every_code_that_is_written_out_exists():
    asked = set(re.findall(r"(?:say|words)[( ]\s*[\"'](counter.[a-z_]+)[\"']", WRITTEN))
    asked |= {f"counter.{code}" for code in re.findall(r'tell\(request, "([a-z_]+)"', WRITTEN)}
    asked |= {f"counter.{code}" for code in re.findall(r'^    code = "([a-z_]+)"', WRITTEN, re.MULTILINE)}
    assert len(asked) > 20
    assert sorted(asked - OURS) == []


def test_no_sentence_lies_unused():
    unused = [
        code
        for code in OURS - {"counter.channel"}
        if not code.startswith(BEGINNINGS)
        and not re.search(
            rf"[\"'](?:{re.escape(code)}|{re.escape(code.removeprefix('counter.'))})[\"']", WRITTEN
        )
    ]
    assert unused == []
