"""The search finds what looking at every vector finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.faces.search import Gallery


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def drawn(count, dimension, seed):
    return unit(np.random.default_rng(seed).standard_normal((count, dimension)))


@given(
    people=st.integers(1, 5000),
    dimension=st.sampled_from([3, 16, 128]),
    asked=st.integers(1, 40),
    probes=st.integers(1, 70),
    seed=st.integers(0, 2**32),
)
def test_the_best_are_those_of_brute_force(people, dimension, asked, probes, seed):
    vectors, sought = drawn(people, dimension, seed), drawn(probes, dimension, seed + 1) * 0.9
    rows, scores = Gallery([vectors]).nearest(sought, asked)
    all_scores = sought.astype(np.float64) @ vectors.astype(np.float64).T
    best = np.sort(all_scores, axis=1)[:, ::-1][:, :asked]
    assert rows.shape == scores.shape == (probes, min(asked, people))
    assert np.abs(scores - best).max() < 1e-6
    assert np.abs(np.take_along_axis(all_scores, rows, 1) - scores).max() < 1e-6
    assert all(len(set(row)) == len(row) for row in rows.tolist())


@pytest.mark.parametrize("people", [1, 2047, 2048, 5000])
def test_every_pair_over_a_threshold_comes_once(people):
    vectors = drawn(people, 16, people)
    scores = np.triu(vectors.astype(np.float64) @ vectors.T, 1)
    least = 0.75
    wanted = {(int(one), int(other)) for one, other in zip(*np.nonzero(scores >= least), strict=True)}
    found = list(Gallery([vectors[:1500], vectors[1500:]]).pairs(least))
    one, other, score = (np.concatenate(part) for part in zip(*found, strict=True))
    pairs = list(zip(one.tolist(), other.tolist(), strict=True))
    assert len(found) == -(-people // 2048)
    assert len(set(pairs)) == len(pairs)
    assert {pair for pair in set(pairs) ^ wanted if abs(scores[pair] - least) > 1e-6} == set()
    assert people < 100 or len(wanted) > 100
    assert all(abs(scores[pair] - value) < 1e-6 for pair, value in zip(pairs, score, strict=True))


def test_one_person_s_vector_is_kept_to_24_bits_in_three_bytes_a_number():
    vectors = drawn(300, 256, 4)
    gallery = Gallery([vectors])
    assert np.abs(gallery.vectors(np.arange(300)) - vectors).max() < 1e-7
    assert gallery.size == 300 * (3 * 256 + 8)


def test_an_empty_gallery_finds_nobody():
    gallery = Gallery([])
    assert len(gallery) == 0
    assert gallery.nearest(drawn(2, 8, 1), 5)[0].shape == (2, 0)
    assert list(gallery.pairs(0.1)) == []
