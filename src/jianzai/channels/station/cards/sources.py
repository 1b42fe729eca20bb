"""Where a card is read: by the service of a reader's vendor (JSON), or from photographs."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np

from jianzai.faces import Unusable
from jianzai.faces.video import decode_jpeg

from ..card import Side, read_card
from ..errors import HandOverUnreadable, PhotographUnreadable
from .fields import FIELDS, ReadField, understood

LARGEST_HANDOVER = 400_000  # characters; a chip's picture has some 40,000 bytes
LARGEST_PHOTOGRAPH = 10 * 2**20  # bytes
LARGEST_PORTRAIT = 1000  # pixels a side; the chip's has 102 by 126

_QUALITY = 90  # of the portrait as it is kept, JPEG
_PIXELS = 50_000_000  # of what a telephone takes


@dataclass(frozen=True, slots=True)
class ReadCard:
    """What was read of a card; ``portrait`` is a JPEG."""

    fields: dict[str, ReadField]
    portrait: bytes | None
    by_chip: bool


def from_reader(text: str) -> ReadCard:
    """The card in a hand-over: a JSON object with any of ``FIELDS`` and ``portrait`` (JPEG, PNG or BMP in
    base64). Other keys are left alone. Raises HandOverUnreadable.
    """
    if len(text) > LARGEST_HANDOVER:
        raise HandOverUnreadable()
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise HandOverUnreadable() from None
    if not isinstance(told, dict):
        raise HandOverUnreadable()
    fields = {
        field: ReadField(text)
        for field in FIELDS
        if isinstance(value := told.get(field), str) and (text := understood(field, value))
    }
    if not fields:
        raise HandOverUnreadable()
    portrait = told.get("portrait")
    return ReadCard(fields, _portrait(portrait) if isinstance(portrait, str) and portrait else None, True)


def from_photographs(front: bytes | None, back: bytes | None, today: date) -> ReadCard:
    """The card in photographs (JPEG) of the side with the portrait, of the other, or of both.

    Raises PhotographUnreadable where one shows no such side.
    """
    fields: dict[str, ReadField] = {}
    portrait = None
    for content, side in ((front, Side.PORTRAIT), (back, Side.EMBLEM)):
        if content is None:
            continue
        try:
            card = read_card(decode_jpeg(content, _PIXELS), today)
        except Unusable:
            raise PhotographUnreadable() from None
        if card.side != side:
            raise PhotographUnreadable()
        for field in FIELDS:
            if (read := card.fields.get(field)) and (text := understood(field, read.text)):
                fields[field] = ReadField(text, read.confidence)
        if card.portrait:
            x, y, width, height = card.portrait
            portrait = _jpeg(card.picture[y : y + height, x : x + width])
    if not fields:
        raise PhotographUnreadable()
    return ReadCard(fields, portrait, False)


def _portrait(encoded: str) -> bytes:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise HandOverUnreadable() from None
    width, height = _size(raw)
    if not 0 < width <= LARGEST_PORTRAIT or not 0 < height <= LARGEST_PORTRAIT:
        raise HandOverUnreadable()
    picture = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise HandOverUnreadable()
    return _jpeg(picture)


def _size(raw: bytes) -> tuple[int, int]:
    """Width and height by the header, before anything is decoded; 0 where it is no such picture."""
    if raw[:8] == b"\x89PNG\r\n\x1a\n" and len(raw) > 24:
        return int.from_bytes(raw[16:20], "big"), int.from_bytes(raw[20:24], "big")
    if raw[:2] == b"BM" and len(raw) > 26:
        return int.from_bytes(raw[18:22], "little"), abs(int.from_bytes(raw[22:26], "little", signed=True))
    if raw[:2] == b"\xff\xd8":
        try:
            picture = decode_jpeg(raw, LARGEST_PORTRAIT**2)
        except Unusable:
            return 0, 0
        return picture.shape[1], picture.shape[0]
    return 0, 0


def _jpeg(picture: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
