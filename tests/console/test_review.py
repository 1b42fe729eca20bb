"""The review queue: who decides what, and the next case at once."""

import pytest
from django.urls import reverse

from jianzai.audit.models import AuditEntry
from jianzai.certification.models import Attempt, Certification, ReferenceFace
from jianzai.console.charts import head_turns
from jianzai.console.queries import holds_running_out
from jianzai.faces import Comparison
from jianzai.faces.records import to_json
from jianzai.sentences import say
from tests.console import office
from tests.people import OTHER_DISTRICT, make_person, make_staff


def approve(case, finding="逐张对比，是本人") -> dict:
    return {"decision": "approve", "finding": finding, "seen": case.shown}


def reject(case, finding="画面中是照片") -> dict:
    return {"decision": "reject", "finding": finding, "seen": case.shown}


def page_of(case) -> str:
    return reverse("console:case", args=[case.pk])


@pytest.fixture
def case(person):
    office.reference(person)
    return office.case(person)


def test_frames_and_picture_stand_side_by_side_and_the_look_is_recorded(signed_in, clerk, case):
    page = signed_in(clerk).get(page_of(case))
    assert page.text.count("data:image/jpeg;base64,") == 1 + 4
    assert AuditEntry.objects.filter(act="console.frames_seen", subject=str(case.person.key)).count() == 1
    assert page["Cache-Control"] == "no-store"


def test_approving_certifies_by_the_attempt_and_opens_the_next_case(signed_in, clerk, case):
    second, third = office.case(make_person(name="李秀英")), office.case(make_person(name="陈玉珍"))
    client = signed_in(clerk)
    assert client.post(page_of(case), approve(case))["Location"] == page_of(second)
    certification = Certification.objects.get()
    assert (certification.person, certification.officer) == (case.person, clerk)
    assert certification.evidence["finding"] == approve(case)["finding"]
    assert client.post(page_of(third), reject(third))["Location"] == page_of(
        second
    )  # after the last the oldest
    assert client.post(page_of(second), reject(second))["Location"] == reverse("console:cases")
    assert Certification.objects.count() == 1
    assert not Attempt.objects.exclude(kept_frames=None).exists()


def test_a_decision_needs_its_finding_and_keeps_what_was_chosen(signed_in, clerk, case):
    answer = signed_in(clerk).post(page_of(case), reject(case, "  "))
    assert answer.status_code == 422
    assert 'value="reject"' in answer.text.split("checked")[0].rsplit("<input", 1)[1]
    case.refresh_from_db()
    assert case.state == "open"


def test_what_came_in_after_the_page_was_opened_is_looked_at_first(signed_in, clerk, person):
    case = office.case(person)
    client = signed_in(clerk)
    looked_at = approve(case)
    newer = office.case(person)
    assert (newer.pk, newer.shown) != (case.pk, case.shown)
    answer = client.post(page_of(case), looked_at)
    assert answer.status_code == 422
    assert say("certification.case_changed") in answer.text
    assert f'value="{newer.shown}"' in answer.text
    assert not Certification.objects.exists()
    client.post(page_of(case), approve(newer))
    assert Certification.objects.get().attempt == newer.attempt


def test_only_a_supervisor_overrules_a_failed_liveness(signed_in, clerk, supervisor, person):
    office.reference(person)
    case = office.case(person, live=False, decision="same")
    client = signed_in(clerk)
    assert 'value="approve"' not in client.get(page_of(case)).text
    answer = client.post(page_of(case), approve(case))
    assert answer.status_code == 422
    assert say("certification.needs_supervisor") in answer.text
    assert not Certification.objects.exists()
    signed_in(supervisor).post(page_of(case), approve(case))
    assert Certification.objects.get().officer == supervisor


def test_a_supervisor_of_another_district_cannot_overrule(signed_in, person):
    case = office.case(person, live=False, decision="same")
    client = signed_in(make_staff("supervisor", OTHER_DISTRICT))
    assert client.post(page_of(case), approve(case)).status_code == 404


def test_the_second_clerk_who_decides_the_same_case_is_led_on(signed_in, clerk, supervisor, case):
    waiting = office.case(make_person(name="李秀英"))
    signed_in(clerk).post(page_of(case), approve(case))
    answer = signed_in(supervisor).post(page_of(case), reject(case), follow=True)
    assert answer.redirect_chain[-1][0] == page_of(waiting)
    assert say("certification.case_closed") in answer.text
    case.refresh_from_db()
    assert (case.state, case.closed_by) == ("approved", clerk)


def test_a_model_made_at_home_is_confirmed_or_rejected(signed_in, clerk, person):
    office.reference(person, shade=200)
    case = office.pending(person)
    page = signed_in(clerk).get(page_of(case))
    assert page.text.count("data:image/jpeg;base64,") == 2  # the old beside the new
    signed_in(clerk).post(page_of(case), approve(case, "与身份证照片一致"))
    case.reference.refresh_from_db()
    assert (case.reference.state, case.reference.confirmed_by) == ("active", clerk)
    again = office.pending(person)
    signed_in(clerk).post(page_of(again), reject(again))
    again.reference.refresh_from_db()
    assert (again.reference.state, again.reference.templates) == ("rejected", None)
    assert ReferenceFace.objects.filter(person=person, state="active").count() == 1


def test_somebody_who_asked_for_a_clerk_has_no_attempt_to_approve(signed_in, clerk, person):
    from jianzai.audit.services import Actor
    from jianzai.certification.services import refer_to_clerk

    case = refer_to_clerk(person, Actor("person"), "转不了头")
    page = signed_in(clerk).get(page_of(case))
    assert 'value="approve"' not in page.text
    assert "转不了头" in page.text
    assert signed_in(clerk).post(page_of(case), reject(case, "已电话联系")).status_code == 302


def test_the_work_list_shows_what_waits_in_ones_area(signed_in, clerk, supervisor, case, on_day):
    office.pending(person=make_person(name="李秀英"))
    office.order(case.person, "rejected", rejection="账户已注销")
    home = signed_in(clerk).get("/console/")
    assert (home.context["case_count"], home.context["reference_count"]) == (1, 1)
    assert "rejected_count" not in home.context  # not a clerk's work
    assert signed_in(supervisor).get("/console/").context["rejected_count"] == 1
    assert signed_in(make_staff("clerk", OTHER_DISTRICT)).get("/console/").context["case_count"] == 0


def test_a_hold_runs_out_in_the_week_before_its_last_day(clerk, case, on_day):
    from datetime import timedelta

    on_day(case.holds_until - timedelta(days=8))
    assert list(holds_running_out(clerk)) == []
    on_day(case.holds_until - timedelta(days=7))
    assert list(holds_running_out(clerk)) == [case]


def test_the_chart_puts_frames_and_prompts_on_the_servers_clock(person):
    turns = head_turns(office.attempt(person).session)
    assert [(span.action, span.seconds) for span in turns.spans] == [
        ("turn_left", pytest.approx(2.4)),
        ("open_mouth", pytest.approx(2.2)),
    ]
    widest = max(turns.seconds, key=lambda row: row.yaw_to)
    assert (widest.second, round(widest.yaw_to)) == (2, 31)  # taken at 2.4 s, 0.2 s before it arrived
    assert sum(row.frames for row in turns.seconds) == 56


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (20.0, "同一个人的照片相似到这个程度，约比两个陌生人常见 50,000 倍"),
        (5.0, "约比两个陌生人常见"),
        (-3.0, "两个陌生人的照片相似到这个程度，约比同一个人常见 2,000 倍"),
        (None, None),
    ],
)
def test_the_weight_of_the_comparison_is_said_in_words(signed_in, clerk, case, score, said):
    found = Comparison("embedded", (0.5,), score and 0.5, score, 3000, None, drawn=True)
    Attempt.objects.filter(pk=case.attempt_id).update(comparison=to_json(found))
    page = signed_in(clerk).get(page_of(case)).text
    if said:
        assert said in page
    assert ("比对分量" in page) == (said is not None)
