"""Invented people and staff for tests."""

from __future__ import annotations

import itertools

from django.utils import timezone

from jianzai import clock
from jianzai.certification.models import Attempt, CaptureSession
from jianzai.registry.models import Area, Staff
from jianzai.registry.services import add_person, create_staff

PASSWORD = "a long enough phrase 7"
CITY, DISTRICT, OTHER_DISTRICT, ELSEWHERE = "430100000000", "430102000000", "430103000000", "110101000000"
_counter = itertools.count(1)


def areas() -> None:
    """A city with two districts, and a district of another city."""
    for code, name in (
        (CITY, "长沙市"),
        (DISTRICT, "芙蓉区"),
        (OTHER_DISTRICT, "天心区"),
        (ELSEWHERE, "东城区"),
    ):
        Area.objects.get_or_create(code=code, defaults={"name": name})


def resident_number(serial: int, birth: str = "19500115", region: str = "430102") -> str:
    """A valid 18-digit identity number (GB 11643) with sequence ``serial``; odd is a man's."""
    body = f"{region}{birth}{serial % 1000:03d}"
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
    return body + check


def make_person(name: str = "张三丰", area: str = DISTRICT, **particulars):
    """A new beneficiary in ``area`` with 3,000 yuan a month."""
    areas()
    number = next(_counter)
    particulars = {"monthly_fen": 300_000, **particulars}
    return add_person(
        f"P{number:06d}",
        name,
        resident_number(number, f"19{40 + number // 1000:02d}0115"),
        area,
        **particulars,
    )


def make_staff(
    role: str = Staff.Role.CLERK, area: str = CITY, username: str | None = None, employer: str = ""
) -> Staff:
    """A member of staff who signs in with PASSWORD."""
    areas()
    username = username or f"{role}-{area}-{next(_counter)}"
    return create_staff(username, PASSWORD, "李四", role, area, employer=employer)


def failed_attempt(person, *, live: bool = True, decision: str = "uncertain") -> Attempt:
    """An attempt at home that a clerk has to look at."""
    session = CaptureSession.objects.create(
        person=person,
        purpose="verify",
        pack="embedded",
        channel="online",
        opened=timezone.now(),
        state="decided",
    )
    return Attempt.objects.create(
        session=session,
        person=person,
        on=clock.today(),
        decision=decision,
        live=live,
        similarity=50,
        reasons=["uncertain"],
        voices={},
        comparison={},
        policy={},
        kept_frames=b"sealed",
    )
