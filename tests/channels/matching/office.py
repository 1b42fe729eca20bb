"""What other offices bring and clerks do with it, in one line each."""

from __future__ import annotations

import csv
import io

from jianzai.audit.services import Actor
from jianzai.channels.matching import services
from jianzai.channels.matching.models import Source
from jianzai.clock import today
from jianzai.registry.models import Area
from jianzai.registry.services import identity_number
from tests.people import CITY

HEADER = ["identity_number", "name", "sex", "birth_date", "area_code", "day"]


def source(says: str = "alive", trust: int = 3, **terms) -> Source:
    """A source of the whole city; hospital visits unless it is a hint."""
    kinds = {"alive": "hospital", "dead": "cremation", "prison": "prison", "absent": "border"}
    number = Source.objects.count() + 1
    given = {
        "area": terms.get("area") or Area.objects.get(code=CITY),
        "code": f"source-{number}",
        "name": f"第{number}单位",
        "kind": kinds[says],
        "says": says,
        "ground": "社会保险经办条例 第三十九条",
        "purpose": "核对养老金领取资格",
        "trust": trust,
        "fresh_days": 90,
        **terms,
    }
    return services.save_source(services.Terms(**given), Actor.SYSTEM)


def slipped(number: str) -> str:
    """A resident number with a slip in its last character."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def row_of(person, on=None, *, number: bool = True, **other) -> list[str]:
    """A record of ``person``; ``other`` columns instead of theirs."""
    known = {
        "identity_number": identity_number(person) if number else "",
        "name": person.name,
        "sex": "男" if person.sex == "M" else "女",
        "birth_date": person.birth_date.isoformat(),
        "area_code": person.area_id[:6],
        "day": (on or today()).isoformat(),
        **other,
    }
    return [known[key] for key in HEADER]


def table(*rows: list[str], header: list[str] | None = None) -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows([header or HEADER, *rows])
    return text.getvalue().encode()


def bring(of: Source, *rows: list[str]):
    """A file of ``rows`` is taken over at once, as the command line does it."""
    return services.import_now(of, "records.csv", table(*rows), Actor.SYSTEM, dry_run=False)
