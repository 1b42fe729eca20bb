"""Run every test: without a browser, in a browser, and those with a camera again with every other pack.

The last line counts the passed and the failed of all runs together.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

from jianzai.faces import available_packs

ROOT = Path(__file__).parent.parent


def run(name: str, *arguments: str, **environment: str) -> tuple[int, int, int]:
    """One run of pytest: how many passed, failed (errors too) and were skipped."""
    print(f"--- {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *arguments]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode
        if not report.exists():
            return 0, 1, 0
        suites = list(xml.parse(report).getroot().iter("testsuite"))  # noqa: S314 - pytest wrote it
    total, failures, errors, skipped = (
        sum(int(suite.get(count, 0)) for suite in suites)
        for count in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors or int(code not in (0, 5))
    return total - failures - errors - skipped, failed, skipped


def main() -> int:
    counts = [run("without a browser", "-m", "not browser")]
    first, *others = available_packs()
    counts.append(run(f"in a browser, with the {first} pack", "-m", "browser", JIANZAI_PACK=first))
    counts += [
        run(f"with a camera, with the {pack} pack", "-m", "camera", JIANZAI_PACK=pack) for pack in others
    ]
    passed, failed, skipped = (sum(column) for column in zip(*counts, strict=True))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
