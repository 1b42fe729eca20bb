import json
from dataclasses import replace

import numpy as np
import pytest

from jianzai.faces.records import from_json, to_json
from jianzai.faces.types import (
    Action,
    Challenge,
    Comparison,
    Decision,
    Observation,
    Observations,
    Parallax,
    Prompt,
    Quality,
    Reason,
    Verification,
)

QUALITY = Quality(61.5, 0.5, 0.2, 0.01, 0.0, 0.9, 12.5, -0.1)
FACE = Observation(
    0.1, 1 / 3, 1, "d1", (0.1, 0.2, 0.3, 0.4), -3.5, 2.0, 0.25, 0.2, 0.01, QUALITY, 0.9,
    np.ones(4, np.float32) / 2,
)  # fmt: skip
VALUES = [
    Challenge(
        (Prompt(Action.TURN_LEFT, 10.0, 1.5, None, True, True), Prompt(Action.OPEN_MOUTH, 20.0)), slow=True
    ),
    Observations("embedded", (FACE, Observation(0.2, 1 / 3, 0, "d2")), (Parallax(0.1, 0.9, 18.0, 44, 1.7),)),
    Comparison("embedded", (0.5, 0.25), 0.4, None, 0, 0.6, (0.1, 0.7)),
    Verification(Decision.UNCERTAIN, False, 58, (Reason.FLAT,), {"parallax": 0.4, "texture": None}),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_survives_the_database(value):
    assert from_json(type(value), json.loads(json.dumps(to_json(value), allow_nan=False))) == value


def test_no_embedding_is_written():
    written = to_json(Observations("embedded", (FACE,)))
    assert "embedding" not in written["frames"][0]
    assert from_json(Observations, written).frames[0].embedding is None


def test_numpy_numbers_become_plain_ones():
    assert json.dumps(to_json(Parallax(0.0, 1.0, np.float32(12.5), np.int64(3), np.float64(0.25))))


def test_records_of_before_a_field_was_added_still_read():
    written = to_json(VALUES[0])
    del written["opened"], written["prompts"][0]["wrong"]
    assert from_json(Challenge, written).opened == 0.0
    turn, face = to_json(Parallax(0.0, 1.0, 15.0, 90, 2.0, shading=0.1)), to_json(replace(FACE, lattice=3.0))
    del turn["shading"], face["lattice"]
    assert from_json(Parallax, turn).shading is None
    assert from_json(Observation, face).lattice is None


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        {"prompts": None},
        {"prompts": [{"action": "jump", "limit": 1.0}]},
        {"prompts": [{"action": "turn_left"}]},
        {"prompts": [{"action": "turn_left", "limit": "10"}]},
    ],
)
def test_what_is_no_record_is_refused(broken):
    with pytest.raises(ValueError, match=r"record|jump|not a valid"):
        from_json(Challenge, broken)


def test_not_a_number_is_refused():
    with pytest.raises(ValueError):
        to_json(Parallax(0.0, 1.0, float("nan"), 3, 0.2))
