"""What a name and a number open, what a face opens, and nothing else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification.models import Attempt, CaptureSession, Certification, Consent, ReviewCase
from jianzai.certification.queries import current_obligation, to_be_modelled_anew
from jianzai.certification.services import certify, expire_cases, face_refused, give_consent
from jianzai.notices.kinds import Kind
from jianzai.notices.models import Notice
from jianzai.notices.services import notify, remind
from jianzai.notices.transports.page import message
from jianzai.registry.services import add_person
from jianzai.sentences import say
from tests.people import make_staff

from .conftest import NAME, NUMBER, finish, open_capture

OTHER = "430102194807053012"
PRIVATE = ["/me/history", "/me/consent", "/me/certificate/2026-0000000000"]
VISIT = ["/me", "/consent", "/options", "/cannot", "/referred", "/model", "/me/withdrawn", *PRIVATE]


@pytest.mark.parametrize("page", VISIT)
def test_every_page_of_a_visit_needs_a_sign_in(client, cycle, page):
    assert client.get(page)["Location"] == "/sign-in"


@pytest.mark.parametrize("page", PRIVATE)
def test_name_and_number_do_not_open_what_is_private(signed_in, modelled, page):
    assert signed_in.get(page).status_code == 403


def test_withdrawal_needs_the_face(signed_in, modelled):
    assert signed_in.post("/me/consent").status_code == 403
    assert Consent.objects.filter(person=modelled, withdrawn__isnull=True).exists()


def test_the_persons_page_says_no_more_than_whether_and_when(signed_in, modelled):
    page = signed_in.get("/me").content.decode()
    assert "还没有认证" in page
    for secret in (NUMBER, modelled.personal_number, modelled.phone, "/me/history"):
        assert secret not in page


def test_a_reminder_is_read_and_counts_before_any_face_match(signed_in, modelled):
    remind(current_obligation(modelled), Actor.SYSTEM)
    notify(modelled, Kind.IN_PERSON, current_obligation(modelled))
    page = signed_in.get("/me").content.decode()
    sent = Notice.objects.filter(state=Notice.State.SENT)
    assert [(notice.kind, notice.transport) for notice in sent] == [("reminder", "page")]
    assert str(message(sent[0])) in page
    assert "当面" not in page  # what a clerk decided is read after a face match


def test_a_face_match_in_this_visit_opens_them(matched, person):
    assert "已认证" in matched.get("/me/history").content.decode()
    serial = Certification.objects.get(person=person).serial
    assert serial in matched.get("/me/history").content.decode()
    document = matched.get(f"/me/certificate/{serial}")
    assert document["Content-Type"] == "application/pdf"
    assert document.content.startswith(b"%PDF")
    assert AuditEntry.objects.filter(act="online.face_matched", subject=str(person.key)).count() == 1


def test_a_match_in_another_visit_opens_nothing_here(matched, cycle):
    relative = Client()
    relative.post("/sign-in", {"name": NAME, "number": NUMBER})
    assert relative.get("/me/history").status_code == 403
    capture = CaptureSession.objects.get()
    assert relative.get(f"/capture/{capture.pk}/result").status_code == 404
    assert relative.get("/me/history").status_code == 403


def test_signing_in_anew_closes_what_the_face_opened(matched):
    matched.post("/sign-in", {"name": NAME, "number": NUMBER})
    assert matched.get("/me/history").status_code == 403


def test_an_old_match_opens_nothing(matched):
    Attempt.objects.update(at=timezone.now() - timedelta(minutes=31))
    assert matched.get("/me/history").status_code == 403


@pytest.mark.parametrize(("decision", "live"), [("not_same", True), ("uncertain", True), ("same", False)])
def test_no_other_outcome_opens_them(signed_in, modelled, decision, live):
    capture = open_capture(signed_in)
    finish(capture, decision, live, reasons=["not_same"])
    assert signed_in.get(f"/capture/{capture.pk}/result").status_code == 200
    assert signed_in.get("/me/history").status_code == 403


def test_another_persons_certificate_does_not_exist(matched, district, cycle):
    other = add_person("43010200002", "王建国", OTHER, district)
    theirs = certify(current_obligation(other), "in_person", Actor.SYSTEM, evidence={}, in_person=True)
    own = Certification.objects.exclude(pk=theirs.pk).get()
    assert matched.get(f"/me/certificate/{own.serial}").status_code == 200
    assert matched.get(f"/me/certificate/{theirs.serial}").status_code == 404
    assert theirs.serial not in matched.get("/me/history").content.decode()


def test_withdrawal_deletes_the_face_and_leaves_other_ways(matched, person):
    response = matched.post("/me/consent", follow=True)
    assert response.redirect_chain[-1][0] == "/me/withdrawn"
    assert 'href="/ways"' in response.content.decode()
    assert not person.references.exclude(templates=None).exists()
    assert AuditEntry.objects.filter(act="certification.consent_withdrawn", actor="person").exists()
    assert matched.get("/options")["Location"] == "/consent"

    # Nothing asks again.
    assert matched.get("/consent")["Location"] == "/me/face"
    page = matched.get("/me").text
    assert "/me/consent" not in page
    assert say("online.face_off_short") in page
    page = matched.get("/me/face").text
    assert say("online.face_off_nothing") in page
    # Others know name and number: signing in does not undo it.
    assert 'value="allow"' not in page
    matched.post("/me/face", {"answer": "allow"})
    assert matched.get("/consent")["Location"] == "/me/face"
    give_consent(person, "zh", Actor.SYSTEM, taken_by=make_staff("clerk"))
    assert not face_refused(person)


def test_who_does_without_the_face_is_not_asked_again_until_they_change_their_mind(signed_in, modelled):
    assert "/me/face" in signed_in.get("/me").text
    modelled.references.update(falling_since=clock.today())
    capture = open_capture(signed_in)
    told = signed_in.post("/consent", {"answer": "refuse"}, follow=True).text
    assert say("online.face_off_model") in told  # others know name and number: nothing is deleted for them
    assert 'href="/ways"' in told
    assert modelled.references.exclude(templates=None).exists()
    assert not to_be_modelled_anew(modelled)
    assert signed_in.get("/options", follow=True).redirect_chain[-1][0] == "/me/face"
    assert signed_in.post("/capture", follow=True).redirect_chain[-1][0] == "/me/face"
    assert [each.state for each in CaptureSession.objects.all()] == ["abandoned"]
    assert CaptureSession.objects.get() == capture
    assert 'href="/options"' not in signed_in.get("/me").text
    assert signed_in.post("/me/face", {"answer": "allow"})["Location"] == "/options"
    assert signed_in.get("/options").status_code == 200


def test_without_consent_no_camera_page_opens(signed_in, cycle):
    assert signed_in.get("/options")["Location"] == "/consent"
    assert signed_in.post("/capture")["Location"] == "/consent"
    assert not CaptureSession.objects.exists()


def test_consent_keeps_the_version_and_the_language_that_was_read(signed_in, person):
    signed_in.cookies["django_language"] = "en"
    assert "you can withdraw at any time" in signed_in.get("/consent").content.decode()
    signed_in.post("/consent")
    consent = Consent.objects.get(person=person)
    assert (consent.text_version, consent.language) == ("2", "en")
    assert AuditEntry.objects.filter(act="certification.consent_given", subject=str(person.key)).exists()


def test_refusing_consent_leads_to_the_other_ways(signed_in):
    assert 'href="/ways"' in signed_in.get("/consent").content.decode()


def test_without_a_model_the_person_is_told_where_it_is_made(signed_in, cycle):
    signed_in.post("/consent")
    assert signed_in.get("/options")["Location"] == "/model"
    assert "在家录入" in signed_in.get("/model").content.decode()


def test_modelling_at_home_is_offered_only_where_the_policy_allows_it(signed_in, cycle):
    cycle.policy["self_enrolment_allowed"] = False
    cycle.save()
    signed_in.post("/consent")
    assert "在家录入" not in signed_in.get("/model").content.decode()
    assert signed_in.post("/capture", {"purpose": "enrol"})["Location"] == "/refused"


def test_who_cannot_move_is_referred_to_a_clerk_and_nothing_is_stopped(signed_in, cycle, person):
    response = signed_in.post("/cannot", follow=True)
    assert "养老金照发" in response.content.decode()
    case = ReviewCase.objects.get(person=person)
    assert case.holds_until is not None


def test_more_time_is_a_form_of_the_challenge(signed_in, modelled):
    signed_in.post("/capture", {"slow": "1"})
    assert CaptureSession.objects.get().slow


def test_the_camera_is_allowed_on_the_capture_page_alone(signed_in, modelled):
    capture = open_capture(signed_in)
    assert "camera=(self)" in signed_in.get(f"/capture/{capture.pk}")["Permissions-Policy"]
    for page in ("/", "/ways", "/me", "/options", "/sign-in"):
        assert "camera=()" in signed_in.get(page)["Permissions-Policy"]


def test_without_scripts_the_capture_page_leads_to_the_other_ways(signed_in, modelled):
    capture = open_capture(signed_in)
    page = signed_in.get(f"/capture/{capture.pk}").content.decode()
    assert 'href="/ways"' in page.split("<noscript>")[1].split("</noscript>")[0]


def test_an_unfinished_capture_can_be_gone_on_with(signed_in, modelled):
    capture = open_capture(signed_in)
    assert f"/capture/{capture.pk}" in signed_in.get(f"/capture/{capture.pk}/result").content.decode()


def test_a_rejection_gives_reason_next_step_and_peace_of_mind(signed_in, modelled):
    capture = open_capture(signed_in)
    finish(capture, "uncertain", True, reasons=["uncertain", "too_dark"], case=True)
    page = signed_in.get(f"/capture/{capture.pk}/result").content.decode()
    for sentence in ("光线太暗", "请开灯，或者面朝窗户", "养老金照发"):
        assert sentence in page


def test_after_too_many_attempts_the_person_is_told_until_when_and_where_to_go(signed_in, modelled):
    for _ in range(5):
        finish(open_capture(signed_in), "not_same", True, reasons=["not_same"])
    page = signed_in.post("/capture", follow=True).content.decode()
    assert 'href="/ways"' in page
    assert "已经试了好几次" in page
    larger = signed_in.post("/text-size", {"size": "3", "next": on_page(page)}, follow=True)
    assert "已经试了好几次" in larger.content.decode()
    english = signed_in.post("/language", {"language": "en", "next": on_page(page)}, follow=True)
    assert "several times" in english.content.decode()


def on_page(page):
    """Where the buttons of ``page`` lead back to."""
    return page.split('name="next" value="')[1].split('"')[0]


def test_after_withdrawal_and_match_certified_page_shows_the_next_date(matched):
    page = matched.get("/me").content.decode()
    assert "已认证" in page
    assert "下次请在" in page


def test_nothing_is_promised_that_no_case_holds(signed_in, modelled, cycle, settings, tmp_path):
    """Reviews have held the pause for all of their days: the pages ask to come, and promise nothing."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    signed_in.post("/cannot")
    assert say("online.referred_lead") in signed_in.get("/referred").text
    clock.move_to(ReviewCase.objects.get().holds_until + timedelta(days=1))
    expire_cases(clock.today())
    page = signed_in.get("/me").text
    assert say("online.come_in_person") in page
    assert 'href="/options"' not in page
    signed_in.post("/cannot")
    assert say("online.referred_in_person") in signed_in.get("/referred").text
    assert say("online.referred_lead") not in signed_in.get("/referred").text
    capture = open_capture(signed_in)
    finish(capture, "uncertain", case=True)
    page = signed_in.get(f"/capture/{capture.pk}/result").text
    assert say("online.result_review_in_person") in page
    assert say("online.result_review") not in page
