"""How templates and frames lie in the database: sealed for their person, purpose and pack."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterable, Sequence

import numpy as np

from jianzai.faces import Reference
from jianzai.vault import vault

TEMPLATE, PROBES, FRAMES, PICTURE = "reference", "probes", "frames", "reference picture"
GROWN = "what a reference grew by"


def seal_reference(person_key, reference: Reference) -> bytes:
    """The embeddings of a reference, sealed as this person's reference of its pack."""
    body = _array(reference.embeddings)
    return vault().seal(body, owner=str(person_key), purpose=TEMPLATE, model=reference.pack)


def open_reference(row) -> Reference:
    """The reference in ``row``. Raises jianzai.vault.CannotOpen when the row is not its person's."""
    return Reference(
        row.pack,
        open_templates(row.person.key, row.pack, row.templates),
        tuple(row.clips),
        row.quality,
        grown=_open_grown(row),
    )


def seal_grown(person_key, reference: Reference) -> bytes:
    """What ``reference``, which has grown, grew by."""
    body = _array(reference.grown)
    return vault().seal(body, owner=str(person_key), purpose=GROWN, model=reference.pack)


def _open_grown(row) -> np.ndarray | None:
    if row.grown is None:
        return None
    return _unarray(vault().open(row.grown, owner=str(row.person.key), purpose=GROWN, model=row.pack))


def open_templates(person_key, pack: str, sealed: bytes) -> np.ndarray:
    """The embeddings (n, d) of a reference. Raises jianzai.vault.CannotOpen, as ``open_reference``."""
    return _unarray(vault().open(sealed, owner=str(person_key), purpose=TEMPLATE, model=pack))


def seal_probes(person_key, pack: str, embeddings: dict[int, np.ndarray]) -> bytes | None:
    """Embeddings of some frames of a batch, by their place in it; None when there are none."""
    if not embeddings:
        return None
    places = sorted(embeddings)
    head = json.dumps(places).encode()
    body = struct.pack("<I", len(head)) + head + _array(np.stack([embeddings[place] for place in places]))
    return vault().seal(body, owner=str(person_key), purpose=PROBES, model=pack)


def open_probes(person_key, pack: str, sealed: bytes | None) -> dict[int, np.ndarray]:
    """What ``seal_probes`` was given."""
    if sealed is None:
        return {}
    body = vault().open(sealed, owner=str(person_key), purpose=PROBES, model=pack)
    (length,) = struct.unpack_from("<I", body)
    places = json.loads(body[4 : 4 + length])
    return dict(zip(places, _unarray(body[4 + length :]), strict=True))


def seal_frames(person_key, frames: Sequence[bytes]) -> bytes:
    """JPEG frames, sealed together."""
    body = b"".join(struct.pack("<I", len(frame)) + frame for frame in frames)
    return vault().seal(body, owner=str(person_key), purpose=FRAMES)


def open_frames(person_key, sealed: bytes) -> list[bytes]:
    """What ``seal_frames`` was given."""
    return list(_parts(vault().open(sealed, owner=str(person_key), purpose=FRAMES)))


def seal_picture(person_key, jpeg: bytes) -> bytes:
    """The picture that clerks see beside a reference."""
    return vault().seal(jpeg, owner=str(person_key), purpose=PICTURE)


def open_picture(person_key, sealed: bytes) -> bytes:
    """What ``seal_picture`` was given."""
    return vault().open(sealed, owner=str(person_key), purpose=PICTURE)


def _parts(body: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(body):
        (length,) = struct.unpack_from("<I", body, at)
        yield body[at + 4 : at + 4 + length]
        at += 4 + length


def _array(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(array, np.float32), allow_pickle=False)
    return file.getvalue()


def _unarray(raw: bytes) -> np.ndarray:
    return np.load(io.BytesIO(raw), allow_pickle=False)
