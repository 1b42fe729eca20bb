"""Two who act at the same moment: no half day overflows, and neither waits for the other for ever."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection

from jianzai.audit.services import Actor
from jianzai.certification.models import Certification
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import certify
from jianzai.channels.visit import services
from jianzai.channels.visit.errors import SlotFull, VisitEnded
from jianzai.channels.visit.models import Appointment, HomeVisit
from jianzai.channels.visit.services import booking
from jianzai.channels.visit.slots import Half
from tests.channels.visit import office
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts) -> list[BaseException | None]:
    """What each of ``acts`` raised, begun at the same moment in threads of their own."""
    ready = threading.Barrier(len(acts))
    outcomes: list[BaseException | None] = [None] * len(acts)

    def run(place, act):
        try:
            ready.wait(10)
            act()
        except BaseException as error:  # told to the test
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def test_the_last_place_of_a_half_day_is_given_once(person, monkeypatch):
    one = office.team(person.area, "一人组", capacity=1)
    visits = [office.requested(person), office.requested(make_person(name="李大妈"))]
    free = booking.first_free
    both_looked = threading.Barrier(2)

    def looks_slowly(*arguments):
        try:
            both_looked.wait(0.5)  # both at once, were the team not locked
        except threading.BrokenBarrierError:
            pass
        return free(*arguments)

    monkeypatch.setattr(booking, "first_free", looks_slowly)
    outcomes = together(
        *(
            lambda visit=visit: services.book(visit, one, date(2026, 9, 3), Half.MORNING, Actor.SYSTEM)
            for visit in visits
        )
    )
    assert sorted(type(each) for each in outcomes if each) == [SlotFull]
    assert Appointment.objects.filter(state="booked").count() == 1


def test_called_off_and_certified_at_the_same_moment(person, team):
    for day in range(3, 8):
        someone = make_person()
        visit = office.booked(someone, team, date(2026, 9, day))
        obligation = current_obligation(someone)
        called_off, certified = together(
            lambda visit=visit: services.cancel(visit, "", Actor("person")),
            lambda obligation=obligation: certify(
                obligation, "in_person", Actor.SYSTEM, evidence={}, in_person=True
            ),
        )
        assert certified is None
        assert called_off is None or isinstance(called_off, VisitEnded)
        assert Certification.objects.filter(person=someone).count() == 1
        assert HomeVisit.objects.get(pk=visit.pk).state in ("cancelled", "overtaken")
        assert all(hold.closed_on for hold in standing_of(current_obligation(someone)).holds)


def test_one_form_sent_by_two_browsers_is_one_visit(person):
    assert together(*[lambda: office.requested(person)] * 3) == [None] * 3
    assert HomeVisit.objects.filter(person=person).count() == 1
