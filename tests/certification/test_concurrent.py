"""Two who act on one person at the same moment: neither waits for the other for ever, nothing is lost."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification import services
from jianzai.certification.models import Certification, ReviewCase
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import certifying, reviews
from jianzai.registry.models import Beneficiary
from tests.people import failed_attempt, make_person, make_staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def on_day(tmp_path, settings):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    return clock.move_to


@pytest.fixture
def person(on_day):
    on_day(date(2026, 8, 1))
    someone = make_person()
    services.open_cycle(2026, Actor.SYSTEM)
    return someone


def uncertain(person) -> ReviewCase:
    return reviews.open_case(
        person, current_obligation(person), "uncertain", Actor("person"), attempt=failed_attempt(person)
    )


def test_certified_while_a_clerk_closes_the_case(person, monkeypatch):
    """Both need the obligation and the case; in two orders the database would end one of them."""
    case, obligation = uncertain(person), current_obligation(person)
    clerk = make_staff()
    certified_by_now = threading.Event()
    overtake = certifying.overtake_cases

    def late(*arguments):
        certified_by_now.set()
        closing.join(1.0)  # the clerk's turn; it waits for this transaction
        return overtake(*arguments)

    monkeypatch.setattr(certifying, "overtake_cases", late)
    failures = []

    def close():
        certified_by_now.wait(10)
        try:
            services.reject_case(case, clerk, "not she", Actor.staff(clerk), seen=case.shown)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    closing = threading.Thread(target=close)
    closing.start()
    services.certify(obligation, "in_person", Actor("person"), evidence={}, in_person=True)
    closing.join(20)
    assert Certification.objects.count() == 1
    assert [type(failure).__name__ for failure in failures] == ["CaseClosed"]
    case.refresh_from_db()
    assert case.state == "overtaken"


def test_a_roster_that_is_being_read_keeps_nobody_from_certifying(person):
    """An import holds thousands of people until it ends; whoever certifies meanwhile does not wait."""
    held, done = threading.Event(), threading.Event()

    def reading():
        with transaction.atomic():
            Beneficiary.objects.filter(pk=person.pk).update(phone="0731-1")
            held.set()
            done.wait(20)
        connection.close()

    thread = threading.Thread(target=reading)
    thread.start()
    held.wait(10)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '3s'")
        services.certify(
            current_obligation(person), "in_person", Actor("person"), evidence={}, in_person=True
        )
    finally:
        done.set()
        thread.join(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
    assert Certification.objects.count() == 1
