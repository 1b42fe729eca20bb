"""An employer's list from both sides: who may be on it, who signs it, what follows, who is drawn."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits.models import Pause
from jianzai.benefits.services import record_death, sweep_now
from jianzai.certification.models import Certification, ReviewCase
from jianzai.certification.queries import current_obligation, pause_is_held, standing_of
from jianzai.certification.services import certify_in_person
from jianzai.channels.station.models import Sample, SeenList
from jianzai.channels.station.tasks import see_to_lists
from jianzai.clock import today
from jianzai.entitlement import Status
from jianzai.notices.models import Notice
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.channels.station.office import EMPLOYER, face, send, sign
from tests.people import OTHER_DISTRICT, make_person, make_staff

NEW = "/console/station/lists/new"


def certify_by_desk(person, clerk):
    terms = {"document": "card", "reason": "came", "note": "", "actor": Actor.staff(clerk)}
    return certify_in_person(person, clerk, **terms)


def table(*rows) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode()


def post_file(client, content: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return client.post(NEW, {"file": SimpleUploadedFile("list.csv", content)})


def test_two_sign_and_everybody_is_certified_once(desk, people, first, second):
    typed = {"people": [str(one.key) for one in people], "seen": "on"}
    assert desk(first).post(NEW, typed | {"seen": ""}).status_code == 422
    assert desk(first).post(NEW, typed).status_code == 302
    desk(first).post(NEW, typed)
    sent = SeenList.objects.get()
    assert not Certification.objects.exists()
    assert all(pause_is_held(current_obligation(one)) for one in people)

    address = f"/console/station/lists/{sent.pk}"
    assert say("station.do_sign", "zh") not in desk(first).get(address).content.decode()
    desk(first).post(f"{address}/sign")
    assert not Certification.objects.exists()
    assert say("station.do_sign", "zh") in desk(second).get(address).content.decode()
    for _ in range(2):
        desk(second).post(f"{address}/sign")
    assert Certification.objects.count() == 3
    for one in Certification.objects.all():
        assert (one.channel, one.officer, one.on) == ("station", first, date(2026, 9, 1))
        evidence = {"list": sent.pk, "first_officer": "first", "second_officer": "second"}
        assert one.evidence == evidence
    for one in people:
        assert current_obligation(one).status == Status.CERTIFIED
        assert all(hold.closed_on for hold in standing_of(current_obligation(one)).holds)
    assert Sample.objects.count() == 1  # 10 % of three, rounded up
    entry = AuditEntry.objects.get(act="station.list_signed")
    assert (entry.actor, entry.details) == ("staff:second", {"list": sent.pk, "people": 3, "sampled": 1})
    desk(first).post(f"{address}/withdraw")
    assert SeenList.objects.get().state == "signed"


def test_an_employer_sees_and_lists_its_own_people_only(desk, people, first):
    others = [
        make_person(name="赵德柱", employer="麓山机械厂"),
        make_person(name="周月娥"),
    ]
    client = desk(first)
    page = client.get(NEW).content.decode()
    assert all(one.name in page for one in people)
    assert not any(one.name in page for one in others)
    for other in others:
        answer = client.post(NEW, {"people": [str(other.key)], "seen": "on"})
        assert answer.status_code == 422
        unknown = post_file(client, table(["personal_number"], [other.personal_number]))
        assert unknown.status_code == 422
        assert other.name not in unknown.content.decode()
        assert client.get(f"/console/people/{other.key}").status_code == 403
    near = make_staff("employer", OTHER_DISTRICT, employer=_there().employer)
    assert "王桂兰" not in desk(near).get(NEW).content.decode()
    assert not SeenList.objects.exists()


def _there():
    return make_person(name="吴长生", area=OTHER_DISTRICT, employer=EMPLOYER)


def test_a_signature_of_another_employer_or_of_nobody_counts_for_nothing(desk, people, first):
    make_person(employer="麓山机械厂")
    stranger = make_staff("employer", employer="麓山机械厂")
    sent = send(first, people)
    address = f"/console/station/lists/{sent.pk}"
    for page in (address, f"{address}/sign", f"{address}/withdraw"):
        assert desk(stranger).post(page).status_code in (404, 405)
    with pytest.raises(IntegrityError), transaction.atomic():
        SeenList.objects.filter(pk=sent.pk).update(state="signed", second=first, ended_on=today())
    with pytest.raises(IntegrityError), transaction.atomic():
        SeenList.objects.filter(pk=sent.pk).update(state="signed", ended_on=today())


def test_where_the_first_signer_was_disabled_nobody_is_certified(desk, people, first, second):
    sent = send(first, people)
    first.user.is_active = False
    first.user.save()
    answer = desk(second).post(f"/console/station/lists/{sent.pk}/sign", follow=True)
    assert say("station.first_signer_gone", "zh") in answer.content.decode()
    assert not Certification.objects.exists()


def test_a_file_ticks_whom_it_names_and_says_why_of_every_other_line(desk, people, first, clerk):
    certify_by_desk(people[2], clerk)
    rows = (
        ["姓名", "个人编号"],
        [people[0].name, people[0].personal_number],
        ["吴长生", people[1].personal_number],
        [people[2].name, people[2].personal_number],
        ["周月娥", "P999999"],
    )
    answer = post_file(desk(first), table(*rows))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert (page.count(" checked"), f'value="{people[0].key}" ' in page) == (1, True)
    assert say("station.read_ticked", "zh", count=1) in page
    told = [(line.row, line.text, line.why) for line in answer.context["others"]]
    assert told == [
        (3, f"{people[1].personal_number} 吴长生", "other_name"),
        (4, f"{people[2].personal_number} {people[2].name}", "certified"),
        (5, "P999999 周月娥", "unknown"),
    ]
    for why in ("other_name", "certified", "unknown"):
        assert say(f"station.line_{why}", "zh") in page
    assert not SeenList.objects.exists()
    desk(first).post(NEW, {"people": [str(people[0].key)], "seen": "on"})
    assert SeenList.objects.get().people.get().person == people[0]


def test_who_is_looked_for_is_found_and_who_was_ticked_stays_ticked(desk, people, first):
    client, (wang, li, chen) = desk(first), people

    def shown(**typed):
        answer = client.post(NEW, typed)
        assert answer.status_code == 200
        choices = answer.context["form"].fields["people"].choices
        return [key for key, _ in choices], answer.content.decode()

    for text in (li.name[:2], "lxy", li.personal_number):
        found, page = shown(text=text, find="text", people=[str(wang.key)])
        assert found == [str(wang.key), str(li.key)]
        assert page.count(" checked") == 1
    found, page = shown(text="无此人", find="text", people=["not a key"])
    assert found == []
    assert say("station.find_nobody", "zh", text="无此人") in page
    found, _ = shown(text="li", find="all", people=[str(wang.key)])
    assert sorted(found) == sorted(str(one.key) for one in (wang, li, chen))
    assert not SeenList.objects.exists()


def test_who_stands_behind_the_first_that_are_shown_can_be_listed(desk, people, first, monkeypatch):
    monkeypatch.setattr("jianzai.channels.station.queries.MOST_ON_A_LIST", 1)
    last = people[0]  # 王 is the last of three by pinyin
    assert last.name not in desk(first).get(NEW).content.decode()
    assert desk(first).post(NEW, {"people": [str(last.key)], "seen": "on"}).status_code == 302


def test_the_second_sees_birth_dates_and_strikes_out_whom_they_cannot_confirm(
    desk, people, first, second, clerk
):
    sent = send(first, people)
    address = f"/console/station/lists/{sent.pk}"
    page = desk(second).get(address).content.decode()
    assert all(one.birth_date.isoformat() in page for one in people)
    everybody = desk(second).post(f"{address}/sign", {"struck": [one.key for one in people]}, follow=True)
    assert say("station.everybody_struck_out", "zh") in everybody.content.decode()
    assert not Certification.objects.exists()
    done = desk(second).post(f"{address}/sign", {"struck": [people[1].key]}, follow=True)
    assert say("station.done_signed_but_for", "zh", count=1) in done.content.decode()
    assert say("station.struck", "zh") in done.content.decode()
    assert {one.person for one in Certification.objects.all()} == {people[0], people[2]}
    assert not pause_is_held(current_obligation(people[1]))
    assert AuditEntry.objects.get(act="station.struck").actor == "staff:second"
    assert send(first, [people[1]]).people.get().person == people[1]
    own = desk(clerk).get(f"/console/people/{people[1].key}").content.decode()
    assert say("station.struck", "zh") in own


@pytest.mark.parametrize(
    "content",
    [
        b"name\nx",
        b"\x00\x01",
        b"",
        table(["personal_number"], ["P999999"]),
        table(["personal_number", "name"], ["{0}", "somebody else"]),
        table(["personal_number"], *([f"P{number}"] for number in range(201))),
    ],
)
def test_a_bad_file_says_why_and_sends_nothing(desk, people, first, content):
    content = content.replace(b"{0}", people[0].personal_number.encode())
    answer = post_file(desk(first), content)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not SeenList.objects.exists()


def test_a_list_in_time_counts_in_time(people, first, second, on_day):
    """Sent on the last day, signed after it: nobody is paused meanwhile, and the day is the list's."""
    on_day(date(2026, 9, 30))
    sent = send(first, people[:2])
    on_day(date(2026, 10, 9))
    sweep_now(today(), Actor.SYSTEM)
    assert [pause.person for pause in Pause.objects.all()] == [people[2]]
    sign(sent, second)
    assert {one.on for one in Certification.objects.all()} == {date(2026, 9, 30)}


def test_a_list_nobody_signs_ends_and_holds_no_more(people, first, second, desk, on_day):
    sent = send(first, people)
    on_day(date(2026, 10, 16))
    see_to_lists(0)
    desk(second).post(f"/console/station/lists/{sent.pk}/sign")
    assert SeenList.objects.get().state == "lapsed"
    sweep_now(today(), Actor.SYSTEM)
    assert Pause.objects.count() == 3


def test_who_was_certified_or_died_meanwhile_is_passed_over(people, first, second, clerk, supervisor):
    sent = send(first, people)
    own = certify_by_desk(people[0], clerk)
    record_death(people[1], today(), "certificate", today(), supervisor, Actor.SYSTEM)
    sign(sent, second)
    assert set(Certification.objects.values_list("person", "channel")) == {
        (people[0].pk, "in_person"),
        (people[2].pk, "station"),
    }
    assert [one.certification for one in sent.people.order_by("person")] == [
        own, None, Certification.objects.get(channel="station"),
    ]  # fmt: skip
    assert Sample.objects.get().person == people[2]


@pytest.fixture
def drawn(people, first, second):
    """One of three was drawn and is asked until 1 October."""
    sign(send(first, people), second)
    return Sample.objects.get()


def test_who_was_drawn_is_told_and_answers_by_face(client, desk, drawn, clerk, on_day):
    person = drawn.person
    assert Notice.objects.filter(person=person, kind="sample_asked").exists()
    client.post("/sign-in", {"name": person.name, "number": identity_number(person)})
    told = say("station.sample_asks", "zh", day="2026年10月1日")
    assert told in client.get("/me").content.decode()
    for decision, live in (("uncertain", True), ("same", False)):
        face(person, decision, live)
        assert told in client.get("/me").content.decode()
    attempt = face(person)
    assert told not in client.get("/me").content.decode()
    owed = say("station.panel_owed", "zh", day="2026-10-01")
    assert owed not in desk(clerk).get(f"/console/people/{person.key}").content.decode()
    on_day(date(2026, 10, 2))
    see_to_lists(0)
    drawn.refresh_from_db()
    assert (drawn.state, drawn.attempt) == ("answered", attempt)
    assert not ReviewCase.objects.exists()


def test_not_answering_opens_a_case_and_pauses_nothing(desk, drawn, clerk, first, on_day):
    person = drawn.person
    page = desk(first).get(f"/console/station/lists/{drawn.seen.seen_list_id}").content.decode()
    assert say("station.drawn", "zh", day="2026-10-01") in page
    for day in (date(2026, 10, 2), date(2026, 10, 3)):
        on_day(day)
        see_to_lists(0)
        sweep_now(today(), Actor.SYSTEM)
    case = ReviewCase.objects.get()
    assert (case.kind, case.person, case.holds_until) == ("sample", person, None)
    assert not Pause.objects.exists()
    client = desk(clerk)
    page = client.get(f"/console/review/{case.pk}").content.decode()
    assert say("console.no_answer", "zh") in page
    assert 'value="approve"' not in page
    assert say("station.to_met", "zh") in client.get(f"/console/people/{person.key}").content.decode()
    address = f"/console/station/samples/{drawn.pk}/met"
    assert client.post(address, {"document": " "}).status_code == 422
    for _ in range(2):
        assert client.post(address, {"document": "居民身份证原件"}).status_code == 302
    drawn.refresh_from_db()
    case.refresh_from_db()
    assert (drawn.state, drawn.officer, case.state) == ("answered", clerk, "overtaken")


def test_the_dead_are_asked_no_more(drawn, supervisor, on_day):
    on_day(date(2026, 10, 2))
    see_to_lists(0)
    record_death(drawn.person, today(), "certificate", today(), supervisor, Actor.SYSTEM)
    drawn.refresh_from_db()
    assert (drawn.state, ReviewCase.objects.get().state) == ("dropped", "overtaken")


@pytest.mark.parametrize(("share", "expected"), [(0, 0), (34, 2), (100, 3)])
def test_the_share_is_the_policys(people, first, second, share, expected):
    from jianzai.certification.models import Cycle

    cycle = Cycle.objects.get()
    cycle.policy["employer_sample_percent"] = share
    cycle.save()
    sign(send(first, people), second)
    assert Sample.objects.count() == expected


def test_an_employer_account_enters_its_lists_and_keeps_its_own_password(desk, first):
    client = desk(first)
    assert client.get("/console/", follow=True).redirect_chain == [("/console/station/lists", 302)]
    assert client.get("/console/account").status_code == 200
    assert client.get("/console/cycle").status_code == 403
