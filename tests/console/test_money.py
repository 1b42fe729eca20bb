"""Roster, cycle, sweep, orders: what a supervisor does, and what the second one."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jianzai.audit.models import AuditEntry
from jianzai.benefits.models import Order, OrderFile, Pause, Sweep
from jianzai.certification.models import Cycle
from jianzai.clock import today
from jianzai.console.models import RosterUpload
from jianzai.registry.models import Beneficiary
from jianzai.sentences import say
from tests.console import office
from tests.people import CITY, DISTRICT, make_person, make_staff, resident_number

HEADER = "personal_number,name,identity_number,area_code,monthly_pension\r\n"


def roster(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("2026.csv", (HEADER + "\r\n".join(rows)).encode())


GOOD = f"R1,周月娥,{resident_number(222)},{DISTRICT},3000.00"
BAD = f"R2,黄建国,{resident_number(223)[:-1]}Q,{DISTRICT},3000.00"


def test_a_roster_is_looked_at_before_it_is_imported(signed_in, supervisor):
    client = signed_in(supervisor)
    check = client.post(reverse("console:roster"), {"file": roster(GOOD)})["Location"]
    assert client.get(check).context["report"]["added"] == 1
    assert not Beneficiary.objects.exists()
    assert "周月娥".encode() not in bytes(RosterUpload.objects.get().content)  # kept sealed
    assert client.post(check)["Location"] == reverse("console:roster")
    assert Beneficiary.objects.get().name == "周月娥"
    assert not RosterUpload.objects.exists()
    again = client.post(reverse("console:roster"), {"file": roster(GOOD)})["Location"]
    assert say("console.roster_before") in client.get(again).text


def test_a_roster_with_one_bad_row_names_it_and_imports_nothing(signed_in, supervisor):
    client = signed_in(supervisor)
    check = client.post(reverse("console:roster"), {"file": roster(GOOD, BAD)})["Location"]
    page = client.get(check)
    assert [row for row, _, _ in page.context["problems"]] == [3]
    assert "main-action" not in page.text  # nothing to press
    client.post(check)
    assert not Beneficiary.objects.exists()


def test_a_file_that_is_no_roster_is_a_clear_error(signed_in, supervisor):
    client = signed_in(supervisor)
    for content in (b"\x89PNG\r\n\x1a\n" + bytes(200), b"PK\x03\x04 broken", b"a,b\n1,2\n"):
        answer = client.post(
            reverse("console:roster"), {"file": SimpleUploadedFile("roster.xlsx", content)}, follow=True
        )
        assert answer.status_code in (200, 422)
        assert not Beneficiary.objects.exists()


def test_somebody_elses_upload_is_not_there(signed_in, supervisor, second):
    check = signed_in(supervisor).post(reverse("console:roster"), {"file": roster(GOOD)})["Location"]
    assert signed_in(second).get(check).status_code == 404
    assert signed_in(second).post(check).status_code == 404


def test_the_example_is_a_roster(signed_in, supervisor):
    text = signed_in(supervisor).get(reverse("console:roster-example")).content.decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) >= 2


def test_opening_a_cycle_twice_is_one_cycle(signed_in, supervisor):
    make_person()
    client = signed_in(supervisor)
    for _ in range(2):
        assert client.post(reverse("console:cycle-open"), {"year": 2026}).status_code == 302
    assert Cycle.objects.get().obligations.count() == 1
    assert client.post(reverse("console:cycle-open"), {"year": "soon"}).status_code == 422


def test_the_cycle_page_counts_by_district(signed_in, supervisor, person):
    page = signed_in(supervisor).get(reverse("console:cycle"))
    assert [(name, row.overdue, row.total) for name, row in page.context["rows"]] == [("芙蓉区", 1, 1)]
    assert signed_in(supervisor).get(reverse("console:cycle"), {"year": "1999"}).status_code == 404


def test_the_policy_page_says_that_the_stop_is_by_date_alone(signed_in, clerk, person):
    page = signed_in(clerk).get(reverse("console:policy"))
    assert say("console.by_date_alone", day="2026-10-01") in page.text
    office.cycle(2027, "rolling-12-months")
    page = signed_in(clerk).get(reverse("console:policy"))
    assert say("console.not_by_date_alone", day="2028-01-31", contacts=3, channels=2) in page.text


@pytest.fixture
def overdue(person):
    return [person, *(make_person(name=f"李{each}") for each in "一二")] and office.cycle(2026) and person


SWEEP = {"as_of": "2026-10-05", "area": CITY, "cap": ""}


def test_a_dry_run_writes_nothing_and_keeps_the_form(signed_in, supervisor, overdue):
    page = signed_in(supervisor).post(reverse("console:sweeps"), SWEEP | {"cap": "2", "dry-run": "yes"})
    assert (page.context["report"].overdue, page.context["report"].chosen) == (3, 2)
    assert 'value="2"' in page.text
    assert not Sweep.objects.exists()


def test_a_batch_is_released_by_another_person_carried_out_and_undone(signed_in, supervisor, second, overdue):
    client = signed_in(supervisor)
    batch = client.post(reverse("console:sweeps"), SWEEP | {"propose": "yes"})["Location"]
    own = client.post(f"{batch}/confirm", follow=True)
    assert say("benefits.second_person_needed") in own.text
    assert not Order.objects.exists()
    client = signed_in(second)
    for _ in range(2):
        assert client.post(f"{batch}/confirm")["Location"] == batch
    assert Pause.objects.filter(state="active").count() == Order.objects.filter(kind="pause").count() == 3
    assert Sweep.objects.get().confirmed_by == second
    progress = client.get(batch, headers={"HX-Request": "true"})
    assert "<html" not in progress.text
    assert "hx-get" not in progress.text  # it is done: the page stops asking
    for _ in range(2):
        client.post(f"{batch}/undo")
    assert Pause.objects.filter(state="undone").count() == 3
    assert Order.objects.filter(kind="resume").count() == 3


def test_a_proposal_sent_twice_is_one_batch_and_can_be_discarded(signed_in, supervisor, overdue):
    client = signed_in(supervisor)
    form = SWEEP | {"propose": "yes", "submission": "5e0f6a56-7a9e-4d8a-a3a1-0cf7a6b0f3d1"}
    first, again = (client.post(reverse("console:sweeps"), form)["Location"] for _ in range(2))
    assert first == again
    batch = Sweep.objects.get()
    client.post(reverse("console:sweep-discard", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == "discarded"


def test_a_batch_is_asked_about_while_it_is_carried_out(signed_in, supervisor, overdue):
    batch = Sweep.objects.get(
        pk=signed_in(supervisor)
        .post(reverse("console:sweeps"), SWEEP | {"propose": "yes"})["Location"]
        .split("/")[-1]
    )
    Sweep.objects.update(state="confirmed")
    page = signed_in(supervisor).get(reverse("console:sweep", args=[batch.pk]))
    assert 'hx-trigger="every 1s"' in page.text
    assert say("console.sweep_progress", done=0, total=3) in page.text


def test_nobody_to_pause_is_a_clear_answer(signed_in, supervisor, person, on_day):
    answer = signed_in(supervisor).post(
        reverse("console:sweeps"), SWEEP | {"as_of": "2026-09-01", "propose": "yes"}
    )
    assert answer.status_code == 422
    assert not Sweep.objects.exists()


def test_a_clerk_cannot_choose_an_area_beyond_their_own(signed_in, person):
    district = make_staff("supervisor", DISTRICT)
    answer = signed_in(district).post(reverse("console:sweeps"), SWEEP | {"dry-run": "yes"})
    assert answer.status_code == 422
    assert answer.context["report"] is None


def acknowledgement(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("ack.csv", ("order_sequence,result,reason\r\n" + "\r\n".join(rows)).encode())


def test_orders_go_out_come_back_and_a_rejected_one_is_sent_again(signed_in, supervisor, second, overdue):
    client = signed_in(supervisor)
    batch = client.post(reverse("console:sweeps"), SWEEP | {"propose": "yes"})["Location"]
    signed_in(second).post(f"{batch}/confirm")
    client = signed_in(supervisor)
    client.post(reverse("console:orders-export"))
    client.post(reverse("console:orders-export"))  # nothing left: no second file
    file = OrderFile.objects.get()
    answer = client.get(reverse("console:order-file", args=[file.sequence]))
    assert answer.content.decode() == file.content
    assert "attachment" in answer["Content-Disposition"]
    assert AuditEntry.objects.filter(act="console.order_file_taken").count() == 1
    wrong = client.post(
        reverse("console:acknowledge"), {"file": acknowledgement("1,accepted,", "77,rejected,没有")}
    )
    assert wrong.status_code == 422
    assert wrong.context["problems"][0][0] == 3
    assert not Order.objects.exclude(state="exported").exists()  # the whole file or nothing
    good = acknowledgement("1,accepted,", "2,rejected,账户已注销", "3,accepted,")
    assert client.post(reverse("console:acknowledge"), {"file": good}).status_code == 302
    listed = client.get(reverse("console:orders"), {"state": "rejected"})
    assert [order.sequence for order in listed.context["orders"]] == [2]
    assert "账户已注销" in listed.text
    page = reverse("console:order", args=[2])
    assert client.post(page, {"effective_month": "2026-13"}).status_code == 422
    assert client.post(page, {"effective_month": "2026-09"}).status_code == 422  # that payroll is closed
    assert client.post(page, {"effective_month": "2026-11"})["Location"] == reverse("console:order", args=[4])
    assert client.post(page, {"effective_month": "2026-11"})["Location"] == reverse("console:order", args=[4])
    assert Order.objects.get(sequence=4).replaces.sequence == 2
    assert f"{today():%Y}" in client.get(page).text


def test_an_auditor_sees_orders_and_corrects_none(signed_in, person):
    order = office.order(person, "rejected", rejection="账户已注销")
    client = signed_in(make_staff("auditor"))
    page = reverse("console:order", args=[order.sequence])
    assert say("console.correct_do") not in client.get(page).text
    assert client.post(page, {}).status_code == 403


def test_what_nobody_imported_is_gone_after_a_day(signed_in, supervisor):
    from datetime import timedelta

    from django.utils import timezone

    from jianzai.console.tasks import KEPT, forget_leftovers

    for _ in range(2):
        signed_in(supervisor).post(reverse("console:roster"), {"file": roster(GOOD)})
    old = RosterUpload.objects.first()
    RosterUpload.objects.filter(pk=old.pk).update(made=timezone.now() - KEPT - timedelta(minutes=1))
    forget_leftovers(0)
    assert RosterUpload.objects.count() == 1
    assert not RosterUpload.objects.filter(pk=old.pk).exists()
