"""Pages for the printer: a Typst template filled in, with the Chinese fonts that come with us."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import manimgx_fonts_cjk
import typst


def typeset(template: Path, files: dict[str, bytes] | None = None, **inputs: object) -> bytes:
    """The PDF of ``template``, which reads each of ``inputs`` as JSON from ``sys.inputs``.

    files: what else it reads, by name, a picture for instance.
    """
    # Compiled anew each time: a typst.Compiler refuses a second thread while it compiles.
    return typst.compile(
        {"main.typ": template.read_bytes(), **(files or {})},
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={name: json.dumps(value, ensure_ascii=False) for name, value in inputs.items()},
    )


@cache
def _fonts() -> typst.Fonts:
    """Looked for once a process: it takes ten times as long as setting one page."""
    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])
