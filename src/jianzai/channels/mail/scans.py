"""Files that scanners and telephones make, turned into pages, with bounds on everything.

A file is opened in a process of its own (``decoding.py``), which may take so much memory and time and no
more: what crashes a decoder or unpacks without end takes no server with it.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass

from .decoding import MOST_PAGES, SECONDS
from .errors import FileTooLarge, TooManyPages, TooManyPixels, WrongFile

LARGEST = 25 * 1024 * 1024
"""Bytes of one file."""

_log = logging.getLogger(__name__)
_REFUSALS = {each.code: each for each in (WrongFile, TooManyPages, TooManyPixels)}


@dataclass(frozen=True, slots=True)
class Page:
    """One page: a JPEG, and the text of a code of ours on it where one is seen at once."""

    picture: bytes
    code: str | None


def pages_of(content: bytes) -> list[Page]:
    """The pages of a PDF, TIFF, JPEG or PNG. Raises WrongFile, FileTooLarge, TooManyPages, TooManyPixels."""
    if len(content) > LARGEST:
        raise FileTooLarge(megabytes=LARGEST // 2**20)
    told, body = _decoded(content)
    if refusal := told.get("refused"):
        raise _REFUSALS[refusal](most=MOST_PAGES)
    pages, start = [], 0
    for page in told["pages"]:
        pages.append(Page(body[start : start + page["length"]], page["code"]))
        start += page["length"]
    if not pages:
        raise WrongFile()
    return pages


def _decoded(content: bytes) -> tuple[dict, bytes]:
    """What the other process told, and the pictures it made."""
    # Nothing of ours is passed on: neither keys nor the database's address.
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "jianzai.channels.mail.decoding"],
            input=content,
            capture_output=True,
            timeout=2 * SECONDS,
            check=True,
            env=environment,
        )
        head, _, body = done.stdout.partition(b"\n")
        return json.loads(head), body
    except (subprocess.SubprocessError, ValueError) as problem:
        _log.warning("a scan could not be decoded: %s", type(problem).__name__)
        raise WrongFile() from None
