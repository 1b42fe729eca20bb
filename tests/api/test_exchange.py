"""What payers collect: complete, in order, once; and what they send back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from jianzai.api.scopes import Scope
from jianzai.audit.services import Actor
from jianzai.benefits.services import sweep_now
from jianzai.certification.services import (
    certify,
    certify_in_person,
    certifying,
    ensure_obligation,
    record_event,
)
from jianzai.registry.models import Staff
from tests.people import DISTRICT, OTHER_DISTRICT, make_person, make_staff


def certify_someone(cycle, **where):
    return certify_obligation(ensure_obligation(make_person(**where), cycle))


def certify_obligation(obligation):
    return certify(obligation, "in_person", Actor.SYSTEM, evidence={}, in_person=True)


@pytest.mark.django_db(transaction=True)
def test_a_cursor_gets_every_certification_once(client, token, cycle_2026):
    made = [certify_someone(cycle_2026) for _ in range(5)]
    headers, cursor, got = token(Scope.CERTIFICATIONS), 0, []
    while True:
        page = client.get(f"/api/v1/certifications?since={cursor}&limit=2", headers=headers).json()
        if not page["items"]:
            assert page["next"] == cursor
            break
        got += page["items"]
        cursor = page["next"]
    assert [one["serial"] for one in got] == [one.serial for one in made]
    assert {one["channel"] for one in got} == {"in_person"}


@pytest.fixture
def another_connection():
    """``another_connection(act)`` runs ``act`` in a transaction of its own, which commits when told to.

    Gives the function that lets it commit, and waits for it.
    """
    running = []

    def begin(act):
        acted, finish, failed = threading.Event(), threading.Event(), []

        def work():
            try:
                with transaction.atomic():
                    act()
                    acted.set()
                    finish.wait(20)
            except Exception as error:
                failed.append(error)
                acted.set()
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()

        def commit():
            finish.set()
            thread.join()
            assert not failed, failed

        running.append(commit)
        assert acted.wait(20)
        return commit

    yield begin
    for commit in running:
        commit()


def collect(client, headers, cursor):
    page = client.get(f"/api/v1/certifications?since={cursor}", headers=headers).json()
    return [one["serial"] for one in page["items"]], page["next"]


@pytest.mark.django_db(transaction=True)
def test_a_certification_that_commits_late_is_not_passed_over(client, token, cycle_2026, another_connection):
    """Its id is drawn first and becomes visible last: it takes its place behind what was read meanwhile."""
    headers, late = token(Scope.CERTIFICATIONS), []
    first, second = (ensure_obligation(make_person(), cycle_2026) for _ in range(2))
    commit = another_connection(lambda: late.append(certify_obligation(first)))
    quick = certify_obligation(second)
    assert quick.pk > late[0].pk
    serials, cursor = collect(client, headers, 0)
    assert serials == [quick.serial]
    commit()
    assert collect(client, headers, cursor) == ([late[0].serial], cursor + 1)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_where_transactions_and_ids_cross(
    client, token, cycle_2026, another_connection, monkeypatch
):
    """The one that began to write first draws the larger id and commits first."""
    headers, made = token(Scope.CERTIFICATIONS), {}
    ones = {name: ensure_obligation(make_person(), cycle_2026) for name in ("older", "younger")}
    wrote, go_on = threading.Event(), threading.Event()

    def record_event_and_wait(obligation, *rest):
        record_event(obligation, *rest)
        if obligation.pk == ones["older"].pk:
            wrote.set()
            go_on.wait(20)

    monkeypatch.setattr(certifying, "record_event", record_event_and_wait)

    def certifier(name):
        return lambda: made.update({name: certify_obligation(ones[name])})

    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(another_connection, certifier("older"))
        assert wrote.wait(20)
        commit_younger = another_connection(certifier("younger"))
        go_on.set()
        commit_older = begun.result()
    assert made["older"].pk > made["younger"].pk
    commit_older()
    got, cursor = collect(client, headers, 0)
    commit_younger()
    rest, _ = collect(client, headers, cursor)
    assert sorted(got + rest) == sorted(one.serial for one in made.values())


@pytest.mark.django_db(transaction=True)
def test_a_token_collects_only_its_area(client, token, cycle_2026):
    here, _ = certify_someone(cycle_2026, area=DISTRICT), certify_someone(cycle_2026, area=OTHER_DISTRICT)
    page = client.get("/api/v1/certifications", headers=token(Scope.CERTIFICATIONS, area=DISTRICT)).json()
    assert [one["serial"] for one in page["items"]] == [here.serial]


@pytest.mark.django_db(transaction=True)
def test_orders_go_out_and_their_acknowledgement_comes_back(client, token, cycle_2026, civil_date):
    person = make_person()
    ensure_obligation(person, cycle_2026)
    headers = token(Scope.ORDERS, Scope.ACKNOWLEDGE, Scope.STATUS)
    assert client.post("/api/v1/orders/file", headers=headers).status_code == 204
    civil_date(date(2026, 10, 1))
    sweep_now(date(2026, 10, 1), Actor.SYSTEM)
    status = client.get(f"/api/v1/persons/{person.personal_number}/status", headers=headers).json()
    assert (status["status"], status["benefit"], status["certified_on"]) == ("paused", "paused", None)

    queued = client.get("/api/v1/orders", headers=headers).json()
    assert [(one["kind"], one["personal_number"]) for one in queued["items"]] == [
        ("pause", person.personal_number)
    ]
    sequence = queued["items"][0]["sequence"]
    assert client.get(f"/api/v1/orders?since={sequence}", headers=headers).json() == {
        "items": [],
        "next": sequence,
    }

    file = client.post("/api/v1/orders/file", headers=headers).json()
    assert file["orders"] == 1
    assert person.personal_number in file["content"]

    wrong = acknowledge(client, headers, "order_sequence,result,reason\n99,accepted,\n")
    assert wrong.status_code == 422
    assert wrong.json()["fields"][0]["where"] == "2.order_sequence"
    right = f"order_sequence,result,reason\n{sequence},accepted,\n"
    assert acknowledge(client, headers, right).json() == {"accepted": 1, "rejected": 0, "unchanged": 0}
    assert acknowledge(client, headers, right).json() == {"accepted": 0, "rejected": 0, "unchanged": 1}

    clerk = make_staff(Staff.Role.CLERK)
    certify_in_person(person, clerk, document="card", reason="counter", note="", actor=Actor.staff(clerk))
    resumed = client.get(f"/api/v1/persons/{person.personal_number}/status", headers=headers).json()
    assert (resumed["status"], resumed["benefit"]) == ("resumed", "paying")
    kinds = [one["kind"] for one in client.get("/api/v1/orders", headers=headers).json()["items"]]
    assert kinds == ["pause", "resume"]


def acknowledge(client, headers, text):
    file = SimpleUploadedFile("ack.csv", text.encode(), "text/csv")
    return client.post("/api/v1/orders/acknowledgements", {"file": file}, headers=headers)
