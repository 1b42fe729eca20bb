"""Processes killed (-9) in the middle of a sweep at random points, and others that act at the same moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date

import pytest
from django.db import connection

from jianzai import clock
from jianzai.audit.services import Actor, verify
from jianzai.benefits import services
from jianzai.benefits.models import Benefit, Order, Pause, Sweep
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import open_cycle
from tests.people import make_person, make_staff

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


def start(code: str) -> subprocess.Popen:
    """Another process on the same database."""
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].replace("/postgres?", f"/{name}?", 1)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


SWEEP = "import sys; sys.argv = ['jianzai', 'sweep']; from jianzai.cli import main; main()"
UNDO = """
import django; django.setup()
from jianzai.audit.services import Actor
from jianzai.benefits.models import Sweep
from jianzai.benefits.services import undo_sweep
sweep = Sweep.objects.get()
undo_sweep(sweep, sweep.proposed_by, Actor.staff(sweep.proposed_by))
"""


def kill_in_the_middle(process: subprocess.Popen, chance: random.Random) -> bool:
    """Kill the process at a random moment after its first order is committed; False if it was done before."""
    before = Order.objects.count()
    while Order.objects.count() == before:
        if process.poll() is not None:
            finish(process)
            return False
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.2))
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def check_the_record():
    numbers = list(Order.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    active = set(Pause.objects.filter(state="active").values_list("person", flat=True))
    assert active == set(Benefit.objects.filter(state="paused").values_list("person", flat=True))
    for pause in Pause.objects.exclude(state="dropped"):
        kinds = list(pause.orders.order_by("sequence").values_list("kind", flat=True))
        expected = {"proposed": [], "active": ["pause"], "undone": ["pause", "resume"]}
        assert kinds == expected[pause.state]
    assert verify().ok


def finish(process: subprocess.Popen):
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output


def test_nothing_is_lost_and_nothing_done_twice(overdue):
    chance = random.Random(20261005)
    kills = sum(kill_in_the_middle(start(SWEEP), chance) for _ in range(KILLS))
    check_the_record()
    assert kills >= 2  # else nothing was tried
    finish(start(SWEEP))
    check_the_record()
    (sweep,) = Sweep.objects.all()
    assert sweep.state == Sweep.State.DONE
    assert Order.objects.filter(kind="pause").values("person").distinct().count() == PEOPLE
    assert Order.objects.count() == office.audited("benefits.paused") == PEOPLE
    assert {current_obligation(person).status for person in overdue} == {"paused"}

    supervisor = make_staff("supervisor")
    Sweep.objects.update(proposed_by=supervisor)
    kills = sum(kill_in_the_middle(start(UNDO), chance) for _ in range(KILLS))
    check_the_record()
    assert kills >= 2
    services.finish_sweeps()
    check_the_record()
    assert Order.objects.filter(kind="resume").values("person").distinct().count() == PEOPLE
    assert Order.objects.count() == 2 * PEOPLE
    assert {current_obligation(person).status for person in overdue} == {"due"}


def test_people_certify_while_two_sweeps_run(overdue):
    """Each is either certified before the sweep came to them, or paused and resumed at once."""
    sweeps = [start(SWEEP), start(SWEEP)]
    while not Order.objects.exists():
        assert sweeps[0].poll() is None, sweeps[0].stdout.read()
        time.sleep(0.01)
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
