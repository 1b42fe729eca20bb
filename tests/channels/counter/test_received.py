"""Received without a network, sent when it is back, judged, told; over HTTP."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits.models import Order, Pause
from jianzai.benefits.services import record_death, sweep_now, withdraw_death
from jianzai.certification.models import Certification, Cycle
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import (
    certify,
    enforce_retention,
    give_consent,
    open_this_years_cycle,
    withdraw_consent,
)
from jianzai.channels.counter.models import Received
from jianzai.channels.counter.services import deciding
from jianzai.channels.counter.tasks import judge_what_is_left
from jianzai.clock import today
from jianzai.entitlement import Status
from jianzai.faces.models import packs
from jianzai.faces.types import Comparison
from jianzai.notices.models import Notice
from jianzai.offline.models import Arrival, DayKey
from jianzai.registry.models import Beneficiary
from jianzai.sentences import say
from tests.channels.counter.office import DOCUMENT, received, typed
from tests.console.office import jpeg
from tests.console.office import reference as add_reference
from tests.offline.device import Device
from tests.people import DISTRICT, ELSEWHERE, OTHER_DISTRICT, make_person, make_staff

pytestmark = pytest.mark.django_db


def decide(client, staff, found: Received, decision: str = "accept", **more):
    client.force_login(staff.user)
    return client.post(
        f"/console/counter/{found.pk}", {"decision": decision, "finding": "照片与名册相符", **more}
    )


def status(person) -> str:
    return current_obligation(person).status


def test_what_came_in_time_counts_as_in_time(client, person, clerk, second, device, on_day):
    item = device.receive("counter", typed(person), [("paper", jpeg())])
    on_day(date(2026, 10, 3))  # the network is back after the deadline, and before the sweep
    told = device.send(item).json()
    assert (told["state"], told["receipt"]) == ("received", f"{device.key['id']}-001")
    found = Received.objects.get()
    assert (found.day, found.person, found.officer) == (date(2026, 9, 29), person, clerk)
    on_day(date(2026, 10, 8))
    sweep_now(today(), Actor.SYSTEM)
    assert not Pause.objects.exists()
    assert status(person) == Status.HELD
    assert decide(client, second, found).status_code == 302
    certification = Certification.objects.get()
    assert (certification.channel, certification.on, certification.officer) == (
        "counter",
        date(2026, 9, 29),
        clerk,
    )
    assert certification.evidence["document"] == DOCUMENT
    assert certification.evidence["second_officer"] == "second"
    assert Notice.objects.filter(person=person, kind="certified").exists()
    assert device.states() == {item.item: "certified"}


def test_a_pause_ordered_while_it_lay_on_the_device_is_made_good(client, person, second, device, on_day):
    item = device.receive("counter", typed(person), [("paper", jpeg())])
    on_day(date(2026, 10, 3))
    sweep_now(today(), Actor.SYSTEM)
    assert status(person) == Status.PAUSED
    device.send(item)
    decide(client, second, Received.objects.get())
    assert Pause.objects.get().state == "resumed"
    assert status(person) == Status.CERTIFIED  # the pause was void: the paper came before it was ordered


@pytest.mark.parametrize("waits", [True, False], ids=["while it waits", "before it is sent"])
def test_whoever_certified_since_loses_no_month_of_a_pause_that_was_void(
    client, person, second, device, on_day, waits
):
    cycle = Cycle.objects.get()
    cycle.policy |= {"resumption": "month_after"}
    cycle.save()
    item = device.receive("counter", typed(person), [("paper", jpeg())])
    on_day(date(2026, 10, 3))
    sweep_now(today(), Actor.SYSTEM)
    on_day(date(2026, 10, 5))
    if waits:
        device.send(item)
    certify(current_obligation(person), "online", Actor.SYSTEM, evidence={}, in_person=True)
    if not waits:
        device.send(item)
    found = Received.objects.get()
    assert found.state == "received"
    decide(client, second, found)
    found.refresh_from_db()
    assert found.state == "overtaken"
    pause = Pause.objects.get()
    assert pause.made_good_to == pause.granted_from
    assert Order.objects.get(kind="arrears").arrears_fen == person.monthly_fen


@pytest.mark.parametrize("taken_in", ["before", "after"])
def test_received_before_new_year_it_voids_a_pause_ordered_after_it(
    client, person, second, device, on_day, taken_in
):
    """Received on 31 December, taken in on 2 January; the pause of 1 January stands in the new cycle."""
    cycle = Cycle.objects.get()
    cycle.policy |= {"resumption": "month_after"}
    cycle.save()
    on_day(date(2026, 12, 31))
    device.prepare()
    item = device.receive("counter", typed(person), [("paper", jpeg())])
    on_day(date(2027, 1, 1))
    new = open_this_years_cycle(Actor.SYSTEM)
    new.policy = Cycle.objects.get(year=2026).policy
    new.save()
    sweep_now(today(), Actor.SYSTEM)
    assert status(person) == Status.PAUSED
    on_day(date(2027, 1, 2))
    if taken_in == "before":
        device.send(item)
    certify(current_obligation(person), "online", Actor.SYSTEM, evidence={}, in_person=True)
    if taken_in == "after":
        device.send(item)
    found = Received.objects.get()
    assert (found.day, found.state) == (date(2026, 12, 31), "received")
    decide(client, second, found)
    found.refresh_from_db()
    assert found.state == "certified"
    assert Certification.objects.get(channel="counter").obligation.cycle.year == 2026
    pause = Pause.objects.get()
    assert pause.made_good_to == pause.granted_from
    assert Order.objects.get(kind="arrears").arrears_fen == person.monthly_fen


def test_of_somebody_paused_who_died_it_earns_the_estate_what_was_withheld(
    client, person, clerk, second, device, on_day
):
    item = device.receive("counter", typed(person), [("paper", jpeg())])
    late = device.receive("counter", typed(person), [("paper", jpeg())])
    on_day(date(2026, 10, 3))
    sweep_now(today(), Actor.SYSTEM)
    device.send(item)
    record_death(person, date(2026, 10, 2), "certificate", today(), clerk, Actor.SYSTEM)
    device.send(late)
    found = Received.objects.first()
    assert {each.state for each in Received.objects.all()} == {"received"}
    decide(client, second, found)
    assert {each.state for each in Received.objects.all()} == {"certified", "overtaken"}
    assert Pause.objects.get().state == "resumed"
    assert Order.objects.filter(kind="end").count() == 2


@pytest.mark.parametrize("sent", ["before", "after"])
def test_met_after_the_day_of_a_recorded_death_it_contradicts_the_record(
    client, person, clerk, second, device, on_day, sent
):
    item = device.receive("counter", typed(person), [("paper", jpeg())])
    if sent == "before":
        device.send(item)
    on_day(date(2026, 9, 30))
    death = record_death(
        person, date(2026, 9, 20), "of a namesake", today(), make_staff("clerk"), Actor.SYSTEM
    )
    told = device.send(item).json()
    found = Received.objects.get()
    assert (told["state"], found.state) == ("received", "received")
    assert found.pictures
    answer = decide(client, second, found)
    assert answer.status_code == 422
    assert "请主管先核对去世登记" in answer.content.decode()
    withdraw_death(death, make_staff("supervisor"), "a namesake", Actor.SYSTEM)
    assert status(person) == Status.HELD
    decide(client, second, found)
    assert status(person) == Status.CERTIFIED
    assert Certification.objects.get().on == date(2026, 9, 29)


def test_what_a_death_leaves_nothing_to_judge_of_says_so(person, device, on_day):
    item = device.receive("counter", typed(person), [("paper", jpeg())])
    told = device.send(item).json()
    assert told["state"] == "received"
    record_death(person, date(2026, 9, 29), "certificate", today(), make_staff("clerk"), Actor.SYSTEM)
    assert Arrival.objects.get().sentence == "counter.told_dead"


def test_what_grew_onto_a_model_certifies_nobody_without_the_confirmed_clips(person, device, monkeypatch):
    give_consent(person, "zh", Actor.SYSTEM)
    pack = packs()["embedded"]
    found = Comparison(
        pack=pack.name, scores=(0.9,), score=0.9, normalised=pack.drawn.same + 1, cohort=3000, drawn=True,
        continuity=1.0, times=(0.0,), anchors=pack.drawn.uncertain - 2,
    )  # fmt: skip
    engine = SimpleNamespace(pack=pack, observe=lambda frames: None, compare=lambda *_: found)
    for name, value in (("engine", engine), ("cohort", None), ("open_reference", None)):
        monkeypatch.setattr(deciding, name, lambda *_, value=value: value)
    monkeypatch.setattr(deciding, "active_reference", lambda _: SimpleNamespace(pack=pack.name))
    device.send(device.receive("counter", {**typed(person), "agreed": "yes"}, [("face", jpeg())]))
    received = Received.objects.get()
    assert (received.compared["decision"], received.state) == ("uncertain", "received")


def test_consent_withdrawn_takes_the_pictures_of_the_face_and_leaves_those_of_papers(person, device):
    give_consent(person, "zh", Actor.SYSTEM)
    shown = [("paper", jpeg()), ("face", jpeg()), ("face", jpeg())]
    device.send(device.receive("counter", {**typed(person), "agreed": "yes"}, shown))
    withdraw_consent(person, Actor.SYSTEM)
    received = Received.objects.get()
    assert (len(received.shown), received.papers) == (1, 1)


def test_who_moved_is_seen_by_the_clerks_of_where_they_live(client, person, second, device):
    device.send(device.receive("counter", typed(person), [("paper", jpeg())]))
    page = f"/console/counter/{Received.objects.get().pk}"
    client.force_login(make_staff("clerk", OTHER_DISTRICT).user)
    assert client.get(page).status_code == 404
    Beneficiary.objects.filter(pk=person.pk).update(area=OTHER_DISTRICT)
    assert client.get(page).status_code == 200
    client.force_login(make_staff("clerk", DISTRICT).user)
    assert client.get(page).status_code == 404


def test_sent_twice_it_counts_once_and_another_item_does_not_take_its_number(person, device):
    item = device.receive("counter", typed(person), [("paper", jpeg())])
    first, again = device.send(item).json(), device.send(item).json()
    assert first == again
    assert (Arrival.objects.count(), Received.objects.count()) == (1, 1)
    device.given -= 1
    other = device.receive("counter", typed(person), [("paper", jpeg())])
    answer = device.send(other)
    assert answer.status_code == 422
    assert answer.json()["sentence"]
    assert Received.objects.count() == 1


def test_what_cannot_be_judged_is_received_and_keeps_none_waiting(person, device, monkeypatch):
    neighbour = make_person(name="李秀英")
    broken = {person, neighbour}

    def compare(received):
        if received.person in broken:
            raise RuntimeError("the engine does not start")

    monkeypatch.setattr("jianzai.channels.counter.services.deciding._compare", compare)
    first, second = (
        device.receive("counter", typed(each), [("paper", jpeg())]) for each in (person, neighbour)
    )
    for item in (first, second, first):
        answer = device.send(item)
        assert (answer.status_code, answer.json()["state"]) == (200, "received")
    assert not Received.objects.filter(judged=True).exists()
    for well in (neighbour, person):  # whichever comes first, the other is judged
        broken = {person, neighbour} - {well}
        judge_what_is_left(0)
        assert Received.objects.get(person=well).judged
        Received.objects.update(judged=False)


def test_another_clerk_gets_neither_key_nor_queue_and_cannot_send_it(person, second, device):
    item = device.receive("counter", typed(person), [("paper", jpeg())])
    other = Device(second, device.device)
    assert other.client.get("/console/offline/keys", {"device": device.device}).json()["keys"] == []
    assert other.send(item).status_code == 403
    other.prepare()
    assert other.key["key"] != device.key["key"]
    borrowed = device.receive("counter", typed(person))
    borrowed.key = other.key["id"]
    assert other.send(borrowed).status_code == 422  # sealed with the clerk's key, not with theirs
    assert not Received.objects.exists()


def test_the_clerks_word_is_bounded_by_the_day_of_the_key(person, device, on_day):
    for claimed in (
        device.key["issued"] / 1000 - 3600,
        device.key["expires"] / 1000 + 1,
        -1e300,
    ):
        item = device.receive("counter", typed(person), at=claimed)
        on_day(date(2026, 9, 30))
        assert device.send(item).status_code == 200
        assert Received.objects.get(arrival__item=item.item).day == date(2026, 9, 30)
        on_day(date(2026, 9, 29))


def test_a_destroyed_key_opens_nothing(person, device):
    item = device.receive("counter", typed(person))
    DayKey.objects.update(takes_until=timezone.now() - timedelta(seconds=1))
    assert device.send(item).status_code == 410
    enforce_retention(today())
    assert DayKey.objects.get().key is None
    assert device.send(item).status_code == 410
    assert not Arrival.objects.exists()


def test_whom_nobody_finds_a_clerk_finds_and_the_hold_begins_on_the_day_received(
    client, person, second, device, on_day
):
    found = received(person, device, number="43010219999999999X")
    assert (found.person, found.state) == (None, "received")
    answer = decide(client, second, found)
    assert answer.status_code == 422
    answer = decide(client, second, found, number="P999999")
    assert answer.status_code == 422
    assert decide(client, second, found, number=person.personal_number).status_code == 302
    found.refresh_from_db()
    assert (found.person, found.state, found.certification.on) == (person, "certified", found.day)


def test_who_received_it_does_not_decide(client, person, clerk, device):
    found = received(person, device)
    assert decide(client, clerk, found).status_code == 422
    page = client.get(f"/console/counter/{found.pk}").content.decode()
    assert 'name="decision"' not in page
    found.refresh_from_db()
    assert found.state == "received"


def test_pictures_open_large_beside_that_of_the_model(client, person, second, device):
    found = received(person, device)
    client.force_login(second.user)
    page = f"/console/counter/{found.pk}"
    told = client.get(page).content.decode()
    assert f'href="{page}/pictures/0" target="_blank"' in told
    assert say("counter.no_reference", "zh") in told
    model = add_reference(person)
    told = client.get(page).content.decode()
    assert f'href="/console/references/{model.pk}/picture" target="_blank"' in told
    assert say("counter.no_reference", "zh") not in told


def test_refused_the_person_is_told_and_pictures_go_in_time(client, person, second, device, on_day):
    found = received(person, device)
    client.force_login(second.user)
    assert client.get(f"/console/counter/{found.pk}/pictures/0")["Content-Type"] == "image/jpeg"
    assert AuditEntry.objects.filter(act="counter.picture_seen").count() == 1
    assert client.get(f"/console/counter/{found.pk}/pictures/1").status_code == 404
    assert decide(client, second, found, "refuse").status_code == 302
    assert decide(client, second, found, "refuse").status_code == 302  # told again
    notice = Notice.objects.get(person=person, kind="received_refused", transport="page")
    assert notice.body["receipt"] == found.arrival.receipt
    assert status(person) == Status.DUE
    on_day(today() + timedelta(days=61))
    enforce_retention(today())
    found.refresh_from_db()
    assert (found.typed, found.pictures) == (None, None)
    assert client.get(f"/console/counter/{found.pk}").status_code == 200


@pytest.mark.parametrize("end", ["certified", "died"])
def test_settled_otherwise_it_holds_nothing_and_forgets(person, clerk, device, end):
    found = received(person, device)
    if end == "certified":
        certify(current_obligation(person), "in_person", Actor.SYSTEM, evidence={}, in_person=True)
    else:
        record_death(person, today(), "certificate", today(), clerk, Actor.SYSTEM)
    found.refresh_from_db()
    assert (found.state, found.typed, found.pictures) == ("overtaken", None, None)
    late = received(person, device)
    assert late.state == "overtaken"
    assert device.states()[str(late.arrival.item)] == "noted"


def test_people_of_other_areas_are_nobody(person, device):
    stranger = make_person(name="赵德柱", area=ELSEWHERE)
    assert received(stranger, device).person is None


@pytest.mark.parametrize(
    "broken",
    [
        {"key": "x"},
        {"item": "x"},
        {"number": "x"},
        {"sealed": b""},
        {"sealed": b"x" * 3_000_000},
        {"number": 0},
        {"number": 201},
        {"form": "nothing"},
        {"number": 7},
        {"sealed": b"x" * 200},
    ],
    ids=lambda each: f"{next(iter(each))}-{len(str(next(iter(each.values()))))}",
)
def test_what_no_device_writes_is_refused_and_leaves_nothing(person, device, broken):
    item = device.receive("counter", typed(person))
    for name, value in broken.items():
        setattr(item, name, value)
    answer = device.send(item)
    assert answer.status_code in (400, 422)
    assert answer.json()["sentence"]
    assert not Arrival.objects.exists()


def test_what_is_not_filled_in_stays_on_the_device(person, device):
    answer = device.send(device.receive("counter", typed(person, document=" ")))
    assert answer.status_code == 422
    assert not Arrival.objects.exists()


def test_without_agreement_no_face_is_kept(person, device):
    item = device.receive("counter", typed(person), [("face", jpeg()), ("paper", jpeg())])
    device.send(item)
    found = Received.objects.get()
    assert (found.papers, len(found.shown)) == (1, 1)


def test_another_districts_clerk_does_not_see_it(client, person, device):
    found = received(person, device)
    elsewhere = make_staff("clerk", ELSEWHERE)
    client.force_login(elsewhere.user)
    assert client.get(f"/console/counter/{found.pk}").status_code == 404
