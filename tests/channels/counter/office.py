"""What a counter types about somebody, and what came in of it."""

from __future__ import annotations

from jianzai.channels.counter.models import Received
from jianzai.registry.people import identity_number
from tests.console.office import jpeg
from tests.offline.device import Device

DOCUMENT = "社保卡原件，签名与存档一致"


def typed(person, **changed) -> dict[str, str]:
    return {"name": person.name, "number": identity_number(person), "document": DOCUMENT, **changed}


def received(person, device: Device, **changed) -> Received:
    """Somebody with a card, received without a network, and come in since."""
    item = device.receive("counter", typed(person, **changed), [("paper", jpeg())])
    answer = device.send(item)
    assert answer.status_code == 200, answer.content.decode()
    return Received.objects.get(arrival__item=item.item)
