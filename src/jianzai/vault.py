"""Keys, sealing and keyed look-up: what must not lie in the database in the clear passes through here.

Values are sealed with AES-256-GCM. The associated data names the owner, the
purpose and the model, so that a row copied to another person, purpose or model
does not open (ISO/IEC 24745, renewability and unlinkability). Identity numbers
are found again through HMAC-SHA256 under a key of its own.

Keys come from a provider: a folder of files with mode 0600 (the demo, small
offices) or the environment (filled from a key management service).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"\x01"
_NONCE = 12
_MOST = 255  # generations: a sealed value names its own in one byte


class KeysMissing(RuntimeError):
    """No usable keys: the message says where they were looked for and what to do."""


class CannotOpen(ValueError):
    """A sealed value was altered, belongs to someone else, or its key is gone."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a deployment.

    data: generation (1 to 255) to 32 bytes; the highest generation seals, all open.
    lookup: 32 bytes for keyed hashes; changing it means hashing every row anew.
    signing: Ed25519 seed of 32 bytes for certificates, audit heads and exports.
    demo: whether these keys were made for a demonstration.
    """

    data: dict[int, bytes]
    lookup: bytes
    signing: bytes
    demo: bool = False

    @staticmethod
    def generate(*, demo: bool) -> KeyRing:
        """Fresh random keys."""
        return KeyRing({1: secrets.token_bytes(32)}, secrets.token_bytes(32), secrets.token_bytes(32), demo)

    @property
    def current(self) -> int:
        """The generation that seals."""
        return max(self.data)

    def with_next(self) -> KeyRing:
        """With a fresh data key, which seals from then on. Raises ValueError after the 255th."""
        if self.current == _MOST:
            raise ValueError(f"a key ring counts {_MOST} generations")
        return replace(self, data={**self.data, self.current + 1: secrets.token_bytes(32)})

    def only_current(self) -> KeyRing:
        """Without the older generations: what is still sealed with one of them is lost."""
        return replace(self, data={self.current: self.data[self.current]})

    def to_json(self) -> str:
        encode = lambda raw: base64.b64encode(raw).decode()  # noqa: E731
        return json.dumps(
            {
                "data": {str(number): encode(key) for number, key in self.data.items()},
                "lookup": encode(self.lookup),
                "signing": encode(self.signing),
                "demo": self.demo,
            },
            indent=1,
        )

    @staticmethod
    def from_json(text: str) -> KeyRing:
        """Read what ``to_json`` wrote. Raises KeysMissing where it is not that or a key has a wrong size."""
        try:
            raw = json.loads(text)
            ring = KeyRing(
                {int(number): base64.b64decode(key) for number, key in raw["data"].items()},
                base64.b64decode(raw["lookup"]),
                base64.b64decode(raw["signing"]),
                bool(raw["demo"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeysMissing("the key file cannot be read: restore it from the backup") from error
        sizes = {len(key) for key in (*ring.data.values(), ring.lookup, ring.signing)}
        if sizes != {32} or not all(1 <= number <= _MOST for number in ring.data):
            raise KeysMissing("the key file holds keys of a wrong size: restore it from the backup")
        return ring


def load_keys(path: Path) -> KeyRing:
    """The key ring in ``JIANZAI_KEYS`` (JSON) or else in the file ``path``.

    Raises KeysMissing when there is none, or when others than the owner may read the file.
    """
    if text := os.environ.get("JIANZAI_KEYS"):
        return KeyRing.from_json(text)
    if not path.is_file():
        raise KeysMissing(f"no keys at {path}: run `jianzai keys make`, or restore the file from the backup")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeysMissing(f"{path} can be read by others: run `chmod 600 {path}`")
    return KeyRing.from_json(path.read_text())


def make_keys(path: Path, *, demo: bool) -> KeyRing:
    """Write fresh keys to ``path`` with mode 0600. Raises FileExistsError rather than replace keys."""
    ring = KeyRing.generate(demo=demo)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(path, ring)
    return ring


def replace_keys(path: Path, ring: KeyRing) -> None:
    """Write ``ring`` in place of the keys at ``path``: whoever reads, finds the one or the other, whole."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)  # of a process that died here
    _write(fresh, ring)
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(path: Path, ring: KeyRing) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(ring.to_json())
        file.flush()
        os.fsync(file.fileno())


def from_environment() -> bool:
    """Whether the keys come from the environment, where nobody here can change them."""
    return bool(os.environ.get("JIANZAI_KEYS"))


class Vault:
    """Seals, opens, looks up and signs with one key ring."""

    def __init__(self, keys: KeyRing):
        self.keys = keys
        self._signer = Ed25519PrivateKey.from_private_bytes(keys.signing)

    def seal(self, plaintext: bytes, *, owner: str, purpose: str, model: str = "") -> bytes:
        """``plaintext`` sealed for owner, purpose and model: format, key id, nonce, ciphertext with tag."""
        nonce = secrets.token_bytes(_NONCE)
        key = AESGCM(self.keys.data[self.keys.current])
        sealed = key.encrypt(nonce, plaintext, _bound(owner, purpose, model))
        return _FORMAT + bytes([self.keys.current]) + nonce + sealed

    def open(self, sealed: bytes, *, owner: str, purpose: str, model: str = "") -> bytes:
        """What ``seal`` was given. Raises CannotOpen for anything else, another owner included."""
        sealed = bytes(sealed)
        if len(sealed) < 2 + _NONCE + 16 or sealed[:1] != _FORMAT:
            raise CannotOpen("not a sealed value")
        key = self.keys.data.get(sealed[1])
        if key is None:
            raise CannotOpen(f"sealed with data key {sealed[1]}, which is not in the key ring")
        try:
            nonce, body = sealed[2 : 2 + _NONCE], sealed[2 + _NONCE :]
            return AESGCM(key).decrypt(nonce, body, _bound(owner, purpose, model))
        except InvalidTag:
            raise CannotOpen(f"altered, or not sealed for this owner as {purpose}") from None

    def fingerprints(self) -> dict[str, bytes]:
        """32 bytes of each key, by which it is known again and which tell nothing of it."""
        keys = {f"data {number}": key for number, key in self.keys.data.items()}
        keys |= {"look-up": self.keys.lookup, "signing": self.keys.signing}
        return {
            name: hmac.new(key, b"jianzai fingerprint", hashlib.sha256).digest() for name, key in keys.items()
        }

    def lookup(self, value: str) -> bytes:
        """32 bytes by which ``value`` is found again without being kept."""
        return hmac.new(self.keys.lookup, value.encode(), hashlib.sha256).digest()

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self._signer.sign(message)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this deployment's over ``message``."""
        try:
            self._signer.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True


def _bound(owner: str, purpose: str, model: str) -> bytes:
    return json.dumps(["jianzai", owner, purpose, model]).encode()


def generation(head: bytes | None) -> int | None:
    """The generation of data key a value was sealed with, by its first two bytes; None for anything else."""
    head = bytes(head or b"")
    return head[1] if len(head) > 1 and head[:1] == _FORMAT else None


def vault() -> Vault:
    """The vault of this process, with the keys the settings name; a changed key file is read anew at once.

    So a key that another process added is there for whoever meets what it sealed. Raises KeysMissing.
    """
    from django.conf import settings

    if from_environment():
        return _vault(settings.KEYS_FILE, None)
    try:
        state = settings.KEYS_FILE.stat()
    except FileNotFoundError:
        return _vault(settings.KEYS_FILE, None)
    return _vault(settings.KEYS_FILE, (state.st_ino, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=1)
def _vault(path: Path, state: tuple[int, int, int] | None) -> Vault:
    return Vault(load_keys(path))
