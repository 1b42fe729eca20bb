"""The face engine: pictures become numbers here, once; everything after is arithmetic on them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from . import comparison, enrolment, lattice, quality, reflection, selection
from .detection import FaceDetector
from .drawn import drawn_cohort
from .embedding import Embedder
from .liveness import JudgePolicy
from .mesh import FaceMesh, Mesh, eye_opening, mouth_opening, pose
from .models import usable
from .texture import TextureMeter
from .types import Comparison, Frame, Observation, Observations, Reference

# No camera gives the same noise twice in a quarter of its rows, and who changes a repeated picture on purpose
# can change any one pixel: hashing all of them would only cost more.
_DIGEST_ROWS = 4

# Pictures from one look for faces to the next within a batch: a second face is seen within half a second.
_LOOK_EVERY = 4


def described(observation: Observation, image: np.ndarray, mesh: Mesh) -> Observation:
    """``observation`` of a BGR picture, with what is measured of the face that ``mesh`` lies on."""
    height, width = image.shape[:2]
    x, y, box_width, box_height = mesh.box
    turned = pose(mesh)
    return replace(
        observation,
        box=(x / width, y / height, box_width / width, box_height / height),
        yaw=turned.yaw,
        pitch=turned.pitch,
        roll=turned.roll,
        eye_opening=eye_opening(mesh),
        mouth_opening=mouth_opening(mesh),
        quality=quality.measure(image, mesh),
    )


class FaceEngine:
    """One pack's networks, ready to run in this process.

    Holds no state between calls and may be called from several threads; build one after a fork, not before.
    Raises models.ModelMissing for a pack that cannot be used, saying why and what to run.
    """

    def __init__(self, pack: str, threads: int = 1):
        self.pack = usable(pack)
        cv2.setNumThreads(threads)  # OpenCV counts threads by process
        self._detector = FaceDetector(threads)
        self._mesh = FaceMesh(threads)
        self._embedder = Embedder(self.pack, threads)
        self._texture = TextureMeter(self.pack, threads)

    @property
    def policy(self) -> JudgePolicy:
        """The pack's thresholds as ``liveness.judge`` takes them."""
        raw, normalised, drawn = self.pack.raw, self.pack.normalised, self.pack.drawn
        return JudgePolicy(
            pack=self.pack.name,
            raw_threshold=raw.same,
            raw_grey=raw.same - raw.uncertain,
            normalised_threshold=normalised.same,
            normalised_grey=normalised.same - normalised.uncertain,
            same_face=self.pack.same_face,
            other_face=self.pack.other_face,
            minimum_cohort=comparison.SMALLEST_COHORT,
            drawn_threshold=drawn and drawn.same,
            drawn_grey=drawn and drawn.same - drawn.uncertain,
        )

    def observe(
        self,
        frames: Sequence[Frame],
        previous: Observations | None = None,
        *,
        answers: int = 0,
        skin: bool = True,
    ) -> Observations:
        """Turn a batch of frames into numbers; returns those of this batch alone.

        ``previous`` is what was observed of the capture so far: it decides which frames are still to be
        embedded, five in a whole capture at most (selection.py), less the ``answers`` for which the caller
        keeps a place (``embed_answer``). ``turns`` stays empty: a turn's parallax is
        measured once it is known which frames it spans (liveness.measure_parallax).
        ``skin``: whether to look for the texture of skin and the pattern of a screen, which only liveness
        asks for.
        Raises ValueError when ``previous`` is another pack's.
        """
        if previous is not None and previous.pack != self.pack.name:
            raise ValueError(f"a capture begun with {previous.pack} cannot go on with {self.pack.name}")
        earlier = list(previous.frames) if previous else []
        observed: list[Observation] = []
        meshes: list[Mesh | None] = []
        for index, frame in enumerate(frames):
            follows = index % _LOOK_EVERY and frame.image.shape == frames[index - 1].image.shape
            before = meshes[-1] if follows and observed[-1].faces == 1 else None
            observation, mesh = self._measure(frame, before)
            observed.append(observation)
            meshes.append(mesh)
        for stretch in selection.stretches(observed):
            # Skin does not change within a second, so it is looked at once in each, on its best frame; never
            # in coloured light, which the networks have not seen.
            shown = [index for index in stretch if meshes[index] and observed[index].reflection is None]
            if shown and skin:
                index = max(shown, key=lambda one: quality.score(observed[one]))
                share = self._texture.measure(frames[index].image, meshes[index].box)
                observed[index] = replace(
                    observed[index], texture=share, lattice=lattice.measure(meshes[index].cut)
                )
            places = selection.MOST - answers
            chosen = selection.choose(earlier, [observed[index] for index in stretch], places)
            if chosen is not None:
                index = stretch[chosen]
                embedding = self._embedder.embed(frames[index].image, meshes[index].five_points)
                observed[index] = replace(observed[index], embedding=embedding)
            earlier.extend(observed[index] for index in stretch)
        return Observations(self.pack.name, tuple(observed))

    def embed_answer(
        self, frames: Sequence[Frame], observed: Observations, among: Sequence[int] | None = None
    ) -> Observations:
        """``observed``, the observations of ``frames``, with the best of them embedded.

        For the batch in which a prompt was answered, where no embedded frame lies near: so the judge can tell
        that who answered is who was there. ``among``: places of the frames to choose from, all by default.
        Unchanged where none of them shows a face.
        """
        among = range(len(frames)) if among is None else among
        chosen = selection.best([observed.frames[place] for place in among])
        if chosen is None:
            return observed
        index = among[chosen]
        _, mesh = self._measure(frames[index])
        if mesh is None:  # followed from the picture before it, and not found alone
            return observed
        embedding = self._embedder.embed(frames[index].image, mesh.five_points)
        changed = list(observed.frames)
        changed[index] = replace(changed[index], embedding=embedding)
        return replace(observed, frames=tuple(changed))

    def _measure(self, frame: Frame, before: Mesh | None = None) -> tuple[Observation, Mesh | None]:
        """``before``: the mesh of the only face in the picture before, which is then followed."""
        image = frame.image
        mesh, faces = (self._mesh.follow(image, before), 1) if before else (None, 0)
        if mesh is None:
            mesh, faces = self._look(image)
        digest = hashlib.sha256(image[::_DIGEST_ROWS].tobytes()).hexdigest()[:32]
        observation = Observation(frame.time, frame.received, faces, digest)
        if frame.shown is not None:
            observation = replace(observation, reflection=reflection.measure(frame.shown, image, mesh))
        if mesh is None:
            return observation, None
        return described(observation, image, mesh), mesh

    def _look(self, image: np.ndarray) -> tuple[Mesh | None, int]:
        """The largest face of a picture and how many there are."""
        detections = self._detector.detect(image)
        mesh = self._mesh.place(image, detections[0]) if detections else None
        if mesh is None:
            return None, 0
        # Another face counts when it is near enough to be meant, not a portrait on the wall behind, and when
        # the mesh finds a face there too: alone, the full-range detector sees some in curtains.
        others = [one for one in detections[1:] if one.area > detections[0].area / 4]
        return mesh, 1 + sum(self._mesh.place(image, one) is not None for one in others)

    def enrol(self, clips: Sequence[Observations]) -> Reference:
        """Make a reference of one to three clips of one person, each observed by itself.

        Raises EnrolmentRefused with its reasons.
        """
        return enrolment.enrol(self.pack, clips)

    def compare(
        self, observations: Observations, reference: Reference, people: np.ndarray | None = None
    ) -> Comparison:
        """Compare a capture with a reference; see comparison.compare.

        ``people``: embeddings (n, d) of others, neither side among them. With fewer than a thousand the
        score is normalised against the pack's drawn cohort, where it has one.
        """
        if people is not None and len(people) >= comparison.SMALLEST_COHORT:
            return comparison.compare(observations, reference, people)
        strangers = drawn_cohort(self.pack.name) if self.pack.drawn else None
        return comparison.compare(observations, reference, strangers, drawn=True)
