"""A process that reads one print within bounds, compares it, and ends: it alone knows the library.

On its standard input stands a line of JSON, ``{"against": [template, ...]}``, and behind it the file; on its
standard output a line of JSON, ``{"template": ..., "quality": 0 to 100, "scores": [...]}`` or
``{"refused": ...}``. A template is ``{"minutiae": [[x, y, direction, kind, quality], ...], "height": ...}``.
"""

from __future__ import annotations

import io
import json
import resource
import sys

from PIL import Image, UnidentifiedImageError

LARGEST_SIDE, SMALLEST_SIDE = 800, 120
"""Pixels at 500 to the inch: 41 mm, more than a finger, and 6 mm."""

MEMORY = 3 * 1024**3
"""Bytes of address space that reading may take."""

SECONDS = 30
"""Of processor time that it may take."""

EXTRACTOR, MATCHER = "gabor", "safis"
"""Of the library; ``benchmarks/fingerprint.py`` measures others."""


class _Refused(Exception):
    """``args[0]``: the code of the refusal."""


def main() -> None:
    """Read standard input to its end, write what was made of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    head, _, content = sys.stdin.buffer.read().partition(b"\n")
    try:
        told = _read(content, json.loads(head)["against"])
    except _Refused as refusal:
        told = {"refused": refusal.args[0]}
    except (MemoryError, OSError, ValueError, RuntimeError, SyntaxError, EOFError):
        told = {"refused": "wrong_file"}  # a broken picture, in the words of the different decoders
    sys.stdout.write(json.dumps(told) + "\n")


def _read(content: bytes, against: list[dict]) -> dict:
    picture = _grey(content)
    # Imported after the picture was found to be one: it takes a second.
    import numpy as np
    from afis import NbisExtractor, compute_nfiq2, match_templates

    grey = np.asarray(picture, np.float64)
    found = NbisExtractor(extractor=EXTRACTOR, matcher=MATCHER, quality_mode="off").extract_minutiae(grey)
    minutiae = np.nan_to_num(found.minutiae)
    scores = [
        match_templates(
            np.asarray(one["minutiae"], np.float64),
            minutiae,
            method=MATCHER,
            height_a=one["height"],
            height_b=picture.height,
        ).raw_score
        for one in against
    ]
    return {
        "template": {"minutiae": minutiae.round(4).tolist(), "height": picture.height},
        "quality": int(compute_nfiq2(grey).score),
        "scores": [float(score) for score in scores],
    }


def _grey(content: bytes) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # its sides are looked at below, before anything is unpacked
    try:
        picture = Image.open(io.BytesIO(content), formats=["PNG", "BMP", "JPEG"])
    except UnidentifiedImageError:
        raise _Refused("wrong_file") from None
    if max(picture.size) > LARGEST_SIDE:
        raise _Refused("too_large")
    if min(picture.size) < SMALLEST_SIDE:
        raise _Refused("too_small")
    return picture.convert("L")


if __name__ == "__main__":
    main()
