"""How a device packs and seals what was received (``static/offline/sealing.js`` does the same).

Sealed: 12 bytes of nonce, then AES-256-GCM of the packed bytes, bound to key, item, number and form.
Packed: the length of a JSON object (4 bytes, little-endian), the object
``{"fields": {...}, "at": milliseconds, "pictures": [name, ...]}``, and each picture with its length before
it, in the order of their names.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import NotThisKey

LARGEST = 2_500_000
"""Bytes of one sealed item: a dozen pictures as the page takes them."""

MOST_PICTURES = 12
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Content:
    """What was typed, when (seconds since 1970, the device's clock), and JPEG pictures with their names."""

    fields: dict[str, str]
    at: float
    pictures: list[tuple[str, bytes]]

    def named(self, name: str) -> list[bytes]:
        """The pictures of one name."""
        return [jpeg for each, jpeg in self.pictures if each == name]


def bound(key: str, item: str, number: int, form: str) -> bytes:
    """What the sealing is bound to."""
    return f"jianzai|{key}|{item}|{number}|{form}".encode()


def unseal(key: bytes, sealed: bytes, to: bytes) -> Content:
    """The content of ``sealed``, bound to ``to``. Raises NotThisKey for whatever is not that."""
    try:
        packed = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], to)
        head, body = _parted(packed)
        described = json.loads(head)
        fields = {str(name): str(value) for name, value in described["fields"].items()}
        at, names = float(described["at"]) / 1000, [str(name) for name in described["pictures"]]
        if len(names) > MOST_PICTURES:
            raise NotThisKey()
        pictures = []
        for name in names:
            jpeg, body = _parted(body)
            pictures.append((name, jpeg))
    except (
        InvalidTag,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        struct.error,
        RecursionError,
    ) as error:
        raise NotThisKey() from error
    return Content(fields, at, pictures)


def seal(key: bytes, nonce: bytes, content: Content, to: bytes) -> bytes:
    """``content`` sealed as a device does it."""
    described = {
        "fields": content.fields,
        "at": content.at * 1000,
        "pictures": [name for name, _ in content.pictures],
    }
    parts = [json.dumps(described).encode(), *(jpeg for _, jpeg in content.pictures)]
    packed = b"".join(struct.pack("<I", len(part)) + part for part in parts)
    return nonce + AESGCM(key).encrypt(nonce, packed, to)


def _parted(body: bytes) -> tuple[bytes, bytes]:
    """What stands first in ``body``, and the rest."""
    (length,) = struct.unpack_from("<I", body)
    if len(body) < 4 + length:
        raise NotThisKey()
    return body[4 : 4 + length], body[4 + length :]
