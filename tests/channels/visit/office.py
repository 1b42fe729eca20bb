"""What families and offices do about home visits, in one line each."""

from __future__ import annotations

import cv2
import numpy as np

from jianzai.audit.services import Actor
from jianzai.channels.visit import services
from jianzai.channels.visit.models import Contact, HomeVisit, Team, seal_photograph
from jianzai.channels.visit.slots import Half
from jianzai.clock import today
from jianzai.registry.models import Area

ADDRESS, PHONE = "芙蓉区解放东路 18 号 3 栋 402", "0731-8000003"
TYPED = {"relation": "child", "reason": "bedridden", "address": ADDRESS, "phone": PHONE}
REQUEST = services.Request("child", "bedridden", Contact(ADDRESS, PHONE))


def team(area: Area, name: str = "上门一组", capacity: int = 2) -> Team:
    return services.save_team(name, area, capacity, Actor.SYSTEM)


def requested(person, taken_by=None) -> HomeVisit:
    return services.request_visit(person, REQUEST, Actor("person"), taken_by=taken_by)


def booked(person, by: Team, day=None, half: Half = Half.MORNING) -> HomeVisit:
    visit = requested(person)
    services.book(visit, by, day or today(), half, Actor.SYSTEM)
    return visit


def picture(width: int = 1600, height: int = 1200) -> bytes:
    """A JPEG as a telephone writes it, with where it was taken beside it."""
    shades = np.tile(np.linspace(0, 255, width, dtype=np.uint8), (height, 1))
    jpeg = cv2.imencode(".jpg", cv2.merge([shades, shades, shades]))[1].tobytes()
    exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0 GPS 28.19,112.97"
    return jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:]


def photographed(visit: HomeVisit) -> None:
    """A picture is kept with a visit, whatever its state."""
    HomeVisit.objects.filter(pk=visit.pk).update(
        photograph=seal_photograph(visit.person, picture(64, 48)),
        photograph_consent="person",
        photograph_until=today(),
    )
