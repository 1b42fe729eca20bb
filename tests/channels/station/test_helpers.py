"""Who acts for somebody: named with their agreement, bounded, seen in the record, ended in one click."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits.services import record_death
from jianzai.certification.models import CaptureSession, Certification, Consent, Cycle, ReferenceFace
from jianzai.certification.services import give_consent
from jianzai.channels.station.models import Helper, Mandate
from jianzai.channels.visit.models import HomeVisit
from jianzai.clock import today
from jianzai.notices.models import Notice
from jianzai.registry.services import identity_number
from jianzai.registry.signals import replaced
from jianzai.sentences import say
from tests.channels.mail.office import text_of
from tests.channels.online.conftest import finish, open_capture
from tests.people import resident_number

NAME, NUMBER = "李红", resident_number(612, "19800304")
TYPED = {"name": NAME, "number": NUMBER, "relation": "child", "agreed": "on"}
OTHERS = [
    "/consent", "/me/history", "/me/consent", "/me/withdrawn", "/me/certificate/2026-0000000000",
    "/station/helpers", "/matching/",
]  # fmt: skip


def name_at_desk(console, person, **changed) -> str:
    """The code that the clerk's page shows."""
    answer = console.post(f"/console/station/people/{person.key}/helpers/new", TYPED | changed)
    assert answer.status_code == 200, answer.content.decode()
    return code_in(answer)


def code_in(answer) -> str:
    return re.search(r'id="code">(\d{4}) (\d{4})<', answer.content.decode()).expand(r"\1\2")


def enter(code: str, name: str = NAME, number: str = NUMBER, client: Client | None = None):
    client = client or Client()
    return client, client.post("/station/help", {"name": name, "number": number, "code": code})


def modelled(person):
    consent = give_consent(person, "zh", Actor.SYSTEM)
    ReferenceFace.objects.create(
        person=person,
        pack="embedded",
        state="active",
        templates=b"sealed",
        clips=[5],
        quality=80,
        consent=consent,
    )


@pytest.fixture
def person(people):
    modelled(people[0])
    return people[0]


@pytest.fixture
def helping(desk, clerk, person):
    """A browser in which the helper acts for the person."""
    client, answer = enter(name_at_desk(desk(clerk), person))
    assert answer["Location"] == "/me"
    return client


@pytest.fixture
def matched(person):
    """The person at home, after a match of their face."""
    client = Client()
    client.post("/sign-in", {"name": person.name, "number": identity_number(person)})
    capture = open_capture(client)
    finish(capture)
    client.get(f"/capture/{capture.pk}/result")
    return client


def acts(act: str) -> list[str]:
    return list(AuditEntry.objects.filter(act=act).order_by("id").values_list("actor", flat=True))


def test_named_at_the_counter_the_helper_opens_the_road_and_stands_in_the_record(helping, person):
    helper = Helper.objects.get()
    page = helping.get("/me").content.decode()
    assert say("online.helping_title", "zh", name=person.name) in page
    assert "还没有认证" in page
    capture = open_capture(helping)
    assert (capture.helper, capture.staff) == (helper.pk, None)
    helping.post(
        "/visit/",
        {"relation": "child", "reason": "bedridden", "address": "文艺路 1 号", "phone": "0731-8000001"},
    )
    assert HomeVisit.objects.get().helper == helper.pk
    for act in ("station.helper_signed_in", "certification.session_opened", "visit.requested"):
        assert acts(act) == [f"helper:{helper.pk}"]
    assert acts("station.helper_named") == ["staff:clerk"]
    told = Notice.objects.filter(person=person, kind="helper_named")
    assert [notice.transport for notice in told] == ["page"]
    assert NAME not in str(told[0].body)
    kept = [str(row) for row in (*Mandate.objects.values(), *AuditEntry.objects.values())]
    assert not any(NUMBER in row for row in kept)


def test_a_letter_tells_whoever_has_an_address(desk, clerk, person):
    person.address = "长沙市芙蓉区文艺路1号"
    person.save()
    name_at_desk(desk(clerk), person)
    letter = Notice.objects.get(kind="helper_named", transport="letter")
    from jianzai.notices.transports.letter import render

    assert render([letter]).startswith(b"%PDF")


def test_a_helper_is_offered_what_a_helper_can_do(helping, person):
    assert "/options" in helping.get("/me").content.decode()
    answer = helping.post("/mail/form/elsewhere", {})
    assert answer["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    assert person.name in text
    assert identity_number(person) not in text
    person.consents.update(withdrawn=person.created)
    page = helping.get("/me").content.decode()
    assert "/options" not in page
    assert say("online.helping_no_camera", "zh", name=person.name) in page
    assert f'href="/visit/">{say("visit.offer_link", "zh")}' in page
    assert f'href="/mail/">{say("mail.offer_link", "zh")}' in page
    helping.post(
        "/visit/",
        {"relation": "child", "reason": "bedridden", "address": "文艺路 1 号", "phone": "0731-8000001"},
    )
    page = helping.get("/me").content.decode()
    assert page.count('href="/visit/"') == 1


@pytest.mark.parametrize("address", OTHERS)
def test_what_is_the_persons_alone_stays_closed_to_a_helper(helping, address):
    assert helping.get(address).status_code == 403
    assert helping.post(address).status_code in (403, 405)
    assert Consent.objects.filter(withdrawn=None).count() == 1


def test_a_helper_neither_models_a_face_nor_goes_on_without_consent(helping, person):
    assert helping.post("/capture", {"purpose": "enrol"}).status_code == 403
    person.consents.update(withdrawn=person.created)
    assert helping.post("/capture", follow=True).status_code == 403
    assert not CaptureSession.objects.exists()


def test_the_persons_own_face_certifies_and_opens_nothing_to_the_helper(helping, person):
    stranger = open_capture(helping)
    finish(stranger, decision="not_same")
    assert not Certification.objects.exists()
    capture = open_capture(helping)
    finish(capture)
    page = helping.get(f"/capture/{capture.pk}/result").content.decode()
    assert say("online.result_certified_title", "zh") in page
    assert Certification.objects.get().serial not in page
    assert helping.get("/me/history").status_code == 403
    assert not acts("online.face_matched")
    assert "/me/history" not in helping.get("/me").content.decode()


def test_one_click_of_the_person_ends_it_at_once(helping, person):
    own = Client()
    own.post("/sign-in", {"name": person.name, "number": identity_number(person)})
    page = own.get("/me").content.decode()
    assert say("station.help_acting", "zh", names="李*") in page
    assert NAME not in own.get("/station/helpers").content.decode()
    mandate = Mandate.objects.get()
    for _ in range(2):
        assert own.post(f"/station/helpers/{mandate.pk}/end")["Location"] == "/station/helpers"
    assert acts("station.helper_ended") == ["person"]
    assert helping.get("/me")["Location"] == "/sign-in"
    assert helping.post("/capture")["Location"] == "/sign-in"
    assert not CaptureSession.objects.exists()


def test_nobody_ends_what_is_not_theirs(helping, people):
    other = Client()
    other.post("/sign-in", {"name": people[1].name, "number": identity_number(people[1])})
    mandate = Mandate.objects.get()
    assert other.post(f"/station/helpers/{mandate.pk}/end").status_code == 404
    assert helping.post(f"/station/helpers/{mandate.pk}/end").status_code == 403
    assert Mandate.objects.get().ended_on is None


def test_on_their_own_page_they_name_somebody_after_a_face_match_only(matched, person):
    stranger = Client()
    stranger.post("/sign-in", {"name": person.name, "number": identity_number(person)})
    assert stranger.post("/station/helpers", TYPED).status_code == 403
    assert not Mandate.objects.exists()
    for wrong in ({"number": NUMBER[:-1] + "0"}, {"number": identity_number(person)}, {"name": ""}):
        assert matched.post("/station/helpers", TYPED | wrong).status_code == 422
    code = code_in(matched.post("/station/helpers", TYPED))
    mandate = Mandate.objects.get()
    assert (mandate.before, mandate.attempt.person) == (None, person)
    assert NAME in matched.get("/station/helpers").content.decode()
    assert enter(code)[1]["Location"] == "/me"
    again = code_in(matched.post("/station/helpers", TYPED))
    assert enter(code)[1].status_code == 200
    assert enter(again)[1]["Location"] == "/me"
    assert Mandate.objects.count() == 1


def test_a_mandate_that_nobody_agreed_to_cannot_stand(helping):
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.update(before=None)


def test_the_policy_bounds_for_how_many_one_helper_acts(desk, clerk, people):
    cycle = Cycle.objects.get()
    cycle.policy["helper_people_most"] = 2
    cycle.save()
    console = desk(clerk)
    for person in people[:2]:
        name_at_desk(console, person)
    address = f"/console/station/people/{people[2].key}/helpers/new"
    answer = console.post(address, TYPED)
    assert answer.status_code == 422
    assert say("station.helper_has_enough", "zh", most=2) in answer.content.decode()
    assert console.post(address, TYPED | {"agreed": ""}).status_code == 422
    name_at_desk(console, people[0])  # the same one again: a new code, not one more
    console.post(f"/console/station/helpers/{Mandate.objects.last().pk}/end")
    name_at_desk(console, people[2])
    assert Mandate.objects.filter(ended_on=None).count() == 2


def test_what_does_not_fit_is_told_alike_and_bounded(desk, clerk, person):
    code = name_at_desk(desk(clerk), person)
    wrong = [("1" * 8, NAME, NUMBER), (code, "张红", NUMBER), (code, NAME, identity_number(person))]
    told = {enter(*each)[1].content.decode().split("<form")[0] for each in wrong}
    assert len({re.sub(r"<head>.*?</head>", "", page, flags=re.S) for page in told}) == 1
    for _ in range(10):
        answer = enter("00000000")[1]
    assert answer.status_code == 429
    assert enter(code)[1].status_code == 429


@pytest.mark.parametrize("how", ["death", "replaced"])
def test_when_the_person_is_no_more_nobody_acts_for_them(helping, person, supervisor, how):
    if how == "death":
        record_death(person, today(), "certificate", today(), supervisor, Actor.SYSTEM)
    else:
        replaced.send(type(person), person=person, actor=Actor.SYSTEM)
    assert Mandate.objects.get().ended_on is not None
    assert helping.get("/me")["Location"] == "/sign-in"
