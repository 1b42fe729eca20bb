"""Run every test: without a browser, in a browser, and those with a camera again with every other pack.

The tests in a browser wait for films most of their time, so those without one run beside them in two halves,
each against an embedded database of its own; what they print comes when they are done. The last line counts
the passed and the failed of all runs together.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jianzai.faces import available_packs

ROOT = Path(__file__).parent.parent
HOME = Path(os.environ.get("JIANZAI_TEST_HOME", ROOT / "var" / "test"))

Counts = tuple[int, int, int]  # passed, failed (errors too), skipped


def run(name: str, *arguments: str, aside: bool = False, **environment: str) -> Counts:
    """One run of pytest; ``aside`` keeps what it prints until it is done."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *arguments]
        if not aside:
            print(f"--- {name}", flush=True)
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            check=False,
            **({"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} if aside else {}),
        )
        if aside:
            print(f"--- {name}\n{ended.stdout}", flush=True)
        print(f"--- {name}: {time.monotonic() - began:.0f} s", flush=True)
        if not report.exists():
            return 0, 1, 0
        suites = list(xml.parse(report).getroot().iter("testsuite"))  # noqa: S314 - pytest wrote it
    total, failures, errors, skipped = (
        sum(int(suite.get(count, 0)) for suite in suites)
        for count in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors or int(ended.returncode not in (0, 5))
    return total - failures - errors - skipped, failed, skipped


def in_browsers() -> Iterator[Counts]:
    """Every page once, then whether a filmed person is known with each other pack that can be had."""
    home = str(HOME / "browser")
    first, *others = available_packs()
    yield run(
        f"in a browser, with the {first} pack", "-m", "browser", JIANZAI_PACK=first, JIANZAI_TEST_HOME=home
    )
    for pack in others:
        yield run(
            f"with a camera, with the {pack} pack",
            "-m",
            "camera",
            JIANZAI_PACK=pack,
            JIANZAI_TEST_HOME=home,
        )


def without_browsers() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Two halves of about the same length: (name, arguments)."""
    first = [f"tests/{folder}" for folder in ("channels", "console")]
    yield "channels and console", (*first,)
    yield "all others", tuple(f"--ignore={folder}" for folder in first)


def main() -> int:
    with ThreadPoolExecutor() as beside:
        plain = [
            beside.submit(
                run,
                f"without a browser, {name}",
                "-m",
                "not browser",
                *arguments,
                aside=True,
                JIANZAI_TEST_HOME=str(HOME / str(number)),
            )
            for number, (name, arguments) in enumerate(without_browsers())
        ]
        counts = [*in_browsers(), *(half.result() for half in plain)]
    passed, failed, skipped = (sum(column) for column in zip(*counts, strict=True))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
