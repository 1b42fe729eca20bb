"""How much memory a process of the site takes once it has worked, with a cohort of 3,000 people loaded.

For each pack: a site of its own with an embedded database and 3,000 people with references, vectors drawn
like old people's embeddings. Then sixteen visitors certify at once, so that every thread of the one process
of `jianzai serve` has observed pictures and compared against the cohort; `jianzai worker` looks for each of
their faces among all references. Resident memory is told as the system counts it, now and at its highest,
and how much of it is the process's own.

    python benchmarks/memory.py [--pack NAME]

Needs the sample clips (`jianzai models fetch`).
"""

from __future__ import annotations

import argparse
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table
from sessions import Film, model, prepare_home, serving, visit

from jianzai.faces import Reference, available_packs
from jianzai.faces.drawn import drawn_cohort

GOAL = 600  # MB
COHORT = 3000
VISITORS = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pack", choices=available_packs(), action="append", help="one pack alone")
    asked = parser.parse_args().pack or available_packs()
    home = Path(tempfile.mkdtemp(prefix="jianzai-memory-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # after the database has ended
    database = prepare_home(home)
    from jianzai.clock import today
    from jianzai.demo.people import SPECIAL, retirees

    table = Table(title=f"resident memory in MB (goal at most {GOAL}), cohort of {COHORT} people")
    for heading in ("pack", "process", "now", "its own", "highest", "of the goal"):
        table.add_column(heading, justify="right")
    everybody = islice(retirees(today().year), len(SPECIAL), None)
    for pack in asked:
        people = list(islice(everybody, VISITORS))
        model(pack, people)
        add_strangers(pack)
        with serving(database, None) as served:
            visit(served, pack, Film(), people, VISITORS)
            (process,) = served.site.children()
            table.add_row(pack, "serve", *measured(process))
        with working() as process:
            table.add_row(pack, "worker", *measured(process))
    Console().print(table)


def add_strangers(pack: str) -> None:
    """COHORT people with references of ``pack`` that are nobody's."""
    from jianzai.certification.models import ReferenceFace
    from jianzai.certification.sealing import seal_reference
    from jianzai.registry.models import Area, Beneficiary

    area, vectors = Area.objects.order_by("-code").first(), drawn_cohort(pack)
    people = Beneficiary.objects.bulk_create(
        Beneficiary(
            personal_number=f"{pack}-{number}",
            name="某人",
            pinyin="mouren",
            sex="F",
            birth_date=date(1950, 1, 1),
            identity_sealed=b"",
            identity_lookup=os.urandom(32),
            area=area,
            monthly_fen=300_000,
        )
        for number in range(COHORT)
    )
    random = np.random.default_rng(1)
    ReferenceFace.objects.bulk_create(
        ReferenceFace(
            person=person,
            pack=pack,
            state="active",
            templates=seal_reference(person.key, Reference(pack, _near(vector, random), (5,), 80.0)),
            clips=[5],
            quality=80.0,
        )
        for person, vector in zip(people, vectors, strict=True)
    )


def _near(vector: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Five pictures of somebody."""
    pictures = vector + random.normal(scale=0.02, size=(5, len(vector))).astype(np.float32)
    return pictures / np.linalg.norm(pictures, axis=1, keepdims=True)


@contextmanager
def working() -> Iterator[psutil.Process]:
    """`jianzai worker`, once it has done all that was handed over."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    waiting = ProcrastinateJob.objects.filter(
        status__in=("todo", "doing"), task_name__contains="compare_with"
    )
    if not waiting.exists():
        raise RuntimeError("nothing was handed over")
    process = subprocess.Popen([sys.executable, "-m", "jianzai", "worker"])
    try:
        while waiting.exists():
            if process.poll() is not None:
                raise RuntimeError("jianzai worker ended")
            time.sleep(0.5)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def measured(process: psutil.Process) -> list[str]:
    """MB now, of that its own, at the highest, and the highest as a share of the goal."""
    memory = process.memory_full_info()
    status = Path(f"/proc/{process.pid}/status").read_text()
    highest = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    now, own = memory.rss / 1024**2, memory.uss / 1024**2
    return [f"{now:.0f}", f"{own:.0f}", f"{highest:.0f}", f"{highest / GOAL:.0%}"]


if __name__ == "__main__":
    main()
