"""A city's roster: imported in seconds, searched through indexes."""

import time
from datetime import date

import pytest
from django.db import connection

from jianzai.registry.models import Beneficiary
from jianzai.registry.queries import Initials, search
from jianzai.registry.services import import_roster

from .people import area, resident_number, staff

PEOPLE = 31_000
SURNAMES, GIVEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗",
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华",
)


def content(pension: str) -> bytes:
    lines = ["personal_number,name,identity_number,area_code,monthly_pension"]
    for number in range(PEOPLE):
        name = SURNAMES[number % 20] + GIVEN[number // 20 % 24] + GIVEN[number // 480 % 24]
        born = date.fromordinal(date(1940, 1, 1).toordinal() + number // 999 * 300)
        street = f"4301020{number % 40 + 10:02}"
        identity = resident_number(born, number % 999)
        lines.append(f"{4301000000 + number},{name},{identity},{street},{pension}")
    return "\n".join(lines).encode()


@pytest.fixture
def city(django_db_blocker, db):
    for number in range(40):
        area(f"4301020{number + 10:02}000", f"街道{number}")


@pytest.mark.django_db
def test_a_tenth_of_a_citys_roster(city):
    """Imported, corrected as a whole, and found again by every kind of text. The bound is in seconds of this
    process, so that a busy machine does not break it; what grows with the square of the rows does.
    """
    took = {}
    for step, pension in (("add", "3000"), ("change", "3100")):
        begun = time.process_time()
        report = import_roster("r.csv", content(pension), None, dry_run=False)
        took[step] = time.process_time() - begun
        assert report.problems == []
        assert report.rows == PEOPLE
    print(took)
    assert Beneficiary.objects.filter(monthly_fen=310000).count() == PEOPLE
    assert max(took.values()) < 60

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_beneficiary")
    member = staff(where=area("430102000000"))
    number = resident_number(date(1940, 1, 1), 17)
    for text in ("4301012345", "王伟芳", "wangweifang", "wwf", number):
        people = search(member, text)
        plan = people[:20].explain()
        assert "Seq Scan on registry_beneficiary" not in plan, plan
        assert people[:20]
    assert (
        "initials_prefix"
        in Beneficiary.objects.alias(initials=Initials()).filter(initials__startswith="wwf").explain()
    )
