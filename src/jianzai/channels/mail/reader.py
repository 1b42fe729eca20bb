"""What a sheet says, as it is kept: a plain dictionary, sealed in its row (``Sheet.read``)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import cv2
import numpy as np

from jianzai.registry.models import Beneficiary
from jianzai.registry.services import identity_number

from .payload import Kind, open_payload, person_token
from .reading import MOST_PAGES, TICKS, Box, Expected, Field, Reading, Seal, Shape, is_theirs, read_sheet

_QUALITY = 80  # of the JPEGs that clerks see
_SIDE = 1754  # pixels of the longer side of a page as they see it: 150 to the inch on A4
_AROUND = 0.25  # of a seal's size, shown around it


def read_pages(pictures: Sequence[bytes]) -> tuple[dict, list[bytes]]:
    """What stands on the pages (JPEG) of one paper, and the pages as they are to be looked at, upright.

    In the dictionary: what ``reading_of`` makes a Reading of again, and cut-out pictures (base64 JPEG) of the
    seals and the photograph. Pages beyond the reader's MOST_PAGES are attachments, which only people look at.
    """
    images = [
        cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR) for picture in pictures[:MOST_PAGES]
    ]
    reading = read_sheet(images, open_payload)
    read = {
        "code": reading.qr_text,
        "refused": reading.code_refused,
        "number": reading.form_number,
        "kind": reading.kind,
        "straight": reading.straight,
        "coloured": reading.coloured,
        "asked": sorted(reading.asked),
        "fields": {
            name: {
                "text": field.text,
                "confidence": round(field.confidence, 3),
                "box": [int(side) for side in field.box],
                "page": field.page,
                "corrected": False,
            }
            for name, field in reading.fields.items()
        },
        "ticks": dict(reading.ticks),
        "signature": reading.signature,
        "photo": reading.photo_there,
        "seals": [
            {
                "box": [int(side) for side in seal.box],
                "shape": str(seal.shape),
                "area_share": round(seal.area_share, 4),
                "inside": seal.inside,
                "page": seal.page,
                "picture": _cut(reading.pages[seal.page], seal.box, _AROUND),
            }
            for seal in reading.seals
        ],
        "photo_picture": _cut(reading.pages[0], reading.photo, 0) if reading.photo else None,
    }
    return read, [*map(_shown, reading.pages), *pictures[MOST_PAGES:]]


def unread() -> dict:
    """What ``read_pages`` would say of pages on which nothing can be read: a clerk looks at all of it."""
    return {
        "code": None,
        "refused": None,
        "number": None,
        "kind": None,
        "straight": False,
        "coloured": True,
        "asked": [],
        "fields": {},
        "ticks": {},
        "signature": None,
        "photo": None,
        "seals": [],
        "photo_picture": None,
    }


def reading_of(read: dict) -> Reading:
    """The Reading that ``read`` was made of, with what a clerk corrected, without its pages."""
    payload = open_payload(read["code"]) if read.get("code") and not read.get("refused") else None
    return Reading(
        pages=(),
        straight=read["straight"],
        coloured=read["coloured"],
        qr_text=read["code"],
        payload=payload,
        code_refused=read["refused"],
        form_number=read["number"],
        kind=Kind(read["kind"]) if read["kind"] else None,
        asked=frozenset(read["asked"]),
        fields={
            name: Field(each["text"], each["confidence"], tuple(each["box"]), each["page"])
            for name, each in read["fields"].items()
        },
        ticks=read["ticks"],
        seals=tuple(
            Seal(tuple(each["box"]), Shape(each["shape"]), each["area_share"], each["inside"], each["page"])
            for each in read["seals"]
        ),
        signature=read["signature"],
        photo_there=read["photo"],
    )


def theirs(read: dict, person: Beneficiary) -> bool | None:
    """Whether what was read is a paper of ``person``; None where it cannot be told."""
    expected = Expected(name=person.name, identity=identity_number(person), token=person_token(person.key))
    return is_theirs(reading_of(read), expected)


def says(read: dict) -> str:
    """Which one of the boxes alive, dead, missing, imprisoned is ticked; empty for none or several."""
    ticked = [name for name in TICKS if read["ticks"].get(name)]
    return ticked[0] if len(ticked) == 1 else ""


def turned(jpeg: bytes, quarters: int) -> bytes | None:
    """The picture, turned clockwise by ``quarters`` (1 to 3) of a circle; None where it is none."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else _jpeg(np.ascontiguousarray(np.rot90(image, -quarters)))


def _cut(page: np.ndarray, box: Box, around: float) -> str:
    x, y, width, height = box
    margin = round(around * max(width, height))
    piece = page[max(0, y - margin) : y + height + margin, max(0, x - margin) : x + width + margin]
    return base64.b64encode(_jpeg(piece)).decode()


def _shown(page: np.ndarray) -> bytes:
    shrink = _SIDE / max(page.shape[:2])
    if shrink < 1:
        page = cv2.resize(page, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return _jpeg(page)


def _jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
