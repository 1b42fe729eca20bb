"""Recording: by whom, in whose transaction, by many at once."""

import threading
from contextlib import suppress
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, connections, transaction

from jianzai.audit.models import AuditEntry, ChainLink
from jianzai.audit.services import Actor, record, verify


class Interrupted(Exception):
    pass


def test_who_acts(rf):
    request = rf.get("/", REMOTE_ADDR="192.0.2.7")
    request.user = AnonymousUser()
    assert Actor.of(request) == Actor("person", "192.0.2.7")
    request.user = User(username="li")
    assert Actor.of(request) == Actor("staff:li", "192.0.2.7")
    request.auth = SimpleNamespace(name="payer")
    assert Actor.of(request) == Actor("token:payer", "192.0.2.7")
    assert Actor.staff(SimpleNamespace(user=User(username="li"))) == Actor("staff:li")


def test_the_address_a_client_claims_counts_only_behind_our_proxy(rf, settings):
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="10.9.9.9, 198.51.100.4")
    request.user = AnonymousUser()
    settings.SECURE_PROXY_SSL_HEADER = None
    assert Actor.of(request).address == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert Actor.of(request).address == "198.51.100.4"


def test_an_address_that_is_none_is_left_out(rf):
    request = rf.get("/", REMOTE_ADDR="")
    request.user = AnonymousUser()
    assert Actor.of(request).address is None


@pytest.mark.django_db
def test_an_entry_says_about_whom_and_where():
    person = SimpleNamespace(key=UUID(int=7), area_id="430102000000")
    entry = record("benefits.paused", Actor("person", "::1"), person=person, month="2026-10")
    entry.refresh_from_db()
    assert (entry.subject, entry.area) == (str(person.key), "430102000000")
    assert (entry.actor, entry.address, entry.details) == ("person", "::1", {"month": "2026-10"})
    assert verify().entries == 1


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_undone_leaves_nothing():
    record("first", Actor.SYSTEM)
    with suppress(Interrupted), transaction.atomic():
        record("second", Actor.SYSTEM)
        raise Interrupted
    record("third", Actor.SYSTEM)
    assert list(AuditEntry.objects.values_list("act", flat=True)) == ["first", "third"]
    assert list(ChainLink.objects.values_list("position", flat=True)) == [1, 2]
    assert verify().ok


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain():
    """Each transaction records several acts and holds them open for a while; some are undone."""
    threads, rounds, failures = 12, 5, []
    start = threading.Barrier(threads)

    def act(number: int) -> None:
        try:
            start.wait()
            for turn in range(rounds):
                with suppress(Interrupted), transaction.atomic():
                    record("act", Actor(f"staff:{number}"), turn=turn)
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(random() / 200)")
                    record("act", Actor(f"staff:{number}"), turn=turn)
                    if (number + turn) % 4 == 0:
                        raise Interrupted
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=act, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    kept = 2 * sum((number + turn) % 4 != 0 for number in range(threads) for turn in range(rounds))
    verdict = verify()
    assert failures == []
    assert (verdict.ok, verdict.entries) == (True, kept)
    assert list(ChainLink.objects.values_list("position", flat=True)) == list(range(1, kept + 1))


@pytest.mark.django_db(transaction=True)
def test_a_long_transaction_stops_nobody():
    """A lock taken at ``record`` would make every other act wait for this transaction's end."""
    recorded, done = threading.Event(), threading.Event()
    failures = []

    def hold() -> None:
        try:
            with transaction.atomic():
                record("long", Actor.SYSTEM)
                recorded.set()
                assert done.wait(10), "another transaction could not commit meanwhile"
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert recorded.wait(10)
    record("short", Actor.SYSTEM)
    done.set()
    holder.join()
    assert failures == []
    order = ChainLink.objects.order_by("position").values_list("entry__act", flat=True)
    assert list(order) == ["short", "long"]
    assert verify().ok
