"""How long a print run takes: to print it, to make its file, to say that it was posted, and to count it.

In a database of its own, thrown away afterwards: invented people, each with a reminder that waits for the
printer, among thirty stations. Seconds by the clock and of this process; a busy machine lengthens the former.

    python benchmarks/letters.py [--letters N]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

DISTRICTS, STATIONS_A_DISTRICT = 10, 3


def prepare_home(home: Path) -> None:
    """Keys, and an embedded database with its tables."""
    from jianzai.operations.database import as_role, create_database, start_embedded
    from jianzai.vault import make_keys

    make_keys(home / "keys.json", demo=True)
    owner = create_database(start_embedded(home / "postgres"), "jianzai")
    os.environ.update(
        JIANZAI_MODE="demo",
        JIANZAI_HOME=str(home),
        JIANZAI_KEYS_FILE=str(home / "keys.json"),
        JIANZAI_OWNER_DATABASE_URL=owner,
        JIANZAI_LOG_LEVEL="WARNING",
        DATABASE_URL=as_role(owner, "jianzai_application"),
        DJANGO_SETTINGS_MODULE="jianzai.settings",
    )
    subprocess.run([sys.executable, "-m", "jianzai", "migrate"], check=True)
    import django

    django.setup()


def invent(count: int) -> None:
    """So many people whose time is near, and their reminders."""
    from jianzai.audit.services import Actor
    from jianzai.certification.services import open_cycle
    from jianzai.clock import move_to
    from jianzai.notices.services import remind_due
    from jianzai.registry.models import Area, ServicePoint
    from jianzai.registry.services import add_person

    districts = [Area.objects.create(code=f"4301{n:02d}000000", name=f"第{n}区") for n in range(DISTRICTS)]
    for district in districts:
        for number in range(STATIONS_A_DISTRICT):
            ServicePoint.objects.create(
                area=district,
                name=f"{district.name}第{number}服务站",
                address="车站北路 459 号",
                phone="0731-84683600",
                hours="周一至周五 9:00-17:00",
            )
    for number in range(count):
        add_person(
            f"B{number:06d}",
            f"王{chr(0x4E00 + number)}兰",
            f"E{number:08d}",
            districts[number % DISTRICTS].code,
            identity_kind="passport",
            birth_date=date(1950, 1, 15),
            sex="F",
            monthly_fen=300_000,
            address=f"410001 长沙市解放东路 {number} 号",
        )
    move_to(date(2026, 9, 1))
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    remind_due(Actor.SYSTEM)


def timed(act: Callable[[], object]) -> tuple[object, float, float]:
    """What ``act`` gives, seconds by the clock, CPU seconds of this process."""
    clock, cpu = time.perf_counter(), time.process_time()
    done = act()
    return done, time.perf_counter() - clock, time.process_time() - cpu


def measure(count: int) -> Table:
    """Print, open, post and count a run of one letter, and one of ``count``."""
    from jianzai.audit.services import Actor
    from jianzai.notices import services
    from jianzai.notices.services import print_runs

    table = Table("letters", "step", "seconds", "of this process", "MB")
    print_runs.LETTERS_A_RUN = 1
    for letters in (1, count):
        run, *printed = timed(lambda: services.print_letters(Actor.SYSTEM))
        pdf, *made = timed(lambda run=run: services.run_file(run, Actor.SYSTEM))
        _, *posted = timed(lambda run=run: services.post_run(run, Actor.SYSTEM))
        _, *counted = timed(lambda run=run: services.count_letters(run))
        steps = {"print": printed, "make the file": made, "post": posted, "count (the worker)": counted}
        for step, spent in steps.items():
            size = f"{len(pdf) / 1e6:.2f}" if step == "make the file" else ""
            table.add_row(str(letters), step, *(f"{each:.2f}" for each in spent), size)
        print_runs.LETTERS_A_RUN = count
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--letters", type=int, default=500, help="in the run (500: the cap)")
    count = parser.parse_args().letters
    with tempfile.TemporaryDirectory() as home:
        prepare_home(Path(home))
        invent(count + 1)
        Console().print(measure(count))


if __name__ == "__main__":
    main()
