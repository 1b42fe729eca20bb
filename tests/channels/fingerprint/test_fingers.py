"""A finger is kept at a counter, compared, and forgotten; what is no finger is told so."""

import io
import json
import struct
import zlib
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification.models import Certification
from jianzai.certification.services import enforce_retention, open_cycle
from jianzai.channels.fingerprint import services
from jianzai.channels.fingerprint.models import Fingerprint, PrintCheck, PrintConsent
from jianzai.channels.fingerprint.reading import LARGEST_FILE
from jianzai.sentences import say
from jianzai.vault import CannotOpen
from tests.channels.fingerprint.prints import hers, his, worn
from tests.people import make_person, make_staff

DAY = date(2026, 9, 1)
CARD = "居民身份证，已核对原件"


@pytest.fixture
def person(db, tmp_path, settings):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(DAY)
    someone = make_person(name="王桂兰")
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    return someone


@pytest.fixture
def clerk(db):
    return make_staff("clerk", username="clerk")


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk.user)
    return client


def at(person, what=""):
    return f"/console/fingerprint/{person.key}{what}"


def post(client, url, content, **typed):
    return client.post(url, {"print": SimpleUploadedFile("finger.png", content), **typed}, follow=True)


def enrolled(desk, person, content, finger=2):
    return post(desk, at(person, "/enrol"), content, finger=finger, agreed="on")


def test_a_finger_is_kept_and_certifies(desk, clerk, person):
    answer = enrolled(desk, person, hers(2))
    kept = person.prints.get()
    assert answer.status_code == 200
    assert say("fingerprint.finger_2") in answer.content.decode()
    assert kept.finger == 2
    assert 0 < kept.quality <= 100
    assert kept.consent.taken_by == clerk
    assert len(json.loads(kept.opened)["minutiae"]) >= services.FEWEST_MINUTIAE
    assert b"minutiae" not in bytes(kept.template)

    assert post(desk, at(person, "/verify"), hers(6), document="").status_code == 422
    post(desk, at(person, "/verify"), hers(6), document=CARD)
    certification = Certification.objects.get(person=person)
    check = PrintCheck.objects.get()
    assert certification.channel == "fingerprint"
    assert certification.officer == clerk
    assert certification.evidence["document"] == CARD
    assert certification.evidence["score"] >= certification.evidence["threshold"] == services.THRESHOLD
    assert check.certification == certification
    assert check.matched
    page = desk.get(f"/console/people/{person.key}").content.decode()
    assert say("fingerprint.matched") in page
    assert say("fingerprint.channel") in page


def test_somebody_elses_finger_certifies_nobody_and_refuses_nobody(desk, person):
    enrolled(desk, person, hers(2))
    answer = post(desk, at(person, "/verify"), his(), document=CARD).content.decode()
    assert say("fingerprint.done_below") in answer
    assert say("fingerprint.other_ways") in answer
    assert not Certification.objects.exists()
    assert not person.cases.exists()
    check = PrintCheck.objects.get()
    assert check.score < check.threshold
    assert check.certification is None
    compared = AuditEntry.objects.get(act="fingerprint.compared")
    assert compared.details["matched"] is False


def test_without_consent_nothing_is_kept_and_withdrawing_deletes(desk, person, settings):
    answer = post(desk, at(person, "/enrol"), hers(2), finger=2)
    assert answer.status_code == 422
    assert say("fingerprint.no_consent") in answer.content.decode()
    assert not PrintConsent.objects.exists()
    assert not Fingerprint.objects.exists()
    enrolled(desk, person, hers(2))
    settings.FINGERPRINT = False  # also where the office turned the way off meanwhile
    assert say("fingerprint.do_withdraw") in desk.get(f"/console/people/{person.key}").content.decode()
    for _ in range(2):
        desk.post(at(person, "/withdraw"))
        assert not Fingerprint.objects.exists()
    assert PrintConsent.objects.get().withdrawn
    assert AuditEntry.objects.filter(act="fingerprint.withdrawn").count() == 1


def test_two_fingers_at_most(person, clerk):
    def keep(finger):
        services._keep(person, finger, "{}", 50, "zh", clerk, Actor.staff(clerk))

    for each in (1, 2, 2, 1):
        keep(each)
    with pytest.raises(services.EnoughFingers):
        keep(3)
    assert sorted(person.prints.values_list("finger", flat=True)) == [1, 2]
    assert PrintConsent.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Fingerprint.objects.filter(finger=1).update(place=3)


def test_rows_changed_about_do_not_open(person, clerk):
    other = make_person(name="赵德柱")
    for each in (person, other):
        services._keep(each, 2, "{}", 50, "zh", clerk, Actor.staff(clerk))
    first, second = person.prints.get(), other.prints.get()
    assert first.opened == "{}"
    first.template = second.template
    with pytest.raises(CannotOpen):
        _ = first.opened


def test_only_a_matching_finger_can_certify(person, clerk):
    from jianzai.certification.services import certify_in_person

    made = certify_in_person(person, clerk, document=CARD, reason="—", note="", actor=Actor.staff(clerk))
    with pytest.raises(IntegrityError), transaction.atomic():
        PrintCheck.objects.create(
            person=person,
            officer=clerk,
            on=DAY,
            finger=2,
            score=10,
            threshold=90,
            quality=50,
            certification=made,
        )


def test_the_fingers_of_the_dead_go(person, clerk):
    services._keep(person, 2, "{}", 50, "zh", clerk, Actor.staff(clerk))
    enforce_retention(DAY)
    assert person.prints.exists()
    type(person).objects.filter(pk=person.pk).update(died_on=date(2026, 8, 1))
    enforce_retention(DAY)
    assert not person.prints.exists()


def picture(width, height, fill=255):
    file = io.BytesIO()
    Image.new("L", (width, height), fill).save(file, "PNG")
    return file.getvalue()


def claims(width, height):
    """A PNG that says it is so large and is a few bytes."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\x00\x00\x00\x00IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"%PDF-1.7 no finger", "wrong_file"),
        (claims(60_000, 60_000), "too_large"),
        (claims(400, 400), "wrong_file"),
        (picture(40, 40), "too_small"),
        (picture(300, 300), "too_poor"),
        (worn, "too_poor"),
        (b"\0" * (LARGEST_FILE + 1), None),
    ],
    ids=["pdf", "bomb", "torn", "small", "blank", "worn", "large"],
)
def test_what_is_no_finger_is_told_so(desk, person, content, refusal):
    answer = enrolled(desk, person, content() if callable(content) else content)
    assert answer.status_code == 422
    assert not Fingerprint.objects.exists()
    told = (
        say(f"fingerprint.{refusal}", most=800) if refusal else say("console.picture_too_large", megabytes=3)
    )
    assert told in answer.content.decode()


def test_turned_off_it_is_nowhere(desk, person, settings):
    page = f"/console/people/{person.key}"
    assert at(person) in desk.get(page).content.decode()
    settings.FINGERPRINT = False
    assert at(person) not in desk.get(page).content.decode()
    assert desk.get(at(person)).status_code == 404
    assert desk.post(at(person, "/enrol")).status_code == 404
    assert desk.post(at(person, "/verify")).status_code == 404
