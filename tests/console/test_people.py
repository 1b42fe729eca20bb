"""What a clerk does for one person."""

import io
import threading
import uuid
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits.models import Death, Order
from jianzai.benefits.services import record_death, sweep_now, withdraw_death
from jianzai.certification.models import CaptureSession, Certification, ReferenceFace
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import certify, record_event
from jianzai.clock import today
from jianzai.entitlement import HoldKind, HoldOpened
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.console import office
from tests.people import OTHER_DISTRICT, make_person, make_staff

IN_PERSON = {"document": "居民身份证原件", "reason": "refuses", "note": ""}


def page_of(name: str, person, *more) -> str:
    return reverse(f"console:{name}", args=[person.key, *more])


@pytest.mark.parametrize("text", ["王桂", "wangguilan", "wgl", "number", "identity"])
def test_people_are_found_by_name_sound_number_or_whole_identity_number(signed_in, clerk, person, text):
    make_person(name="张三丰")
    text = {"number": person.personal_number, "identity": identity_number(person)}.get(text, text)
    answer = signed_in(clerk).post("/console/people", {"text": text}, headers={"HX-Request": "true"})
    assert [row.person for row in answer.context["people"]] == [person]
    assert "<html" not in answer.text
    assert say("console.status_overdue") in answer.text


def test_a_part_of_an_identity_number_finds_nobody(signed_in, clerk, person):
    answer = signed_in(clerk).post("/console/people", {"text": identity_number(person)[:-1]})
    assert answer.context["people"] == []
    assert say("console.search_try") in answer.text


def test_people_elsewhere_are_not_found(signed_in, person):
    other = make_staff("clerk", OTHER_DISTRICT)
    assert signed_in(other).post("/console/people", {"text": "王桂兰"}).context["people"] == []


def test_the_person_page_says_where_they_stand_in_plain_words(signed_in, clerk, person, on_day):
    page = page_of("person", person)
    client = signed_in(clerk)
    assert say("console.standing_overdue", due="2026-09-30", days=5) in client.get(page).text
    sweep_now(today(), Actor.SYSTEM)
    assert say("console.standing_paused", due="2026-09-30", month="2026-10") in client.get(page).text
    client.post(page_of("certify", person), IN_PERSON)
    assert say("console.standing_resumed", month="2026-10", resumed_on="2026-10-05") in client.get(page).text


def test_the_person_page_says_why_and_since_when_the_pause_is_held(signed_in, clerk, supervisor, person):
    def told(code: str, since: str, until: str) -> str:
        return say("console.held_because", because=say(f"console.hold_{code}"), since=since, until=until)

    client = signed_in(clerk)
    assert 'id="holds"' not in client.get(page_of("person", person)).text
    hold = HoldOpened(on=today(), until=date(2027, 4, 1), kind=HoldKind.VISIT, case="visit:1")
    record_event(current_obligation(person), hold, Actor.SYSTEM)
    assert told("visit", "2026-10-05", "2027-04-01") in client.get(page_of("person", person)).text
    death = record_death(person, today(), "证明 1", today(), clerk, Actor.SYSTEM)
    assert 'id="holds"' not in client.get(page_of("person", person)).text
    withdraw_death(death, supervisor, "同名", Actor.SYSTEM)
    assert say("console.hold_death") in client.get(page_of("person", person)).text


def test_the_identity_number_is_shown_on_request_and_the_look_is_recorded(signed_in, clerk, person):
    client, number = signed_in(clerk), identity_number(person)
    assert number not in client.get(page_of("person", person)).text
    assert number in client.post(page_of("reveal", person)).text
    entry = AuditEntry.objects.get(act="console.identity_number_seen")
    assert (entry.subject, entry.actor) == (str(person.key), "staff:clerk")
    assert number not in str(entry.details)


def test_looking_at_a_picture_is_recorded(signed_in, clerk, person):
    made = office.reference(person)
    answer = signed_in(clerk).get(reverse("console:picture", args=[made.pk]))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "no-store"
    assert AuditEntry.objects.filter(act="console.picture_seen", subject=str(person.key)).count() == 1


def test_certifying_in_person_needs_a_document_and_keeps_what_was_typed(signed_in, clerk, person):
    answer = signed_in(clerk).post(
        page_of("certify", person), IN_PERSON | {"document": "", "note": "行动不便"}
    )
    assert answer.status_code == 422
    assert "行动不便" in answer.text
    assert not Certification.objects.exists()
    answer = signed_in(clerk).post(page_of("certify", person), IN_PERSON | {"reason": "other"})
    assert say("console.note_needed") in answer.text


def test_certifying_twice_is_one_certification_with_document_reason_and_officer(signed_in, clerk, person):
    client = signed_in(clerk)
    form = IN_PERSON | {"note": "到服务站办理", "submission": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(page_of("certify", person), form)["Location"] == page_of("person", person)
    certification = Certification.objects.get()
    assert certification.officer == clerk
    assert certification.evidence == {
        "document": "居民身份证原件",
        "reason": say("console.without_face_refuses", "zh"),
        "note": "到服务站办理",
    }
    assert certification.serial in client.get(page_of("person", person)).text


def test_a_death_needs_a_document_and_ends_the_benefit_once(signed_in, clerk, person):
    client = signed_in(clerk)
    form = {
        "died_on": "2026-09-20",
        "document": "居民死亡医学证明 43010220260001",
        "document_on": "2026-09-21",
        "sure": "on",
    }
    for missing in ("died_on", "document", "document_on", "sure"):
        assert client.post(page_of("death", person), form | {missing: ""}).status_code == 422
    for late in ("died_on", "document_on"):
        page = client.post(page_of("death", person), form | {late: "2026-10-06"})
        assert say("console.date_in_future") in page.text
    early = client.post(page_of("death", person), form | {"document_on": "2026-09-19"})
    assert say("console.document_before_death") in early.text
    for _ in range(2):
        assert client.post(page_of("death", person), form).status_code == 302
    death = Death.objects.get()
    assert (death.document, death.document_on) == (form["document"], date(2026, 9, 21))
    assert (
        say("console.death_document_of", day=death.document_on) in client.get(page_of("person", person)).text
    )
    assert [order.kind for order in Order.objects.all()] == ["end"]
    assert client.post(page_of("certify", person), IN_PERSON).status_code == 422  # the dead are not certified


def test_a_supervisor_takes_back_a_death_recorded_by_mistake(signed_in, clerk, supervisor, person):
    form = {"died_on": "2026-09-20", "document": "证明 1", "document_on": "2026-09-20", "sure": "on"}
    signed_in(clerk).post(page_of("death", person), form)
    assert signed_in(clerk).post(page_of("death-withdraw", person), {"reason": "同名"}).status_code == 403
    client = signed_in(supervisor)
    assert client.post(page_of("death-withdraw", person), {"reason": ""}).status_code == 422
    assert client.post(page_of("death-withdraw", person), {"reason": "同名同姓，登记错人"}).status_code == 302
    person.refresh_from_db()
    assert person.died_on is None
    # After a certification since, they are asked to confirm it.
    certify(current_obligation(person), "in_person", Actor.SYSTEM, evidence={}, in_person=True)
    asked = client.post(page_of("death", person), form)
    label = say("console.death_despite", on=today())
    assert (asked.status_code, label in asked.text) == (422, True)
    assert client.post(page_of("death", person), form | {"despite": today().isoformat()}).status_code == 302


def test_reminding_makes_notices_once_a_day_and_the_letter_counts_as_a_contact_once_posted(
    signed_in, clerk, person
):
    person.address = "长沙市芙蓉区文艺路1号"
    person.save()
    client = signed_in(clerk)
    for _ in range(2):
        client.post(page_of("remind", person))
    letter = person.notices.get(transport="letter")
    assert client.get(page_of("letter", person, letter.pk)).status_code == 404  # first it is printed
    for _ in range(2):
        page = client.post(page_of("letter-print", person, letter.pk), follow=True).text
        assert page_of("letter-posted", person, letter.pk) in page
        assert client.get(page_of("letter", person, letter.pk)).content.startswith(b"%PDF")
    assert current_obligation(person).standing["contacts"] == []
    for _ in range(2):  # again: no second contact
        page = client.post(page_of("letter-posted", person, letter.pk), follow=True).text
        assert page_of("letter-posted", person, letter.pk) not in page
    assert say("console.posted_before") in page
    assert [each["channel"] for each in current_obligation(person).standing["contacts"]] == ["letter"]
    assert client.get(page_of("letter", person, letter.pk)).content.startswith(b"%PDF")  # a copy
    client.post(page_of("contact", person), {"channel": "phone"})
    assert [each["channel"] for each in current_obligation(person).standing["contacts"]] == [
        "letter",
        "phone",
    ]
    assert client.post(page_of("contact", person), {"channel": "pigeon"}).status_code == 404


def test_withdrawing_consent_deletes_the_model(signed_in, clerk, person):
    office.reference(person)
    client = signed_in(clerk)
    assert client.get(page_of("withdraw", person)).status_code == 200
    assert ReferenceFace.objects.get().state == "active"  # the page alone does nothing
    client.post(page_of("withdraw", person))
    made = ReferenceFace.objects.get()
    assert (made.state, made.templates, made.picture) == ("withdrawn", None, None)


def test_modelling_at_the_counter_starts_with_person_card_and_consent(signed_in, clerk, person):
    client, page = signed_in(clerk), page_of("model", person)
    form = {"seen": "on", "consent": "on", "language": "zh"}
    for missing in ("seen", "consent"):
        assert (
            client.post(page, {name: value for name, value in form.items() if name != missing}).status_code
            == 422
        )
    assert not CaptureSession.objects.exists()
    answer = client.post(page, form)
    session = CaptureSession.objects.get()
    assert answer["Location"] == reverse("console:capture", args=[session.pk])
    assert (session.staff, session.channel, session.consent.taken_by) == (clerk, "station", clerk)


def test_a_model_in_doubt_is_revoked_in_the_act_that_models_anew(signed_in, clerk, person):
    client, page = signed_in(clerk), page_of("model", person)
    form = {"seen": "on", "consent": "on", "language": "zh"}
    assert 'name="revoke"' not in client.get(page).text  # nothing to revoke
    old = office.reference(person)
    assert 'name="revoke"' in client.get(page).text
    client.post(page, form)
    assert ReferenceFace.objects.get(pk=old.pk).state == "active"  # the new one will replace it
    client.post(page, form | {"revoke": "on", "seen": ""})
    assert ReferenceFace.objects.get(pk=old.pk).state == "active"
    answer = client.post(page, form | {"revoke": "on"})
    session = CaptureSession.objects.filter(state="open").get()
    assert answer["Location"] == reverse("console:capture", args=[session.pk])
    gone = ReferenceFace.objects.get(pk=old.pk)
    assert (gone.state, gone.templates, gone.picture) == ("replaced", None, None)
    assert person.consents.filter(withdrawn=None).exists()
    entry = AuditEntry.objects.get(act="certification.reference_revoked")
    assert entry.details["references"] == [str(old.pk)]
    assert client.post(page_of("verify", person), follow=True).status_code == 200
    assert not CaptureSession.objects.filter(purpose="verify").exists()


def test_only_the_camera_page_may_open_the_camera(signed_in, clerk, person):
    client = signed_in(clerk)
    client.post(page_of("model", person), {"seen": "on", "consent": "on", "language": "zh"})
    session = CaptureSession.objects.get()
    camera = client.get(reverse("console:capture", args=[session.pk]))
    assert camera["Permissions-Policy"].startswith("camera=(self)")
    for page in (page_of("person", person), page_of("model", person), "/console/"):
        assert client.get(page)["Permissions-Policy"].startswith("camera=()")


def test_verifying_without_a_model_says_so(signed_in, clerk, person):
    answer = signed_in(clerk).post(page_of("verify", person), follow=True)
    assert say("certification.consent_missing") in answer.text


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_at_the_same_moment_is_carried_out_once(clerk, person):
    """Two clicks, two servers: the second waits for the first and is led to the same page."""
    person.address = "长沙市芙蓉区文艺路1号"
    person.save()
    form = {"submission": str(uuid.uuid4())}
    answers, together = [], threading.Barrier(2)

    def send():
        client = Client()
        client.force_login(clerk.user)
        together.wait()
        answers.append(client.post(page_of("remind", person), form))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer["Location"] for answer in answers] == [page_of("person", person)] * 2
    assert AuditEntry.objects.filter(act="notices.reminded").count() == 1


def test_an_upload_of_nothing_is_a_clear_error(signed_in, supervisor):
    answer = signed_in(supervisor).post(reverse("console:roster"), {"file": io.BytesIO(b"")})
    assert answer.status_code == 422
