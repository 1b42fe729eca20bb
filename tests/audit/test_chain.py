"""The pure part: canonical form and links."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.audit import chain

AT = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)

exact = st.integers(-(2**53), 2**53) | st.floats(-(2.0**53), 2.0**53, allow_nan=False)
details = st.recursive(
    st.none() | st.booleans() | exact | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(details)
def test_plain_values_survive_json(value):
    kept = chain.plain(value)
    assert json.loads(json.dumps(kept)) == kept
    assert chain.plain(kept) == kept


def test_plain_forms():
    assert chain.plain({"on": date(2026, 7, 1), "at": AT, "key": UUID(int=1), "pair": (1, 2.0), 3: -0.0}) == {
        "on": "2026-07-01",
        "at": "2026-07-01T08:30:00+00:00",
        "key": "00000000-0000-0000-0000-000000000001",
        "pair": [1, 2],
        "3": 0,
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, 1e300])
def test_numbers_that_are_not_exact_are_refused(value):
    with pytest.raises(ValueError):
        chain.plain([value])


def test_what_has_no_form_is_refused():
    with pytest.raises(TypeError):
        chain.plain({"image": b"\xff\xd8"})


def test_every_column_counts():
    """An instant counts by its moment and an address by its meaning, not by how they are written."""
    columns = {
        "at": AT,
        "actor": "staff:li",
        "address": "2001:db8::1",
        "act": "benefits.paused",
        "subject": "s",
        "area": "430102000000",
        "details": {"a": 1, "b": 2},
    }
    same = {
        **columns,
        "at": AT.astimezone(timezone(timedelta(hours=8))),
        "address": "2001:0DB8:0:0::1",
        "details": {"b": 2, "a": 1},
    }
    assert chain.digest(**same) == chain.digest(**columns)
    others = {
        "at": AT + timedelta(microseconds=1),
        "actor": "person",
        "address": None,
        "act": "benefits.resumed",
        "subject": "",
        "area": "",
        "details": {"a": 1, "b": 3},
    }
    digests = {chain.digest(**{**columns, name: value}) for name, value in others.items()}
    assert len(digests | {chain.digest(**columns)}) == len(others) + 1


def test_every_part_of_a_link_counts():
    parts = [bytes(32), 1, 1, bytes(32)]
    others = [bytes(31) + b"\1", 2, 2, bytes(31) + b"\1"]
    hashes = {chain.link(*parts)}
    for place, other in enumerate(others):
        hashes.add(chain.link(*parts[:place], other, *parts[place + 1 :]))
    assert len(hashes) == 5
