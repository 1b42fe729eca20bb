"""Staff accounts and the audit view."""

import pytest
from django.urls import reverse

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor, record
from jianzai.registry.models import Staff
from jianzai.sentences import say
from tests.people import DISTRICT, ELSEWHERE, PASSWORD, make_person, make_staff

NEW = {"username": "tan", "name": "谭晓敏", "role": "clerk", "area": DISTRICT, "password": "湘江北去橘子洲头"}


def test_an_administrator_adds_staff_who_can_sign_in(client, signed_in, administrator):
    answer = signed_in(administrator).post(reverse("console:staff"), NEW)
    assert answer.status_code == 302
    client.logout()
    client.post("/console/sign-in", {"username": "tan", "password": NEW["password"]})
    assert client.get("/console/").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "12345678"},
        {"username": "administrator"},
        {"role": "king"},
        {"area": ELSEWHERE},
        {"name": ""},
    ],
)
def test_what_is_wrong_with_a_new_account_is_said_and_nothing_is_lost(signed_in, administrator, wrong):
    answer = signed_in(administrator).post(reverse("console:staff"), NEW | wrong)
    assert answer.status_code == 422
    assert "谭晓敏" in answer.text or "name" in wrong
    assert Staff.objects.count() == 1


def test_role_and_area_of_others_are_changed_ones_own_are_not(signed_in, administrator, clerk):
    client = signed_in(administrator)
    change = {"name": "李四", "role": "auditor", "area": DISTRICT}
    assert client.post(reverse("console:member", args=[clerk.pk]), change).status_code == 302
    clerk.refresh_from_db()
    assert (clerk.role, clerk.area_id) == ("auditor", DISTRICT)
    assert AuditEntry.objects.get(act="console.staff_changed").details["changes"]["role"] == [
        "clerk",
        "auditor",
    ]
    own = client.post(reverse("console:member", args=[administrator.pk]), change)
    assert own.status_code == 422
    assert say("console.own_account") in own.text
    client.post(reverse("console:member-active", args=[administrator.pk]), {"active": "no"})
    administrator.user.refresh_from_db()
    assert administrator.user.is_active


def test_a_forgotten_password_is_set_anew_and_changed_by_its_owner(client, signed_in, administrator, clerk):
    page = reverse("console:member-password", args=[clerk.pk])
    new, own = "岳麓山上枫叶正红", "橘子洲头夜看烟花"
    weak = signed_in(administrator).post(page, {"password1": "12345678", "password2": "12345678"})
    assert weak.status_code == 422
    assert signed_in(administrator).post(page, {"password1": new, "password2": new}).status_code == 302
    client.logout()
    client.post("/console/sign-in", {"username": "clerk", "password": new})
    form = {"old_password": new, "new_password1": own, "new_password2": own}
    assert client.post(reverse("console:password"), form | {"old_password": PASSWORD}).status_code == 422
    assert client.post(reverse("console:password"), form).status_code == 302
    assert client.get("/console/").status_code == 200  # this session goes on


def test_the_audit_view_filters_and_keeps_to_ones_area(signed_in, supervisor):
    here, elsewhere = make_person(area=DISTRICT), make_person(area=ELSEWHERE)
    for person in (here, elsewhere):
        record("console.picture_seen", Actor("system"), person=person)
    client = signed_in(supervisor)
    shown = client.get(reverse("console:audit"), {"act": "console.picture_seen"}).context["entries"]
    assert [entry.subject for entry, _ in shown] == [str(here.key)]
    by_number = {"number": elsewhere.personal_number}
    assert client.get(reverse("console:audit"), by_number).context["entries"] == []
    assert (
        client.get(reverse("console:audit"), {"number": here.personal_number, "actor": "nobody"}).context[
            "entries"
        ]
        == []
    )


def test_acts_of_no_area_are_for_whose_area_holds_everybody(signed_in, supervisor):
    person = make_person(area=DISTRICT)
    record("console.order_file_taken", Actor.SYSTEM)
    page, wanted = reverse("console:audit"), {"act": "console.order_file_taken"}
    assert len(signed_in(supervisor).get(page, wanted).context["entries"]) == 1
    make_person(area=ELSEWHERE)
    assert signed_in(supervisor).get(page, wanted).context["entries"] == []
    assert person.area_id == DISTRICT


def test_entries_say_who_and_what_in_words(signed_in, supervisor):
    person = make_person(area=DISTRICT)
    event = {
        "event": "hold_opened",
        "on": "2026-10-01",
        "until": "2026-11-01",
        "kind": "visit",
        "case": "visit:1",
    }
    record("certification.standing", Actor.helping(7), person=person, event=event)
    page = signed_in(supervisor).get(reverse("console:audit"), {"act": "certification.standing"}).text
    held = say("console.event_hold_opened", kind=say("console.hold_visit"), until="2026-11-01")
    assert held in page
    assert say("console.doer_helper", name="7") in page


def test_older_entries_are_a_page_further(signed_in, supervisor):
    person = make_person(area=DISTRICT)
    for number in range(130):
        record("notices.reminded", Actor.SYSTEM, person=person, number=number)
    page = signed_in(supervisor).get(reverse("console:audit"), {"act": "notices.reminded"})
    assert len(page.context["entries"]) == 100
    older = signed_in(supervisor).get(
        reverse("console:audit"), {"act": "notices.reminded", "before": page.context["older"]}
    )
    assert [entry.details["number"] for entry, _ in older.context["entries"]] == list(range(29, -1, -1))


@pytest.mark.django_db(transaction=True)
def test_the_chain_is_verified_from_the_page(client, settings, tmp_path):
    settings.HOME = tmp_path  # a worker of another test may have exported the head of its own record
    supervisor = make_staff("supervisor")
    client.force_login(supervisor.user)
    answer = client.post(reverse("console:audit-verify"), follow=True)
    assert say("audit.whole", entries=AuditEntry.objects.count()) in answer.text
