import pytest

from tests.people import make_person, make_staff


@pytest.fixture
def person(db):
    return make_person()


@pytest.fixture
def people(db):
    return [make_person(name=f"王{character}") for character in "一二三四"]


@pytest.fixture
def clerk(db):
    return make_staff("clerk")


@pytest.fixture
def supervisor(db):
    return make_staff("supervisor")
