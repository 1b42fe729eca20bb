"""Every sentence home visits ask for exists, and none of their own lies unused."""

import re
from pathlib import Path

from jianzai.sentences import sentences

FOLDER = Path(__file__).parents[3] / "src" / "jianzai" / "channels" / "visit"
WRITTEN = "\n".join(
    path.read_text(encoding="utf-8") for path in FOLDER.rglob("*") if path.suffix in (".py", ".html")
)
OURS = {code for code in sentences() if code.startswith("visit.")}
# The beginnings of codes whose end is a value.
BEGINNINGS = (
    "visit.did_",
    *re.findall(r'f"(visit\.[a-z_]+_)\{', WRITTEN),
    *(f"visit.{name}_" for name in re.findall(r'word_of "visit" "([a-z_]+)"', WRITTEN)),
    *(f"visit.{name}_" for name in re.findall(r'_choices\(\s*"([a-z_]+)"', WRITTEN)),
    *(f"visit.{name}" for name in re.findall(r'tell\(request, f"([a-z_]+_)\{', WRITTEN)),
)


def test_every_code_that_is_written_out_exists():
    asked = set(re.findall(r"(?:say|words)[( ]\s*[\"'](visit\.[a-z_]+)[\"']", WRITTEN))
    asked |= {f"visit.{code}" for code in re.findall(r'tell\(request, "([a-z_]+)"', WRITTEN)}
    asked |= {f"visit.{code}" for code in re.findall(r'^    code = "([a-z_]+)"', WRITTEN, re.MULTILINE)}
    assert len(asked) > 80
    assert sorted(asked - OURS) == []


def test_no_sentence_lies_unused():
    unused = [
        code
        for code in OURS - {"visit.channel"}
        if not code.startswith(BEGINNINGS)
        and not re.search(
            rf"[\"'](?:{re.escape(code)}|{re.escape(code.removeprefix('visit.'))})[\"']", WRITTEN
        )
    ]
    assert unused == []
