"""Forms on paper: filled in or empty, with number and code, and the address pages they are posted with."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import segno

from jianzai.certification.typesetting import typeset
from jianzai.sentences import say

from .layouts import HOLE, MARK, Layout, layout
from .payload import Payload, seal_payload

_TEMPLATE = Path(__file__).with_name("form.typ")
_ALWAYS = ("number", "date", "seam")


@dataclass(frozen=True, slots=True)
class AddressPage:
    """What lies above a form in its envelope: the sender's line, the lines in the window, and a few words."""

    sender: str
    address: Sequence[str]
    parts: Sequence[dict]


@dataclass(frozen=True, slots=True)
class PaperForm:
    """One form: what its code says, and what is written into its fields, by their names in the layout.

    letter: the page that goes with it by post.
    """

    payload: Payload
    values: Mapping[str, str] = field(default_factory=dict)
    letter: AddressPage | None = None


def pdf(forms: Sequence[PaperForm]) -> bytes:
    """``forms`` as one PDF on A4 with embedded Chinese fonts, each with all its copies.

    Raises ValueError without forms.
    """
    if not forms:
        raise ValueError("no form to print")
    pages, files = [], {}
    for form in forms:
        qr = f"{form.payload.number}.svg"
        files[qr] = _code(form.payload)
        if form.letter:
            letter = form.letter
            pages.append({"sender": letter.sender, "address": letter.address, "parts": letter.parts})
        drawn = layout(form.payload.kind)
        pages += [_page(form, drawn, copy, qr) for copy in _copies(drawn)]
    job = {"title": _title(forms[0], drawn)[0], "mark": MARK, "hole": HOLE, "pages": pages}
    return typeset(_TEMPLATE, files, job=job)


def _copies(drawn: Layout) -> tuple[str, ...]:
    return ("form_copy_return", "form_copy_keep") if drawn.copies == 2 else ("form_copy_one",)


def _page(form: PaperForm, drawn: Layout, copy: str, qr: str) -> dict:
    year = form.payload.year
    names = (*drawn.drawn["fields"], *drawn.drawn["notes"], *_ALWAYS)
    return {
        "layout": drawn.drawn,
        "title": _title(form, drawn),
        "number": form.payload.number,
        "copy": say(f"mail.{copy}", "zh", year=year),
        "qr": qr,
        "words": {name: _words(f"form_{name}", drawn, year=year) for name in names},
        "values": dict(form.values),
    }


def _title(form: PaperForm, drawn: Layout) -> list[str]:
    return _words(f"title_{form.payload.kind}", drawn)


def _words(code: str, drawn: Layout, **values: object) -> list[str]:
    """In Chinese, and in English too on forms that are used outside the mainland."""
    languages = ("zh", "en") if drawn.drawn["bilingual"] else ("zh",)
    return [say(f"mail.{code}", language, **values) for language in languages]


def _code(payload: Payload) -> bytes:
    file = io.BytesIO()
    segno.make(seal_payload(payload), error="q", micro=False).save(file, kind="svg", scale=4, border=2)
    return file.getvalue()
