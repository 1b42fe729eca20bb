"""What a thief of the database and of the data folder finds of faces and identity numbers: nothing."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from random import Random

import numpy as np
import pytest
from django.conf import settings as site
from django.db import connection

from jianzai.audit.services import Actor
from jianzai.certification import services
from jianzai.certification.models import Batch, ReferenceFace, ReviewCase
from jianzai.certification.sealing import open_picture, open_reference
from jianzai.certification.services import captures
from jianzai.faces.liveness import draw
from jianzai.faces.types import Action
from jianzai.registry.people import identity_number
from jianzai.sealed import sealed_columns
from jianzai.vault import CannotOpen, vault
from tests.people import make_person

from .camera import Browser
from .test_captures import CAP13, CAP13_ANSWERS, acting, at_home, clips, model, this_year  # noqa: F401

pytestmark = pytest.mark.django_db

# How a JPEG, a PNG and a WebP begin. Three bytes alone turn up in a megabyte of ciphertext now and then.
PICTURE = re.compile(rb"\xff\xd8\xff[\xc0\xdb\xe0\xe1\xee]\x00|\x89PNG\r\n\x1a\n|RIFF....WEBP", re.DOTALL)
# With the mouth first, franck.mp4 shows too little movement to be modelled.
TURN_FIRST = next(
    seed
    for seed in range(100)
    if draw(Random(seed), allowed=CAP13_ANSWERS).prompts[0].action is Action.TURN_LEFT
)
SHORTEST = 24  # bytes of a vector that are looked for: no chance puts so many together


@pytest.fixture
def seen(monkeypatch):
    """Whatever goes into the vault while the test runs: embeddings and JPEG frames."""
    kept = {"embeddings": [], "frames": []}
    seal_probes, seal_frames = captures.seal_probes, captures.seal_frames

    def probes(person_key, pack, embeddings):
        kept["embeddings"] += embeddings.values()
        return seal_probes(person_key, pack, embeddings)

    def frames(person_key, pictures):
        kept["frames"] += pictures
        return seal_frames(person_key, pictures)

    monkeypatch.setattr(captures, "seal_probes", probes)
    monkeypatch.setattr(captures, "seal_frames", frames)
    return kept


def dump() -> dict[str, bytes]:
    """Every table as COPY writes it in binary, and every file under the data folder but the server's own."""
    held = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
                held[table] = b"".join(bytes(part) for part in copy)
    server, keys = site.HOME / "postgres", site.KEYS_FILE
    for path in Path(site.HOME).rglob("*"):
        if path.is_file() and path != keys and not path.is_relative_to(server):
            held[str(path)] = path.read_bytes()
    return held


def vectors_as_bytes(vectors) -> set[bytes]:
    """How a template could lie in the clear: floats of three sizes, whole numbers of one byte, text."""
    found = set()
    for vector in np.asarray(vectors, np.float32):
        for kind in (np.float32, np.float16, np.float64, ">f4"):
            found.add(vector.astype(kind).tobytes()[:SHORTEST])
        for most in (127 / np.abs(vector).max(), 127, 128):
            found.add(np.round(vector * most).clip(-128, 127).astype(np.int8).tobytes()[:SHORTEST])
        found.add(json.dumps(vector[:3].tolist())[1:-1].encode())
        found.add(json.dumps([round(float(value), 4) for value in vector[:4]])[1:-1].encode())
    return found


def in_the_clear(held: dict[str, bytes], templates, frames, numbers) -> set[tuple[str, str]]:
    """What can be read where: ("template", table)."""
    wanted = vectors_as_bytes(templates)
    slices = {part for frame in frames for part in (frame[:64], frame[len(frame) // 2 :][:64])}
    found = set()
    for place, content in held.items():
        if any(part in content for part in wanted):
            found.add(("template", place))
        if PICTURE.search(content) or any(part in content for part in slices):
            found.add(("frame", place))
        if any(number.encode() in content.upper() for number in numbers):
            found.add(("number", place))
    return found


def test_a_dump_shows_no_face_and_no_number(this_year, clips, clerk, seen, settings):  # noqa: F811
    model(this_year, clips, clerk)
    _, answer = at_home(this_year, "verify", clips)
    assert answer["outcome"]["certified"]
    stranger = make_person(name="赵六")
    services.enlist(services.open_cycle(2026, Actor.SYSTEM))
    services.give_consent(stranger, "zh", Actor("person"))
    settings.CHALLENGE_SEED = TURN_FIRST
    model(stranger, clips, clerk, "franck.mp4", {**CAP13, "rest": (1.0, 9.0)})
    settings.CHALLENGE_SEED = None
    session = services.open_session(stranger, "verify", "online", actor=Actor("person"))
    Browser(session, acting(clips["cap13_edit2.mp4"], CAP13)).run(90.0)
    assert ReviewCase.objects.filter(person=stranger, state="open", attempt__isnull=False).exists()
    running = services.open_session(this_year, "enrol", "online", actor=Actor("person"))
    browser = Browser(running, acting(clips["cap13_edit2.mp4"], CAP13))
    for _ in range(3):
        browser.post(browser.batch())
    assert Batch.objects.filter(session=running, embeddings__isnull=False, frames__isnull=False).exists()

    references = list(ReferenceFace.objects.filter(state="active").select_related("person"))
    templates = [vector for row in references for vector in open_reference(row).embeddings]
    templates += seen["embeddings"]
    pictures = [open_picture(row.person.key, row.picture) for row in references] + seen["frames"]
    numbers = [identity_number(person) for person in (this_year, stranger)]
    assert len(references) == 2
    assert len(templates) >= 8
    assert len(pictures) >= 50
    looked_for = (templates, pictures, numbers)
    held = dump()
    assert sum(map(len, held.values())) > 500_000
    assert in_the_clear(held, *looked_for) == set()
    filled = {
        (column.model._meta.db_table, column.column) for column in sealed_columns() if has_values(column)
    }
    assert {
        ("certification_referenceface", "templates"),
        ("certification_referenceface", "picture"),
        ("certification_attempt", "kept_frames"),
        ("certification_batch", "embeddings"),
        ("certification_batch", "frames"),
        ("registry_beneficiary", "identity_sealed"),
    } <= filled

    # The same search finds each of them where it does lie in the clear.
    opened = np.float16(templates[0]).tobytes()
    ReferenceFace.objects.filter(pk=references[0].pk).update(templates=opened, picture=pictures[0])
    type(this_year).objects.filter(pk=this_year.pk).update(address=f"x{numbers[0]}")
    assert in_the_clear(dump(), *looked_for) == {
        ("template", "certification_referenceface"),
        ("frame", "certification_referenceface"),
        ("number", "registry_beneficiary"),
    }


def has_values(column) -> bool:
    return column.model._base_manager.exclude(**{column.name: None}).exists()


def test_rows_swapped_between_people_and_purposes_do_not_open(this_year, clips, clerk):  # noqa: F811
    other = make_person(name="赵六")
    services.give_consent(other, "zh", Actor("person"))
    model(this_year, clips, clerk)
    model(other, clips, clerk, "cap13_edit2.mp4", CAP13)
    with connection.cursor() as cursor:
        for table, column, owner in (
            ("certification_referenceface", "templates", "person_id"),
            ("certification_referenceface", "picture", "person_id"),
            ("registry_beneficiary", "identity_sealed", "id"),
        ):
            cursor.execute(
                f"UPDATE {table} AS here SET {column} = there.{column} FROM {table} AS there "
                f"WHERE here.{owner} <> there.{owner}"
            )
            assert cursor.rowcount == 2
    for row in ReferenceFace.objects.select_related("person"):
        with pytest.raises(CannotOpen):
            open_reference(row)
        with pytest.raises(CannotOpen):
            open_picture(row.person.key, row.picture)
        with pytest.raises(CannotOpen):
            identity_number(row.person)
        theirs = ReferenceFace.objects.exclude(person=row.person).get().person
        for purpose, pack in (("probes", row.pack), ("reference", "another pack"), ("frames", "")):
            with pytest.raises(CannotOpen):  # of the right person, as something else
                vault().open(row.templates, owner=str(theirs.key), purpose=purpose, model=pack)
        assert np.load(
            io.BytesIO(
                vault().open(row.templates, owner=str(theirs.key), purpose="reference", model=row.pack)
            )
        ).size


def test_modelled_again_the_old_model_is_gone_in_the_same_act(this_year, clips, clerk):  # noqa: F811
    """Renewed as ISO/IEC 24745 asks: what somebody has of the old row is of no use to anybody any more."""
    model(this_year, clips, clerk)
    old = ReferenceFace.objects.get()
    model(this_year, clips, clerk, "cap13_edit2.mp4", CAP13)
    new = ReferenceFace.objects.get(state="active")
    assert new.pk != old.pk
    assert bytes(new.templates) != bytes(old.templates)
    gone = ReferenceFace.objects.get(pk=old.pk)
    assert (gone.state, gone.templates, gone.picture) == ("replaced", None, None)
    assert in_the_clear({"old": bytes(old.templates)}, open_reference(new).embeddings, [], []) == set()
