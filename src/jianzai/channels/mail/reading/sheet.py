"""From the pictures of a sheet to what it says: straighten, find out which form it is, read its boxes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from jianzai.ocr import Text, ocr

from ..layouts import PRINTED, FieldType, Layout, layout
from ..layouts import Box as Millimetres
from ..payload import Kind, Payload, PayloadError, read_number
from .codes import Code, read_code_in, read_codes
from .fields import read_boxes
from .marks import has_colour, paper_white, photo, seals, signature, ticks, without_red
from .prose import name_and_number
from .straighten import PIXELS, bounded, places_by_code, straightened, warped
from .types import Box, Field, Reading

MOST_PAGES = 6
"""Pages of one sheet that are looked at: a form, its copy, and what is enclosed."""

_QUIET = 0.045  # of the code's box, on each side: two modules of about 45
_READ = (FieldType.TEXT, FieldType.DATE)
_TITLES = {
    "协查": Kind.ELSEWHERE,
    "生存": Kind.HMT,
    "健在": Kind.ABROAD_2013,
    "审核": Kind.ABROAD,
}
_NUMBER = re.compile(r"[0-9OoQIlZSB]{4}[\s\-‐-―−_.·]*[0-9OoQIlZSB]{6}[\s\-‐-―−_.·]*[0-9OoQIlZSB]")

OpenCode = Callable[[str], Payload]


@dataclass(frozen=True, slots=True)
class _Page:
    """A page and what it is. ``places``: the layout its boxes are at, None where it could not be laid out."""

    image: np.ndarray
    straight: bool = False
    qr_text: str | None = None
    payload: Payload | None = None
    refused: str | None = None
    number: str | None = None
    places: Layout | None = None


def read_sheet(pages: Sequence[np.ndarray], open_code: OpenCode) -> Reading:
    """Everything that ``pages`` (BGR or grey, of one sheet) say.

    The form is the first page with a code or number of ours; the others are carried along. open_code: what
    ``payload.open_payload`` is, raises PayloadError for a code of somebody else. Without a form of ours, name
    and identity number are looked for on the first page. Raises ValueError without pages, and for more than
    MOST_PAGES.
    """
    if not 1 <= len(pages) <= MOST_PAGES:
        raise ValueError(f"{len(pages)} pages")
    looked = [_look_at(bounded(page), open_code) for page in pages]
    index = next((i for i, page in enumerate(looked) if page.payload or page.number), None)
    if index is None:
        index = next((i for i, page in enumerate(looked) if page.places), 0)
    form = looked[index]
    images = tuple(page.image for page in looked)
    if form.places is None:
        return _loose(images, form, index)
    return _laid_out(images, form, index)


def _look_at(picture: np.ndarray, open_code: OpenCode) -> _Page:
    """Which form ``picture`` is of, if one of ours, and the page straightened."""
    codes = read_codes(picture)
    text, payload, refused = _opened([code.text for code in codes], open_code)
    if payload is not None:
        code = next(code for code in codes if code.text == text)
        return _by_code(picture, code, payload)
    for places in _geometries():
        page = straightened(picture, places.marks)
        if page is None:
            continue
        cell = read_code_in(_piece(page, places.qr, 4))
        if text is None and cell is not None:
            text, payload, refused = _opened([cell], open_code)
        if payload is not None:
            return _Page(page, True, text, payload, None, payload.number, layout(payload.kind))
        kind = _kind_of(page, places)
        number = _number_of(page, places)
        if kind or number:
            return _Page(page, True, text, None, refused, number, layout(kind or places.kind))
    return _Page(_upright(picture), False, text, None, refused)


def _by_code(picture: np.ndarray, code: Code, payload: Payload) -> _Page:
    places = layout(payload.kind)
    near = places_by_code(code.corners, _shrunk(places.qr), places.marks)
    page = straightened(picture, places.marks, near)
    straight = page is not None
    if page is None:
        page = warped(picture, near, places.marks)
    return _Page(page, straight, code.text, payload, None, payload.number, places)


def _opened(texts: list[str], open_code: OpenCode) -> tuple[str | None, Payload | None, str | None]:
    """The first of ``texts`` that is ours, else the first with why it is not."""
    refused: tuple[str | None, Payload | None, str | None] = (None, None, None)
    for text in texts:
        try:
            return text, open_code(text), None
        except PayloadError as error:
            if refused[0] is None:
                refused = (text, None, error.reason)
    return refused


def _geometries() -> list[Layout]:
    """One layout for each place the marks can have."""
    return list({layout(kind).marks: layout(kind) for kind in reversed(PRINTED)}.values())


def _kind_of(page: np.ndarray, places: Layout) -> Kind | None:
    title = _read_millimetres(page, {"title": tuple(places.drawn["title"])})["title"].words
    return next((kind for word, kind in _TITLES.items() if word in title), None)


def _number_of(page: np.ndarray, places: Layout) -> str | None:
    return _number_in(_read_millimetres(page, {"number": places.number})["number"].words)


def _number_in(words: str) -> str | None:
    found = (read_number(match.group()) for match in _NUMBER.finditer(words))
    return next((number for number in found if number), None)


def _laid_out(images: tuple[np.ndarray, ...], form: _Page, index: int) -> Reading:
    places, page = form.places, form.image
    white = paper_white(page)
    grey = without_red(white)
    boxes = {field.name: _pixels(field.box) for field in places.fields if not field.stub}
    of_type = {field.name: field.type for field in places.fields}
    texts = read_boxes(white, {name: box for name, box in boxes.items() if of_type[name] in _READ})
    seal_box = boxes.get("seal")
    photo_there, photo_box = photo(page, boxes["photo"]) if "photo" in boxes else (None, None)
    return Reading(
        pages=images,
        straight=form.straight,
        coloured=has_colour(form.image),
        qr_text=form.qr_text,
        payload=form.payload,
        code_refused=form.refused,
        form_number=form.number,
        kind=form.payload.kind if form.payload else places.kind,
        asked=frozenset(boxes),
        fields={name: Field(text.words, text.confidence, boxes[name], index) for name, text in texts.items()},
        ticks=ticks(grey, {name: box for name, box in boxes.items() if of_type[name] == FieldType.TICK}),
        seals=tuple(seals(_without(white, boxes.get("photo")), seal_box, index)),
        form_page=index,
        signature=signature(grey, boxes["signature"]) if "signature" in boxes else None,
        photo=photo_box,
        photo_there=photo_there,
    )


def _loose(images: tuple[np.ndarray, ...], form: _Page, index: int) -> Reading:
    """A sheet without known places: name and identity number wherever they are, and seals.

    They are looked for on the page that the others are enclosed with; on those only where it names nobody.
    """
    lines = ocr().find(form.image)
    fields = name_and_number(lines, index)
    for page, image in enumerate(images):
        if not fields and page != index:
            fields = name_and_number(ocr().find(image), page)
    return Reading(
        pages=images,
        straight=False,
        form_page=index,
        coloured=has_colour(form.image),
        qr_text=form.qr_text,
        code_refused=form.refused,
        form_number=next((number for line in lines if (number := _number_in(line.text.words))), None),
        fields=fields,
        seals=tuple(seals(paper_white(form.image), None, index)),
    )


def _upright(picture: np.ndarray) -> np.ndarray:
    """The picture turned by quarters so that its lines run across and are read best."""
    lying = _lies(picture)
    ways = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE) if lying else (None, cv2.ROTATE_180)
    turned = [picture if way is None else cv2.rotate(picture, way) for way in ways]
    middle = [_middle_lines(each) for each in turned]
    return turned[int(np.argmax(middle))]


def _lies(picture: np.ndarray) -> bool:
    """Whether lines run down: then ink varies more from column to column than from row to row."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    dark = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15)
    return np.diff(dark.mean(axis=0)).std() > np.diff(dark.mean(axis=1)).std()


def _middle_lines(picture: np.ndarray) -> float:
    """How surely the text in the upper half reads this way up."""
    half = picture[: picture.shape[0] // 2]
    texts = [line.text for line in ocr().find(half) if len(line.text.words) > 2]
    return float(np.mean([text.confidence for text in texts])) if texts else 0.0


def _without(white: np.ndarray, box: Box | None) -> np.ndarray:
    """The page with ``box`` blank: many photographs have a red ground, and are as square as a seal."""
    if box is None:
        return white
    x, y, width, height = box
    blank = white.copy()
    blank[y : y + height, x : x + width] = 255
    return blank


def _read_millimetres(page: np.ndarray, boxes: dict[str, Millimetres]) -> dict[str, Text]:
    return read_boxes(paper_white(page), {name: _pixels(box) for name, box in boxes.items()})


def _piece(page: np.ndarray, box: Millimetres, around: float) -> np.ndarray:
    """``box`` (mm) of a straightened page with ``around`` mm on each side."""
    x, y, width, height = _pixels(
        (box[0] - around, box[1] - around, box[2] + 2 * around, box[3] + 2 * around)
    )
    return page[max(0, y) : y + height, max(0, x) : x + width]


def _pixels(box: Millimetres) -> Box:
    return tuple(round(side * PIXELS) for side in box)  # type: ignore[return-value]


def _shrunk(box: Millimetres) -> Millimetres:
    """The code itself, without the quiet zone that its box holds."""
    x, y, width, height = box
    return x + _QUIET * width, y + _QUIET * height, width * (1 - 2 * _QUIET), height * (1 - 2 * _QUIET)
