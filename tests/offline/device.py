"""A clerk's device as the page makes one, over HTTP: its key of the day, and items sealed with it."""

from __future__ import annotations

import base64
import os
import uuid
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from jianzai.offline.content import Content, bound, seal
from jianzai.registry.models import Staff

KEYS, LISTS, ITEMS = "/console/offline/keys", "/console/offline/lists", "/console/offline/items"


@dataclass
class Item:
    """One thing received, as it lies on the device."""

    key: int
    number: int
    form: str
    sealed: bytes
    item: str

    def form_data(self) -> dict:
        sealed = SimpleUploadedFile("sealed", self.sealed)
        return {
            "key": self.key,
            "number": self.number,
            "form": self.form,
            "item": self.item,
            "sealed": sealed,
        }


@dataclass
class Device:
    """Signed in as ``staff``; ``prepare`` fetches the key of the day."""

    staff: Staff
    device: str = field(default_factory=lambda: str(uuid.uuid4()))
    given: int = 0

    def __post_init__(self):
        self.client = Client()
        self.client.force_login(self.staff.user)

    def prepare(self) -> dict:
        told = self.client.post(KEYS, {"device": self.device}).json()
        self.key = next(one for one in told["keys"] if one["day"] == told["today"])
        return self.key

    def receive(self, form: str, fields: dict, pictures=(), at: float | None = None) -> Item:
        """Seal one thing, without a network."""
        self.given += 1
        item = str(uuid.uuid4())
        content = Content(fields, timezone.now().timestamp() if at is None else at, list(pictures))
        to = bound(self.key["token"], item, self.given, form)
        sealed = seal(base64.b64decode(self.key["key"]), os.urandom(12), content, to)
        return Item(self.key["id"], self.given, form, sealed, item)

    def send(self, item: Item):
        return self.client.post(ITEMS, item.form_data())

    def states(self) -> dict[str, str]:
        told = self.client.get(KEYS, {"device": self.device}).json()
        return {one["item"]: one["state"] for one in told["items"]}
