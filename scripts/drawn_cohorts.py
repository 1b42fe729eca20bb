"""Make the drawn cohorts that are shipped with the packs (src/jianzai/faces/cohorts).

    python scripts/drawn_cohorts.py [--data FOLDER]

Fitted to people that benchmarks/thresholds.py reads too: one picture of each of some 1,100 strangers of 60
and older (UTKFace). What is shipped are random vectors, and by the raw threshold none is any of these people.
Thresholds and figures are measured with cohorts drawn from the other half of the people, so they are measured
anew (benchmarks/thresholds.py) when a pack or this changes.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from thresholds import measured  # noqa: E402

from jianzai.faces import available_packs  # noqa: E402
from jianzai.faces.calibration import calibrate  # noqa: E402
from jianzai.faces.models import cohort_of, packs  # noqa: E402


def main() -> None:
    shared = Path(os.environ.get("JIANZAI_SHARED") or ROOT.with_name("shared"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=shared / "data")
    faces = parser.parse_args().data / "faces"
    if not (faces / "lfw").is_dir() or not (faces / "strangers60").is_dir():
        parser.exit(2, f"{faces} does not hold lfw and strangers60\n")
    for pack in available_packs():
        vectors = calibrate(*measured(packs()[pack], faces)).cohort
        np.save(cohort_of(pack), vectors)
        print(f"{pack}: {len(vectors):,} vectors of {vectors.shape[1]} numbers, {vectors.nbytes:,} bytes")


if __name__ == "__main__":
    main()
