"""Roster, cycle, sweep, orders: what a supervisor does, and what the second one."""

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from jianzai.audit.models import AuditEntry
from jianzai.benefits.models import Order, OrderFile, Pause, Sweep
from jianzai.certification.models import Cycle
from jianzai.clock import today
from jianzai.console import rosters
from jianzai.console.models import RosterUpload
from jianzai.registry.models import Beneficiary
from jianzai.registry.people import identity_lookup
from jianzai.sentences import say
from tests.console import office
from tests.people import CITY, DISTRICT, make_person, make_staff, resident_number
from tests.worker import work

HEADER = "personal_number,name,identity_number,area_code,monthly_pension\r\n"


def roster(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("2026.csv", (HEADER + "\r\n".join(rows)).encode())


GOOD = f"R1,周月娥,{resident_number(222)},{DISTRICT},3000.00"
BAD = f"R2,黄建国,{resident_number(223)[:-1]}Q,{DISTRICT},3000.00"


def brought(client, *rows: str) -> str:
    """The page of a roster file that was brought and read."""
    page = client.post(reverse("console:roster"), {"file": roster(*rows)})["Location"]
    work()
    return page


def test_a_roster_is_looked_at_before_it_is_imported(signed_in, supervisor):
    client = signed_in(supervisor)
    check = brought(client, GOOD)
    assert client.get(check).context["report"]["added"] == 1
    assert not Beneficiary.objects.exists()
    assert "周月娥".encode() not in bytes(RosterUpload.objects.get().content)  # kept sealed
    for _ in range(2):
        assert client.post(check, REMOTE_ADDR="192.0.2.7")["Location"] == check
    assert not Beneficiary.objects.exists()  # that is the worker's
    work()
    assert Beneficiary.objects.get().name == "周月娥"
    done = client.get(check)
    assert say("console.done_roster", added=1, changed=0, unchanged=0) in done.text
    assert "main-action" not in done.text
    assert not bytes(RosterUpload.objects.get().content)  # nothing of it is kept twice
    entry = AuditEntry.objects.get(act="registry.roster_imported")
    assert (entry.actor, entry.address) == ("staff:supervisor", "192.0.2.7")
    client.post(check)
    work()
    assert AuditEntry.objects.filter(act="registry.roster_imported").count() == 1
    assert say("console.roster_before") in client.get(brought(client, GOOD)).text


def test_a_roster_page_tells_what_the_worker_is_at_and_asks_again(signed_in, supervisor):
    client = signed_in(supervisor)
    check = client.post(reverse("console:roster"), {"file": roster(GOOD)})["Location"]
    for state, sentence in (("reading", "roster_reading_how"), ("importing", "roster_importing_how")):
        RosterUpload.objects.update(state=state)
        page = client.get(check)
        assert say(f"console.{sentence}") in page.text
        assert say("console.worker_gone") in page.text  # in this test none runs
        assert '<meta http-equiv="refresh"' in page.text  # without scripts
        assert f'hx-get="{check}"' in page.text
        assert "main-action" not in page.text  # nothing to press meanwhile
        asked = client.get(check, headers={"HX-Request": "true"})
        assert "<html" not in asked.text
        assert say(f"console.{sentence}") in asked.text
        assert say(f"console.upload_{state}") in client.get(reverse("console:roster")).text
    RosterUpload.objects.update(state="reading")
    work()
    assert client.get(check, headers={"HX-Request": "true"})["HX-Refresh"] == "true"  # the whole page, once
    assert "hx-get" not in client.get(check).text.partition("<main")[2]


def test_a_worker_that_is_there_is_not_missed(signed_in, supervisor):
    client = signed_in(supervisor)
    check = client.post(reverse("console:roster"), {"file": roster(GOOD)})["Location"]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        assert say("console.worker_gone") not in client.get(check).text
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    assert say("console.worker_gone") in client.get(check).text


def test_what_stands_in_the_way_since_the_dry_run_is_shown(signed_in, supervisor):
    client = signed_in(supervisor)
    check = brought(client, GOOD)
    other = make_person(name="周月娥")
    Beneficiary.objects.filter(pk=other.pk).update(identity_lookup=identity_lookup(resident_number(222)))
    client.post(check)
    work()
    page = client.get(check)
    assert say("registry.identity_taken") in page.text
    assert page.context["importable"] is False
    assert Beneficiary.objects.count() == 1


def test_a_roster_with_one_bad_row_names_it_and_imports_nothing(signed_in, supervisor):
    client = signed_in(supervisor)
    check = brought(client, GOOD, BAD)
    page = client.get(check)
    assert [row for row, _, _ in page.context["problems"]] == [3]
    assert "main-action" not in page.text  # nothing to press
    client.post(check)
    work()
    assert not Beneficiary.objects.exists()


def test_every_bad_row_can_be_downloaded(signed_in, supervisor):
    client = signed_in(supervisor)
    odd = f"R1,周月娥,{resident_number(222, region='999999')},{DISTRICT},3000.00"
    check = brought(client, odd, *(BAD.replace("R2", f"R{number}") for number in range(2, 320)))
    page = client.get(check)
    assert len(page.context["problems"]) < page.context["report"]["problem_count"]
    table = client.get(reverse("console:roster-problems", args=[check.split("/")[-1]]))
    assert f'href="{table.request["PATH_INFO"]}"' in page.text
    rows = list(csv.reader(table.content.decode("utf-8-sig").splitlines()))
    kinds = [kind for _, _, kind, _ in rows[1:]]
    assert kinds.count(say("registry.table_problem")) == page.context["report"]["problem_count"]
    assert kinds.count(say("registry.table_warning")) == 1
    assert rows[1][0] == "2"
    client.force_login(make_staff("supervisor").user)
    assert client.get(table.request["PATH_INFO"]).status_code == 404


def test_a_file_that_is_no_roster_is_a_clear_error(signed_in, supervisor):
    client = signed_in(supervisor)
    for content in (b"\x89PNG\r\n\x1a\n" + bytes(200), b"PK\x03\x04 broken"):
        file = SimpleUploadedFile("roster.xlsx", content)
        check = client.post(reverse("console:roster"), {"file": file})["Location"]
        work()
        assert say("registry.file_unreadable", file="roster.xlsx") in client.get(check).text
        client.post(check)
        work()
    assert client.get(brought(client)).context["problems"]
    assert not Beneficiary.objects.exists()


def test_a_fault_of_ours_is_said_and_not_met_again_every_minute(signed_in, supervisor, monkeypatch):
    client = signed_in(supervisor)
    check = client.post(reverse("console:roster"), {"file": roster(GOOD)})["Location"]
    monkeypatch.setattr(rosters, "import_roster", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rosters.finish_rosters()
    rosters.finish_rosters()
    assert say("console.roster_fault") in client.get(check).text


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
    assert say("console.not_enlisted", count=1) in client.get(reverse("console:cycle")).text
    work()
    assert Cycle.objects.get().obligations.count() == 1
    assert client.get(reverse("console:cycle")).context["not_enlisted"] == 0
    assert client.post(reverse("console:cycle-open"), {"year": "soon"}).status_code == 422


def test_the_cycle_page_counts_by_district(signed_in, supervisor, person):
    page = signed_in(supervisor).get(reverse("console:cycle"))
    assert [(name, row.overdue, row.total) for name, row in page.context["rows"]] == [("芙蓉区", 1, 1)]
    assert signed_in(supervisor).get(reverse("console:cycle"), {"year": "1999"}).status_code == 404


def test_the_policy_page_says_that_the_stop_is_by_date_alone(signed_in, clerk, person, on_day):
    page = signed_in(clerk).get(reverse("console:policy"))
    assert say("console.by_date_alone", day="2026-10-01") in page.text
    on_day(date(2027, 1, 1))
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
    assert not Order.objects.exists()  # that is the worker's
    work()
    assert Pause.objects.filter(state="active").count() == Order.objects.filter(kind="pause").count() == 3
    assert Sweep.objects.get().confirmed_by == second
    assert client.get(batch, headers={"HX-Request": "true"})["HX-Refresh"] == "true"  # it is done
    assert "hx-get" not in client.get(batch).text.partition("<main")[2]  # the page stops asking
    for _ in range(2):
        client.post(f"{batch}/undo")
    page = client.get(batch).text
    assert say("console.sweep_undoing_how") in page
    assert say("console.sweep_progress", done=0, total=3) in page
    work()
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


def test_a_batch_is_asked_about_while_it_is_carried_out(signed_in, supervisor, second, overdue):
    batch = Sweep.objects.get(
        pk=signed_in(supervisor)
        .post(reverse("console:sweeps"), SWEEP | {"propose": "yes"})["Location"]
        .split("/")[-1]
    )
    client = signed_in(second)
    client.post(reverse("console:sweep-confirm", args=[batch.pk]))
    address = reverse("console:sweep", args=[batch.pk])
    page = client.get(address)
    assert f'hx-get="{address}"' in page.text
    assert '<meta http-equiv="refresh"' in page.text  # without scripts
    asked = client.get(address, headers={"HX-Request": "true"})
    assert "<html" not in asked.text
    for text in (page.text, asked.text):
        assert say("console.sweep_progress", done=0, total=3) in text
        assert say("console.sweep_confirmed_how") in text
        assert say("console.worker_gone") in text  # in this test none runs


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
    work()
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

    for _ in range(3):
        signed_in(supervisor).post(reverse("console:roster"), {"file": roster(GOOD)})
    _, asked, fresh = RosterUpload.objects.all()
    RosterUpload.objects.exclude(pk=fresh.pk).update(made=timezone.now() - KEPT - timedelta(minutes=1))
    RosterUpload.objects.filter(pk=asked.pk).update(state="importing")  # waits for a worker, not for people
    forget_leftovers(0)
    assert set(RosterUpload.objects.all()) == {asked, fresh}
