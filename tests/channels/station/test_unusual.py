"""What stands out is listed with its attempts, and nothing follows from it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from jianzai.audit.services import Actor
from jianzai.certification.models import Attempt, Certification
from jianzai.certification.services import certify_in_person
from jianzai.channels.station.peaks import most_at_once
from jianzai.channels.station.services.pictures import joined
from jianzai.channels.station.tasks import look_for_same_pictures
from jianzai.sentences import say
from tests.channels.station.office import face
from tests.people import OTHER_DISTRICT, make_person
from tests.registry.people import staff

START = datetime(2026, 9, 1, 8)
happenings = st.lists(
    st.tuples(st.integers(0, 300).map(lambda minute: START + timedelta(minutes=minute)), st.integers(0, 6))
)


@given(happenings, st.integers(0, 120).map(lambda minutes: timedelta(minutes=minutes)))
def test_the_most_at_once_is_what_looking_at_every_stretch_finds(events, within):
    every = [len({who for at, who in events if begin <= at <= begin + within}) for begin, _ in events]
    assert most_at_once(events, within) == max(every, default=0)


@given(st.lists(st.sets(st.integers(0, 12), min_size=2, max_size=3)))
def test_groups_that_share_a_capture_are_one(groups):
    together = joined(groups)
    assert sum(map(len, together)) == len(set().union(*groups))
    assert all(any(group <= one for one in together) for group in groups)


def at(row, hour: int = 10, minutes: float = 0, days: int = 1):
    """Move an attempt to that hour of the office's clock, days ago; certifications stand as they are."""
    when = timezone.localtime() - timedelta(days=days)
    when = when.replace(hour=hour, minute=0) + timedelta(minutes=minutes)
    Attempt.objects.filter(pk=row.pk).update(at=when)


def attempt(person, hour=10, minutes=0.0, digest="", **of_session) -> Attempt:
    row = face(person)
    for name, value in of_session.items():
        setattr(row.session, name, value)
    row.session.save()
    row.session.batches.create(
        sequence=0,
        received=1,
        answered=1,
        answer={},
        observations={"frames": [{"digest": digest or f"{row.pk}"}, {"digest": f"{row.pk} more"}]},
    )
    at(row, hour, minutes)
    return row


@pytest.fixture
def crowd(people):
    return [*people, *(make_person(name=f"赵{number}") for number in range(2, 8))]


@pytest.fixture
def page(desk, supervisor):
    return lambda days=7: desk(supervisor).get(f"/console/station/unusual?days={days}").content.decode()


def kinds(text: str) -> list[str]:
    told = ("address", "helper", "counter", "document", "night", "closed", "closed_document", "picture")
    return [kind for kind in told if f'<section class="panel" id="{kind}">' in text]


def test_many_from_one_address_are_listed_with_their_attempts(page, crowd):
    for number, person in enumerate(crowd[:4]):
        attempt(person, minutes=number, address="203.0.113.9")
    attempt(crowd[0], hour=12, address="203.0.113.9")
    assert kinds(page()) == []
    attempt(crowd[4], hour=13, address="203.0.113.9")
    attempt(crowd[5], hour=13, address="198.51.100.1")
    text = page()
    assert kinds(text) == ["address"]
    assert "203.0.113.9" in text
    assert "198.51.100.1" not in text
    assert say("station.unusual_people", "zh", people=5, count=6) in text
    assert text.count(f"/console/people/{crowd[0].key}") == 2
    assert text.count("/console/people/") == 6
    assert not Certification.objects.exists()


def test_in_a_short_time_means_in_any_such_stretch(page, crowd):
    for number, person in enumerate(crowd[:6]):
        attempt(person, hour=8, minutes=31 * number, helper=7)
    assert kinds(page()) == []
    attempt(crowd[6], hour=8, minutes=60, helper=7)
    text = page()
    assert kinds(text) == ["helper"]
    assert "helper:7" in text
    assert say("station.unusual_people", "zh", people=3, count=7) in text


def test_clerks_who_certify_many_without_a_face_and_out_of_hours(page, crowd, clerk):
    for person in crowd[:8]:
        certify_in_person(person, clerk, document="card", reason="x", note="", actor=Actor.SYSTEM)
    text = page()
    assert "document" in kinds(text)
    assert f"{clerk.name} (clerk)" in text
    attempt(crowd[8], hour=21, staff=clerk)
    assert "closed" in kinds(page())


def test_at_night_two_at_one_address(page, crowd):
    attempt(crowd[0], hour=2, address="203.0.113.9")
    attempt(crowd[1], hour=2, address="203.0.113.8")
    assert kinds(page()) == []
    attempt(crowd[2], hour=3, address="203.0.113.9")
    assert kinds(page()) == ["night"]


def test_the_same_picture_in_several_captures(page, crowd):
    attempt(crowd[0], digest="a")
    attempt(crowd[1], digest="b")
    attempt(crowd[3], digest="b", replay=True)
    look_for_same_pictures(0)
    assert kinds(page()) == []
    attempt(crowd[2], digest="a")
    for _ in range(2):
        look_for_same_pictures(0)
    text = page()
    assert kinds(text) == ["picture"]
    assert say("station.unusual_people", "zh", people=2, count=2) in text
    assert str(crowd[1].key) not in text


def test_people_of_other_areas_and_long_ago_are_not_counted(page, crowd, desk, clerk):
    for person in [make_person(name=f"钱{number}", area=OTHER_DISTRICT) for number in range(6)]:
        attempt(person, address="203.0.113.9")
    old = [attempt(person, address="198.51.100.1") for person in crowd[:6]]
    assert kinds(page()) == ["address"]
    for row in old:
        at(row, days=9)
    assert kinds(page()) == []
    assert kinds(page(30)) == ["address"]
    assert kinds(page("30 days")) == []
    auditor = staff("auditor", clerk.area)
    assert kinds(desk(auditor).get("/console/station/unusual?days=30").content.decode()) == ["address"]
