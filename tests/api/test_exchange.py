"""What payers collect: complete, in order, once; and what they send back."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from jianzai.api.scopes import Scope
from jianzai.audit.services import Actor
from jianzai.benefits.services import sweep_now
from jianzai.certification.services import certify, certify_in_person, ensure_obligation
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


@pytest.mark.django_db(transaction=True)
def test_a_certification_that_commits_late_is_not_passed_over(client, token, cycle_2026):
    """Its number is drawn first and becomes visible last: the cursor waits before it."""
    headers = token(Scope.CERTIFICATIONS)
    first, second = (ensure_obligation(make_person(), cycle_2026) for _ in range(2))
    made, finish, late = threading.Event(), threading.Event(), []

    def certify_slowly():
        with transaction.atomic():
            late.append(certify_obligation(first))
            made.set()
            finish.wait(20)
        connection.close()

    slow = threading.Thread(target=certify_slowly)
    slow.start()
    assert made.wait(20)
    quick = certify_obligation(second)
    assert quick.pk > late[0].pk
    assert client.get("/api/v1/certifications", headers=headers).json() == {"items": [], "next": 0}
    finish.set()
    slow.join()
    page = client.get("/api/v1/certifications", headers=headers).json()
    assert [one["serial"] for one in page["items"]] == [late[0].serial, quick.serial]


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
