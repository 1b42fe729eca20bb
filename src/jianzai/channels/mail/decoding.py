"""A process that turns one file into JPEG pages within bounds, and ends: bytes in, pages out.

It knows nothing but what it is given on its standard input. On its standard output it writes a line of JSON,
``{"pages": [{"length": ..., "code": ...}]}`` or ``{"refused": ...}``, and the pictures behind it.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator
from contextlib import closing

import pypdfium2
import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PAGES = 20
"""Pages of one file."""

MOST_PIXELS = 100_000_000
"""Of one picture, before it is decoded; telephones take 50 million."""

SIDE = 2500
"""Pixels of the longer side of a page as it is kept: 213 to the inch on A4."""

MEMORY = 2 * 1024**3
"""Bytes of address space that decoding may take."""

SECONDS = 60
"""Of processor time that it may take."""

_QUALITY = 85  # of the JPEG
_LARGEST_SCALE = 3.0  # pixels a point of a PDF page: 216 to the inch
_OURS = "JZ1|"


class _Refused(Exception):
    """``args[0]``: the code of the refusal."""


def main() -> None:
    """Read standard input to its end, write what was made of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        pages = [(_jpeg(picture), _code(picture)) for picture in _pictures(content)]
        told = {"pages": [{"length": len(jpeg), "code": code} for jpeg, code in pages]}
    except _Refused as refusal:
        told, pages = {"refused": refusal.args[0]}, []
    except (MemoryError, OSError, ValueError, RuntimeError, SyntaxError, EOFError):
        told, pages = {"refused": "wrong_file"}, []  # a broken file, in the words of the different decoders
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + b"".join(jpeg for jpeg, _ in pages))


def _pictures(content: bytes) -> Iterator[Image.Image]:
    """Each page at most SIDE pixels long, upright as its file says."""
    return _of_pdf(content) if content[:1024].lstrip().startswith(b"%PDF") else _of_image(content)


def _of_pdf(content: bytes) -> Iterator[Image.Image]:
    with closing(pypdfium2.PdfDocument(content)) as document:
        if len(document) > MOST_PAGES:
            raise _Refused("too_many_pages")
        for number in range(len(document)):
            with closing(document[number]) as page:
                scale = min(_LARGEST_SCALE, SIDE / max(page.get_size()))
                yield page.render(scale=scale).to_pil().convert("RGB")


def _of_image(content: bytes) -> Iterator[Image.Image]:
    Image.MAX_IMAGE_PIXELS = None  # counted below, before anything is unpacked
    try:
        image = Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "TIFF"])
    except UnidentifiedImageError:
        raise _Refused("wrong_file") from None
    # Only a TIFF has pages; the second picture of a telephone's JPEG is of the same page.
    number = 0
    while True:
        if image.width * image.height > MOST_PIXELS:
            raise _Refused("too_many_pixels")
        image.draft("RGB", (SIDE, SIDE))
        page = ImageOps.exif_transpose(image.convert("RGB"))
        page.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        yield page
        number += 1
        if image.format != "TIFF":
            return
        try:
            image.seek(number)
        except EOFError:
            return
        if number == MOST_PAGES:
            raise _Refused("too_many_pages")


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _code(picture: Image.Image) -> str | None:
    """The text of a code of ours on the page, where it is seen at the first look."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return next((code.text for code in found if code.text.startswith(_OURS)), None)


if __name__ == "__main__":
    main()
