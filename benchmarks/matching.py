"""How long other offices' records take to compare with a roll, and how often the answer is wrong.

In a database of its own, thrown away afterwards: an invented roll with surnames and given names as unevenly
common as old people's are, imported as any roster is. Then records: some of people on the roll, clean or with
planted errors, and of strangers of the same ages and names. Counted apart is whether a record led to the
right person exactly, probably, to nobody, or to somebody else. Intervals are Clopper and Pearson's, 95 %.
Seconds are by the clock; a busy machine lengthens them.

    python benchmarks/matching.py [--people N] [--records N] [--errors N]

Usual are 31,000 people; 310,000 against 1,000,000 records takes about 2 GB of memory.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from letters import prepare_home
from rich.console import Console
from rich.table import Table
from stdnum.cn import ric

DISTRICTS = ["430102", "430103", "430104", "430105", "430111", "430112", "430121", "430181", "430182"]
SURNAMES = "李王张刘陈杨黄周吴彭罗谭唐肖曾邓胡朱何蒋欧易贺龙文戴夏袁范曹谢熊廖石邹孙"
GIVEN = "秀英兰桂玉珍华淑金国建明德凤云福清长生美莲香荣芳志梅月贞春霞文光祥强海新立武正"
VARIANTS = dict(
    zip(
        "兰华国凤云荣长强贞莲杨刘张陈罗谭邓贺龙邹孙",
        "蘭華國鳳雲榮長強貞蓮楊劉張陳羅譚鄧賀龍鄒孫",
        strict=True,
    )
)
HOMOPHONES = dict(zip("英兰玉珍华淑国明德云清美香芳志梅", "瑛岚裕真桦舒帼铭得芸青每湘方智枚", strict=True))
DAY = date(2026, 8, 20)
AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Somebody:
    """``place`` is that on the roll, None for a stranger."""

    place: int | None
    name: str
    sex: str
    born: date
    district: str
    number: str


class World:
    """People drawn from one seed: names by rank (Zipf), births over 40 years, numbers never given twice."""

    def __init__(self) -> None:
        self.draw = random.Random(20260820)
        self._weights = [[1 / (rank + 2) for rank in range(len(text))] for text in (SURNAMES, GIVEN)]
        self._orders: Counter[tuple[str, date]] = Counter()

    def somebody(self, place: int | None) -> Somebody:
        surname, given = self._weights
        length = self.draw.choices((1, 2), (1, 4))[0]
        name = self.draw.choices(SURNAMES, surname)[0] + "".join(self.draw.choices(GIVEN, given, k=length))
        sex = self.draw.choice("FM")
        born = date(1931, 1, 1) + timedelta(days=int(self.draw.betavariate(2.2, 1.3) * 14_600))
        district = self.draw.choice(DISTRICTS)
        region = self.draw.choice(DISTRICTS)
        self._orders[region, born] += 1
        order = 2 * self._orders[region, born] + (sex == "M")
        body = f"{region}{born:%Y%m%d}{order % 1000:03d}"
        return Somebody(place, name, sex, born, district, body + ric.calc_check_digit(body + "0"))

    def swapped(self, number: str) -> str:
        """Two neighbours have changed places, so that the check character shows it."""
        places = [at for at in range(17) if number[at] != number[at + 1]]
        at = self.draw.choice(places)
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]

    def mistyped(self, number: str) -> str:
        at = self.draw.randrange(17)
        return number[:at] + self.draw.choice([d for d in "0123456789" if d != number[at]]) + number[at + 1 :]

    def other_day(self, born: date) -> date:
        if born.day <= 12 and born.day != born.month and self.draw.random() < 0.3:
            return date(born.year, born.day, born.month)
        return born.replace(day=self.draw.choice([day for day in range(1, 29) if day != born.day]))


def written(name: str, table: dict[str, str]) -> str:
    """The name with every character that ``table`` has written otherwise; the same where it has none."""
    return "".join(table.get(each, each) for each in name)


def in_pinyin(name: str) -> str:
    from jianzai.registry.names import pinyin

    return pinyin(name).partition(" ")[0]


def planted(world: World) -> dict[str, object]:
    """What can be wrong with a record, by its name in the table."""
    none = ""
    return {
        "number, clean": lambda who: who,
        "number with 15 digits": lambda who: replace(who, number=who.number[:6] + who.number[8:17]),
        "number swapped": lambda who: replace(who, number=world.swapped(who.number)),
        "number mistyped": lambda who: replace(who, number=world.mistyped(who.number)),
        "number swapped, variant": lambda who: replace(
            who, number=world.swapped(who.number), name=written(who.name, VARIANTS)
        ),
        "no number": lambda who: replace(who, number=none),
        "no number, variant": lambda who: replace(who, number=none, name=written(who.name, VARIANTS)),
        "no number, homophone": lambda who: replace(who, number=none, name=written(who.name, HOMOPHONES)),
        "no number, pinyin": lambda who: replace(who, number=none, name=in_pinyin(who.name)),
        "no number, other day": lambda who: replace(who, number=none, born=world.other_day(who.born)),
        "no number, moved": lambda who: replace(who, number=none, district=world.draw.choice(DISTRICTS)),
    }


def strange(world: World) -> dict[str, object]:
    """The same of people who are not on the roll."""
    return {
        "stranger, number": lambda who: who,
        "stranger, number mistyped": lambda who: replace(who, number=world.mistyped(who.number)),
        "stranger, no number": lambda who: replace(who, number=""),
    }


def record(who: Somebody) -> dict[str, str]:
    return {
        "identity_number": who.number,
        "name": who.name,
        "sex": who.sex,
        "birth_date": who.born.isoformat(),
        "area_code": who.district,
        "day": DAY.isoformat(),
    }


def enrol(roll: list[Somebody]) -> None:
    """The roll into the database, through the import of rosters."""
    from jianzai.registry.models import Area
    from jianzai.registry.roster import import_roster

    Area.objects.bulk_create(Area(code=f"{code}000000", name=code) for code in DISTRICTS)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["personal_number", "name", "identity_number", "area_code", "monthly_pension"])
    writer.writerows([f"B{who.place:07d}", who.name, who.number, who.district, "3000"] for who in roll)
    report = import_roster("roll.csv", text.getvalue().encode(), None, dry_run=False)
    if report.problems:
        raise RuntimeError(f"the roll was not imported: {report.problems[0]}")


def records_of(world: World, roll: list[Somebody], count: int, errors: int) -> list[tuple[str, Somebody]]:
    """``errors`` records of every kind of error, a third of the roll's clean, strangers for the rest."""
    made = []
    for kind, spoil in planted(world).items():
        amount = len(roll) // 3 if kind == "number, clean" else errors
        made += [(kind, spoil(who)) for who in world.draw.sample(roll, min(amount, len(roll)))]
    for kind, spoil in strange(world).items():
        amount = count - len(made) - 2 * errors if kind == "stranger, number" else errors
        made += [(kind, spoil(world.somebody(None))) for _ in range(max(amount, errors))]
    world.draw.shuffle(made)
    return made


def compare(records: list[tuple[str, Somebody]], places: dict[int, int]) -> tuple[float, Counter, Counter]:
    """Seconds, outcomes by kind (exact, probable, nobody, wrong), and wrong ones by how they were matched."""
    from jianzai.channels.matching.linking import Roll
    from jianzai.channels.matching.rows import SignRow, read_records

    def rows() -> Iterator[SignRow]:
        for start in range(0, len(records), AT_ONCE):
            part = [record(who) for _, who in records[start : start + AT_ONCE]]
            for row in read_records(part, DAY):
                if isinstance(row, SignRow):
                    yield replace(row, row=start + row.row - 1)

    began, found = time.perf_counter(), {}
    for match in Roll("4301").match(rows()):
        found[match.row.row] = (places[match.person], match.exact)
    spent = time.perf_counter() - began
    outcomes: Counter[tuple[str, str]] = Counter()
    for at, (kind, who) in enumerate(records):
        place, exact = found.get(at, (None, False))
        if place is None:
            outcomes[kind, "nobody"] += 1
        elif place == who.place:
            outcomes[kind, "exact" if exact else "probable"] += 1
        else:
            outcomes[kind, "wrong exact" if exact else "wrong"] += 1
    return spent, outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=31_000)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--errors", type=int, default=2_000, help="records of every kind of error")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        prepare_home(Path(home))
        run(chosen.people, chosen.records, chosen.errors)


def run(people: int, count: int, errors: int) -> None:
    from jianzai.faces.evaluation import rate
    from jianzai.registry.models import Beneficiary

    console, world = Console(), World()
    roll = [world.somebody(place) for place in range(people)]
    began = time.perf_counter()
    enrol(roll)
    console.print(f"{people:,} people imported in {time.perf_counter() - began:.0f} s")
    rows = Beneficiary.objects.values_list("pk", "personal_number")
    places = {pk: int(number[1:]) for pk, number in rows}
    records = records_of(world, roll, count, errors)
    spent, outcomes = compare(records, places)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    console.print(f"{len(records):,} records compared in {spent:.1f} s, {memory:,} MB at most")

    def share(number: int, of: int) -> str:
        if not of:
            return "–"
        got = rate(number, of)
        return f"{number:,} of {of:,} = {got.share:.2%} ({got.low:.2%} to {got.high:.2%})"

    table = Table(
        "records", "found", "exact", "probable", "nobody", "somebody else", title="by planted error"
    )
    for kind in (*planted(world), *strange(world)):
        of = sum(outcomes[kind, each] for each in ("exact", "probable", "nobody", "wrong", "wrong exact"))
        right = outcomes[kind, "exact"] + outcomes[kind, "probable"]
        found = "–" if kind.startswith("stranger") else share(right, of)
        wrong = share(outcomes[kind, "wrong"] + outcomes[kind, "wrong exact"], of)
        table.add_row(
            kind, found, *(f"{outcomes[kind, each]:,}" for each in ("exact", "probable", "nobody")), wrong
        )
    console.print(table)
    total = Counter()
    for (_, outcome), number in outcomes.items():
        total[outcome] += number
    probable = total["probable"] + total["wrong"]
    exact = total["exact"] + total["wrong exact"]
    console.print(f"exact matches that are somebody else's: {share(total['wrong exact'], exact)}")
    console.print(f"probable matches that are somebody else's: {share(total['wrong'], probable)}")


if __name__ == "__main__":
    main()
