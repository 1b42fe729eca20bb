"""Badly scanned and photographed forms, as ``benchmarks/intake.py`` makes and counts them; a few of them."""

from benchmarks.intake import measure


def test_degraded_forms_are_known_and_what_is_wrong_with_them_is_seen():
    counts = measure(range(6), of=6, seed=3)
    assert counts.known["neither"] == 0
    assert not any(told.startswith("wrong") for told in counts.person)
    assert counts.planted.total() >= 2
    assert counts.flagged == counts.planted
