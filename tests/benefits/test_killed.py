"""Workers killed (-9) in the middle of a batch at random points, and others that act at the same moment."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction

from jianzai import clock
from jianzai.audit.services import Actor, verify
from jianzai.benefits import services
from jianzai.benefits.errors import SecondPersonNeeded
from jianzai.benefits.models import Benefit, Order, Pause, Sweep
from jianzai.benefits.services.common import lock_obligations
from jianzai.certification.models import Obligation
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import open_cycle
from jianzai.registry.models import Beneficiary
from tests.people import make_person, make_staff
from tests.processes import end, finish, jianzai, kill_in_the_middle, wait_until
from tests.worker import work

from . import office

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 100
KILLS = 4


@pytest.fixture
def overdue(settings):
    """Many people overdue on 5 October 2026, committed, for other processes to see."""
    people = [make_person() for _ in range(PEOPLE)]
    clock.move_to(date(2026, 7, 1))
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    clock.move_to(date(2026, 10, 5))
    yield people
    clock.move_to(None)


def check_the_record():
    numbers = list(Order.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    active = set(Pause.objects.filter(state="active").values_list("person", flat=True))
    assert active == set(Benefit.objects.filter(state="paused").values_list("person", flat=True))
    expected = {"proposed": [], "active": ["pause"], "undone": ["pause", "resume"], "dropped": []}
    for pause in Pause.objects.prefetch_related("orders"):
        assert [order.kind for order in pause.orders.all()] == expected[pause.state]
    assert verify().ok


def another_order() -> Callable[[], bool]:
    """Whether one more order was committed since."""
    before = Order.objects.count()
    return lambda: Order.objects.count() > before


def killed_again_and_again(chance: random.Random, *command: str) -> None:
    kills = 0
    for _ in range(KILLS):
        kills += kill_in_the_middle(jianzai(*command), another_order(), chance)
        check_the_record()
    assert kills >= 2  # else nothing was tried


def carried_out_by_a_worker(sweep: Sweep, state: Sweep.State) -> None:
    worker = jianzai("worker")
    assert wait_until(lambda: Sweep.objects.get(pk=sweep.pk).state == state, worker)
    end(worker)
    check_the_record()


def test_nothing_is_lost_and_nothing_done_twice(overdue, supervisor, second):
    chance = random.Random(20261005)
    sweep = services.confirm_sweep(office.propose(supervisor), second, Actor.staff(second))
    assert not Order.objects.exists()  # all of it is the worker's
    killed_again_and_again(chance, "worker")
    carried_out_by_a_worker(sweep, Sweep.State.DONE)
    assert Order.objects.filter(kind="pause").values("person").distinct().count() == PEOPLE
    assert Order.objects.count() == office.audited("benefits.paused") == PEOPLE
    assert {current_obligation(person).status for person in overdue} == {"paused"}

    services.undo_sweep(sweep, supervisor, Actor.staff(supervisor))
    assert Order.objects.count() == PEOPLE
    killed_again_and_again(chance, "worker")
    carried_out_by_a_worker(sweep, Sweep.State.UNDONE)
    assert Order.objects.filter(kind="resume").values("person").distinct().count() == PEOPLE
    assert Order.objects.count() == 2 * PEOPLE
    assert {current_obligation(person).status for person in overdue} == {"due"}


def test_the_command_line_can_be_killed_as_well(overdue):
    killed_again_and_again(random.Random(7), "sweep")
    finish(jianzai("sweep"))
    check_the_record()
    (sweep,) = Sweep.objects.all()
    assert sweep.state == Sweep.State.DONE
    assert Order.objects.count() == office.audited("benefits.paused") == PEOPLE


def test_taken_back_while_it_is_carried_out(overdue, supervisor, second):
    """Nobody more is paused from then on, and who was paused is paid."""
    sweep = services.confirm_sweep(office.propose(supervisor), second, Actor.staff(second))
    worker = jianzai("worker")
    assert wait_until(another_order(), worker)
    services.undo_sweep(sweep, supervisor, Actor.staff(supervisor))
    then = Order.objects.filter(kind="pause").count()
    assert 0 < then < PEOPLE
    assert wait_until(lambda: Sweep.objects.get(pk=sweep.pk).state == Sweep.State.UNDONE, worker)
    end(worker)
    check_the_record()
    paused = Order.objects.filter(kind="pause").count()
    assert paused <= then + 1  # the one that was under way
    assert Order.objects.filter(kind="resume").count() == paused
    assert set(Pause.objects.values_list("state", flat=True)) == {"undone", "dropped"}
    assert {current_obligation(person).status for person in overdue} == {"due"}


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each of them returned or raised, done in the same moment."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def do(place: int) -> None:
        start.wait(20)
        try:
            results[place] = acts[place]()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_released_by_two_at_once_it_is_released_once(overdue, supervisor, second):
    third = make_staff("supervisor", username="third")
    sweep = office.propose(supervisor)
    own, *others = at_once(
        *(
            lambda who=who: services.confirm_sweep(sweep, who, Actor.staff(who))
            for who in (supervisor, second, third)
        )
    )
    # Whoever proposed it is told so, or that it is released by then.
    assert isinstance(own, SecondPersonNeeded) or own.state == Sweep.State.CONFIRMED
    assert [each.state for each in others] == [Sweep.State.CONFIRMED] * 2
    assert others[0].confirmed_by == others[1].confirmed_by
    assert office.audited("benefits.sweep_confirmed") == 1
    work()
    assert Order.objects.count() == PEOPLE
    check_the_record()


def test_two_processes_do_not_carry_out_the_same_batch(overdue, supervisor, second):
    sweep = services.confirm_sweep(office.propose(supervisor), second, Actor.staff(second))
    at_once(*(lambda: services.carry_out(Sweep.objects.get(pk=sweep.pk)) for _ in range(2)))
    sweep.refresh_from_db()
    assert sweep.state == Sweep.State.DONE
    assert Order.objects.count() == office.audited("benefits.paused") == PEOPLE
    check_the_record()


def test_people_certify_while_two_sweeps_run(overdue):
    """Each is either certified before the sweep came to them, or paused and resumed at once."""
    sweeps = [jianzai("sweep"), jianzai("sweep")]
    assert wait_until(Order.objects.exists, sweeps[0])
    chance = random.Random(7)
    certified = chance.sample(overdue, 60)
    before = set(Order.objects.values_list("person", flat=True))
    for person in certified:
        office.certified(person)
    for process in sweeps:
        finish(process)
    for person in certified:
        kinds = [kind for kind, _, _ in office.orders(person)]
        assert kinds in ([], ["pause", "resume"])
        assert office.state(person) == ("resumed" if kinds else "certified", "paying")
        if person.pk in before:
            assert kinds
    for person in set(overdue) - set(certified):
        assert office.orders(person) == [("pause", "2026-10", 0)]
    numbers = list(Order.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert verify().ok


def test_nobody_holds_a_person_while_waiting_for_their_obligation(on_day):
    """What is locked first by one and last by another ends with the database killing one of them."""
    person = make_person()
    for year in (2026, 2027):
        on_day(date(year, 7, 1))
        open_cycle(year, Actor.SYSTEM)
    latest = current_obligation(person)

    results: list[object] = []
    with transaction.atomic():  # as a certification does: the obligation of the moment, then the person
        Obligation.objects.select_for_update(of=("self",)).get(pk=latest.pk)
        whole = threading.Thread(target=lambda: results.extend(at_once(lambda: _locked(person))))
        whole.start()
        while not _somebody_waits():
            time.sleep(0.005)
        Beneficiary.objects.select_for_update(nowait=True).get(pk=person.pk)
    whole.join(20)
    assert [each.cycle.year for each in results[0]] == [2026, 2027]


@transaction.atomic
def _locked(person):
    return lock_obligations(person)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]
