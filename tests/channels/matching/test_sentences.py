"""Every sentence of other offices' records that is asked for exists, and none of their own lies unused."""

import re
from pathlib import Path

from jianzai.sentences import sentences

FOLDER = Path(__file__).parents[3] / "src" / "jianzai" / "channels" / "matching"
WRITTEN = "\n".join(
    path.read_text(encoding="utf-8") for path in FOLDER.rglob("*") if path.suffix in (".py", ".html")
)
OURS = {code for code in sentences() if code.startswith("matching.")}
# The beginnings of codes whose end is a value.
BEGINNINGS = (
    "matching.did_",
    *re.findall(r'f"(matching\.[a-z_]+_)\{', WRITTEN),
    *(f"matching.{name}_" for name in re.findall(r'word_of "matching" "([a-z_]+)"', WRITTEN)),
    *(f"matching.{name}_" for name in re.findall(r'_choices\(\s*"([a-z_]+)"', WRITTEN)),
    *(f"matching.{name}" for name in re.findall(r'tell\(request, f"([a-z_]+_)\{', WRITTEN)),
)
COUNTS = {f"matching.{name}" for name in ("rows", "exact", "probable", "nobody", "stale", "known")}


def test_every_code_that_is_written_out_exists():
    asked = set(re.findall(r"(?:say|words)[( ]\s*[\"'](matching\.[a-z_]+)[\"']", WRITTEN))
    asked |= {f"matching.{code}" for code in re.findall(r'tell\(request, "([a-z_]+)"', WRITTEN)}
    asked |= {f"matching.{code}" for code in re.findall(r'^    code = "([a-z_]+)"', WRITTEN, re.MULTILINE)}
    assert len(asked) > 80
    assert sorted((asked | COUNTS) - OURS) == []


def test_every_value_has_a_word():
    from jianzai.channels.matching.models import Case, Says, Source
    from jianzai.channels.matching.rows import HEADINGS
    from jianzai.channels.matching.weights import FIELDS, Level

    values = {
        "kind": Source.Kind.values,
        "certified_by": Source.Kind.values,
        "says": Says.values,
        "case": Case.Kind.values,
        "case_told": Case.Kind.values,
        "case_how": Case.Kind.values,
        "case_state": Case.State.values,
        "objection": ("open", "upheld", "dismissed", "overtaken"),
        "field": FIELDS,
        "level": [str(each) for each in Level],
        "column": HEADINGS,
        "trust": range(4),
    }
    wanted = {f"matching.{kind}_{value}" for kind, each in values.items() for value in each}
    assert sorted(wanted - OURS) == []


def test_no_sentence_lies_unused():
    unused = [
        code
        for code in OURS - {"matching.channel"} - COUNTS
        if not code.startswith(BEGINNINGS)
        and not re.search(
            rf"[\"'](?:{re.escape(code)}|{re.escape(code.removeprefix('matching.'))})[\"']", WRITTEN
        )
    ]
    assert unused == []
