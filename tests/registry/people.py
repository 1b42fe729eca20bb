"""Invented people and areas for tests of any part."""

from __future__ import annotations

from datetime import date
from itertools import count

from django.contrib.auth import get_user_model

from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.registry.services import add_person, create_staff

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, table 1
_numbers = count(1)
PASSWORD = "geese-over-xiang-river"
EMPLOYER = "湘江纺织厂"


def resident_number(born: date, order: int, region: str = "430102") -> str:
    """A valid number; an odd ``order`` (0 to 999) is a man's. Independent of the code under test."""
    digits = f"{region}{born:%Y%m%d}{order:03}"
    return digits + "10X98765432"[sum(int(a) * b for a, b in zip(digits, _WEIGHTS, strict=True)) % 11]


def area(code: str = "430102000000", name: str = "芙蓉区") -> Area:
    return Area.objects.get_or_create(code=code, defaults={"name": name})[0]


def person(where: Area | None = None, name: str = "张三丰", **particulars) -> Beneficiary:
    """Somebody new each time."""
    number = next(_numbers)
    born = particulars.pop("birth_date", date(1950 + number // 1000 % 10, 3, 7))
    return add_person(
        particulars.pop("personal_number", f"T{number:06}"),
        name,
        particulars.pop("identity_number", None) or resident_number(born, number % 1000),
        where or area(),
        **{"monthly_fen": 321850, **particulars},
    )


def staff(
    role: str = Staff.Role.CLERK, where: Area | None = None, username: str = "", password: str = ""
) -> Staff:
    """A member of staff; without a password (slow to hash) they sign in by ``force_login`` alone."""
    username = username or f"{role}{next(_numbers)}"
    employer = EMPLOYER if role == Staff.Role.EMPLOYER else ""
    if password:
        return create_staff(username, password, "李明", role, where or area())
    user = get_user_model()(username=username)
    user.set_unusable_password()
    user.save()
    return Staff.objects.create(user=user, name="李明", role=role, area=where or area(), employer=employer)
