"""The photograph on a paper beside the person's reference: a thing for a clerk to weigh, never a proof."""

from __future__ import annotations

import cv2
import numpy as np

from jianzai.certification.engine import cohort, engine
from jianzai.certification.queries import active_reference
from jianzai.certification.sealing import open_reference
from jianzai.faces import Frame, ModelMissing, similarity
from jianzai.registry.models import Beneficiary

_SIDE = 1600  # pixels of the longer side that is looked at: a face is a small part of a page


def likeness(person: Beneficiary, jpeg: bytes) -> int | None:
    """How like the reference of ``person`` the face in a picture is, 0 to 100, 60 at the threshold.

    None without a reference, a face that can be compared, or the reference's pack.
    """
    row = active_reference(person)
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if row is None or image is None:
        return None
    shrink = _SIDE / max(image.shape[:2])
    if shrink < 1:
        image = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    try:
        faces = engine(row.pack)
    except ModelMissing:
        return None
    seen = faces.observe([Frame(image, 0.0, 0.0)])
    comparison = faces.compare(seen, open_reference(row), cohort(row.pack, row.person_id))
    if comparison.score is None:
        return None
    policy = faces.policy
    if comparison.drawn and policy.drawn_threshold is not None:
        return similarity(comparison.normalised, policy.drawn_threshold)
    if comparison.normalised is not None and comparison.cohort >= policy.minimum_cohort:
        return similarity(comparison.normalised, policy.normalised_threshold)
    return similarity(comparison.score, policy.raw_threshold)
