"""Workers killed (-9) while they read and import a roster: all of the file or nothing, and once."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from jianzai.audit.models import AuditEntry
from jianzai.console.models import RosterUpload
from jianzai.registry.models import Beneficiary, RosterFile
from tests.people import DISTRICT, resident_number
from tests.processes import end, jianzai, kill_in_the_middle, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 4000
KILLS = 3


def a_town() -> SimpleUploadedFile:
    rows = ["personal_number,name,identity_number,area_code,monthly_pension"]
    for number in range(PEOPLE):
        born = date(1940, 1, 1) + timedelta(days=number // 500)
        identity = resident_number(number % 500, f"{born:%Y%m%d}")
        rows.append(f"T{number:05d},周月娥,{identity},{DISTRICT},3000.00")
    return SimpleUploadedFile("town.csv", "\n".join(rows).encode())


def another_job_begun() -> Callable[[], bool]:
    begun = ProcrastinateJob.objects.filter(task_name__contains="roster", status="doing")
    before = begun.count()  # killed workers leave theirs behind
    return lambda: begun.count() > before


def killed_again_and_again(state: str, chance: random.Random) -> None:
    kills = 0
    for _ in range(KILLS):
        kills += kill_in_the_middle(jianzai("worker"), another_job_begun(), chance)
        assert RosterUpload.objects.get().state == state
        assert not Beneficiary.objects.exists()
    assert kills == KILLS


def carried_out_by_a_worker(state: str) -> None:
    worker = jianzai("worker")
    assert wait_until(lambda: RosterUpload.objects.get().state == state, worker)
    end(worker)


def test_a_roster_is_imported_whole_and_once(signed_in, supervisor):
    client, chance = signed_in(supervisor), random.Random(310000)
    check = client.post(reverse("console:roster"), {"file": a_town()})["Location"]
    killed_again_and_again("reading", chance)
    carried_out_by_a_worker("read")
    assert client.get(check).context["report"]["added"] == PEOPLE
    assert not Beneficiary.objects.exists()
    client.post(check)
    killed_again_and_again("importing", chance)
    carried_out_by_a_worker("imported")
    assert Beneficiary.objects.count() == PEOPLE
    assert RosterFile.objects.get().added == PEOPLE
    assert AuditEntry.objects.filter(act="registry.roster_imported").count() == 1
