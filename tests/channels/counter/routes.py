"""Every clerk's address of received things, for ``tests/channels/test_access.py``."""

from __future__ import annotations

from jianzai.registry.access import Permission as May
from tests.channels.counter.office import received
from tests.offline.device import Device
from tests.registry.access_matrix import Route
from tests.registry.people import staff

C = "/console/counter"
ROUTES = {
    "received": Route(f"{C}/", May.REVIEW),
    "one": Route(f"{C}/{{received}}", May.REVIEW),
    "picture": Route(f"{C}/{{received}}/pictures/0", May.REVIEW),
}
TESTED_ELSEWHERE = {}


def rows(person) -> dict:
    """Something that a counter of the person's area received."""
    device = Device(staff("clerk", person.area))
    device.prepare()
    return {"received": received(person, device).pk}
