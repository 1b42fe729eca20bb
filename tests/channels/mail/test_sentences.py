"""Every sentence forms by post ask for exists, and none of their own lies unused."""

import re
from pathlib import Path

from jianzai.channels.mail.layouts import PRINTED, layout
from jianzai.channels.mail.models import Sheet
from jianzai.channels.mail.payload import Kind
from jianzai.channels.mail.reading import RULES
from jianzai.channels.mail.services import FormStatus, reasons_for
from jianzai.sentences import sentences

FOLDER = Path(__file__).parents[3] / "src" / "jianzai" / "channels" / "mail"
WRITTEN = "\n".join(
    path.read_text(encoding="utf-8") for path in FOLDER.rglob("*") if path.suffix in (".py", ".html")
)
OURS = {code for code in sentences() if code.startswith("mail.")}
# The beginnings of codes whose end is a value.
BEGINNINGS = (
    "mail.did_",
    "mail.form_",  # labels of fields, see test_every_field_has_its_label
    *re.findall(r'f"(mail\.[a-z_]+_)\{', WRITTEN),
    *(f"mail.{name}_" for name in re.findall(r'word_of "mail" "([a-z_]+)"', WRITTEN)),
    *(f"mail.{name}_" for name in re.findall(r'_choices\(\s*"([a-z_]+)"', WRITTEN)),
    *(f"mail.{name}" for name in re.findall(r'tell\(request, f"([a-z_]+_)\{', WRITTEN)),
)


def test_every_code_that_is_written_out_exists():
    asked = set(re.findall(r"(?:say|words)[( ]\s*[\"'](mail\.[a-z_]+)[\"']", WRITTEN))
    asked |= {f"mail.{code}" for code in re.findall(r'tell\(request, "([a-z_]+)"', WRITTEN)}
    asked |= {f"mail.{code}" for code in re.findall(r'^    code = "([a-z_]+)"', WRITTEN, re.MULTILINE)}
    assert len(asked) > 80
    assert sorted(asked - OURS) == []


def test_no_sentence_lies_unused():
    unused = [
        code
        for code in OURS - {"mail.channel", "mail.policy"}
        if not code.startswith(BEGINNINGS)
        and not re.search(
            rf"[\"'](?:{re.escape(code)}|{re.escape(code.removeprefix('mail.'))})[\"']", WRITTEN
        )
    ]
    assert unused == []


def test_every_value_has_its_words():
    wanted = {f"mail.kind_{kind}" for kind in Kind}
    wanted |= {f"mail.{part}_{kind}" for kind in PRINTED for part in ("title", "form_how")}
    wanted |= {f"mail.state_{state}" for state in Sheet.State.values}
    wanted |= {f"mail.status_{status}" for status in FormStatus}
    wanted |= {f"mail.rule_{rule.__name__}" for rule in RULES}
    reasons = {reason for kind in Kind for reason in reasons_for(kind)}
    wanted |= {f"mail.reason_{reason}" for reason in reasons}
    wanted |= {f"mail.mend_{reason}" for reason in reasons if reason != "other"}
    assert sorted(wanted - OURS) == []


def test_every_field_has_its_label():
    names = {field.name for kind in PRINTED for field in layout(kind).fields}
    names |= {name for kind in PRINTED for name in layout(kind).drawn["notes"]}
    assert sorted(f"mail.form_{name}" for name in names if f"mail.form_{name}" not in OURS) == []
