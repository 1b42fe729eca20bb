"""What the measurement of a second opinion says of opinions whose worth is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.second_opinion import Pairs, Side, fit, gain_of, lowered, mcnemar, repaired
from jianzai.faces import runtime

openvino = runtime.openvino
RANDOM = np.random.default_rng(3)
PEOPLE, STRANGERS = 400, 260
SHARPNESS = 3.2  # of the pack's scores: how many deviations one person and strangers lie apart


def side(seed: int, second: float) -> Side:
    """Scores with spread 1: the pack's, and a second network's independent of them and so much apart."""
    random = np.random.default_rng(seed)
    people = np.repeat(np.arange(PEOPLE), 8)
    strangers = np.column_stack(np.triu_indices(STRANGERS, 1))

    def pairs(who: np.ndarray, apart: bool) -> Pairs:
        first, other = random.standard_normal((2, len(who)))
        return Pairs(first + 2 * SHARPNESS * apart, other + second * apart, who)

    genuine, old = pairs(np.column_stack([people, people]), True), pairs(strangers, False)
    return Side(genuine, old, old, genuine, old)


@pytest.mark.parametrize("second", [0.0, 2.0, 6.0])
def test_on_its_own_half_the_rule_lets_in_nobody_more(second):
    mine = side(1, second)
    rule = fit(mine)
    assert (rule.certified(mine.old) == rule.alone(mine.old)).all()
    asked, certified = rule.asked(mine.genuine), rule.certified(mine.genuine)
    assert asked.any()
    assert (certified == rule.alone(mine.genuine))[~asked].all()


def test_it_pays_to_ask_somebody_who_knows_and_not_somebody_who_guesses():
    found = {}
    for second in (0.0, 8.0):
        sides = [side(seed, second) for seed in (1, 2)]
        found[second] = gain_of([fit(each) for each in reversed(sides)], sides, "genuine")
    assert found[8.0].pays
    assert found[8.0].worse == 0
    assert not found[0.0].pays
    assert found[0.0].low <= 0


def test_the_pack_alone_is_given_as_many_strangers():
    scores = RANDOM.permutation(np.arange(1000.0))
    for passing in (0, 1, 17):
        threshold = lowered(scores, passing)
        assert (scores >= threshold).sum() == passing
        assert threshold == np.nextafter(999.0 - passing, np.inf)


@pytest.mark.parametrize(
    ("better", "worse", "p"), [(0, 0, 1), (5, 0, 2 / 32), (9, 1, 22 / 1024), (5, 5, 1), (1, 9, 22 / 1024)]
)
def test_mcnemar(better, worse, p):
    assert mcnemar(better, worse) == pytest.approx(p)


def network(spoilt: bool) -> openvino.Model:
    """A small residual network; ``spoilt``: bytes go in and out, and between all steps stands a quantiser."""
    steps, random = openvino.opset13, np.random.default_rng(5)

    def unit(value, linear=False):
        if spoilt:
            return steps.fake_quantize(value, 0.0, 6.0, 0.0, 6.0, 256)
        return value if linear else steps.relu(value)

    def convolved(value, channels: int):
        kernel = random.normal(size=(8, channels, 3, 3)).astype(np.float32)
        bias = random.normal(size=(1, 8, 1, 1)).astype(np.float32)
        return steps.add(steps.convolution(value, kernel, [1, 1], [1, 1], [1, 1], [1, 1]), bias)

    given = steps.parameter([1, 8, 8, 3], np.uint8 if spoilt else np.float32, name="given")
    value = steps.transpose(given, np.array([0, 3, 1, 2]))
    if spoilt:
        value = steps.fake_quantize(steps.convert(value, "f32"), 0.0, 255.0, 0.0, 255.0, 256)
    value = unit(convolved(value, 3))
    value = unit(steps.max_pool(value, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2]).output(0), linear=True)
    for last in (False, True):
        branch = unit(steps.concat([unit(convolved(value, 8)), value], 1), linear=True)
        value = unit(steps.add(unit(convolved(branch, 16), linear=True), value), linear=last)
    value = unit(steps.avg_pool(value, [1, 1], [0, 0], [0, 0], [4, 4], True), linear=True)
    flat = steps.reshape(value, np.array([1, 8]), False)
    weights = random.normal(size=(8, 5)).astype(np.float32)
    product = steps.add(
        steps.matmul(flat, weights, False, False), random.normal(size=(1, 5)).astype(np.float32)
    )
    value = unit(steps.reshape(unit(product, linear=True), np.array([1, 5]), False), linear=True)
    return openvino.Model([steps.convert(value, "u8") if spoilt else value], [given])


def test_without_its_quantisers_a_network_says_what_it_said_before(tmp_path):
    openvino.save_model(network(spoilt=True), tmp_path / "spoilt.xml", compress_to_fp16=False)
    given = RANDOM.normal(size=(1, 8, 8, 3)).astype(np.float32)
    answers = [
        openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})([given])[0]
        for model in (network(spoilt=False), repaired(tmp_path / "spoilt.xml"))
    ]
    assert np.abs(answers[0]).max() > 6
    np.testing.assert_allclose(answers[1], answers[0], rtol=1e-4, atol=1e-4)
