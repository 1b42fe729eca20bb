"""Print runs at the console: of whose area they are, what they do, and what a lost answer loses: nothing."""

import re

import pytest
from django.urls import reverse

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification.queries import current_obligation
from jianzai.notices import services
from jianzai.notices.models import Notice, PrintRun
from jianzai.notices.services import print_runs
from jianzai.sentences import say
from tests.console import office
from tests.people import CITY, DISTRICT, ELSEWHERE, OTHER_DISTRICT, make_person, make_staff
from tests.worker import work

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r'name="submission" value="([^"]+)"')


@pytest.fixture
def people(db):
    """Two who were reminded, in two districts of the city."""
    two = [make_person(area=DISTRICT), make_person(area=OTHER_DISTRICT)]
    office.cycle(2026)
    for each in two:
        office.letter(each)
    return two


def states() -> list[str]:
    letters = Notice.objects.filter(transport="letter").order_by("id")
    return list(letters.values_list("state", flat=True))


def contacts(person) -> list[str]:
    return [each["channel"] for each in current_obligation(person).standing["contacts"]]


def test_from_the_printer_to_the_post(signed_in, people):
    clerk = make_staff("clerk", DISTRICT)
    client = signed_in(clerk)
    page = client.post(reverse("console:letters"), follow=True).text
    run = PrintRun.objects.get()
    assert (run.area_id, run.made_by) == (DISTRICT, clerk)
    assert say("console.done_printed", run=run.pk, count=1) in page
    assert states() == ["printed", "queued"]
    for _ in range(2):  # the first answer was lost
        assert client.get(reverse("console:run", args=[run.pk])).content.startswith(b"%PDF")
    assert contacts(people[0]) == []
    for said in ("done_posted", "posted_before"):
        page = client.post(reverse("console:run-posted", args=[run.pk]), follow=True).text
        assert say(f"console.{said}", run=run.pk, count=1) in page
    assert say("console.being_counted") in page
    assert say("console.worker_gone") in page
    work()
    assert contacts(people[0]) == ["letter"]
    assert say("console.being_counted") not in client.get(reverse("console:cycle")).text
    acts = AuditEntry.objects.filter(act__startswith="notices.letters").order_by("id")
    assert [(each.act.split("_")[1], each.actor, each.area) for each in acts] == [
        (act, Actor.staff(clerk).name, DISTRICT) for act in ("printed", "taken", "taken", "posted")
    ]


def test_the_same_form_sent_twice_makes_one_run(signed_in, people, monkeypatch):
    monkeypatch.setattr(print_runs, "LETTERS_A_RUN", 1)
    client = signed_in(make_staff("clerk", CITY))
    form = {"submission": TOKEN.search(client.get(reverse("console:cycle")).text)[1]}
    pages = [client.post(reverse("console:letters"), form, follow=True).text for _ in range(2)]
    assert PrintRun.objects.count() == 1
    assert say("console.letters_left", count=1) in pages[0]
    assert [say("console.letters_waiting", count=1) in page for page in pages] == [True, True]


def test_what_is_given_up_waits_again(signed_in, people):
    client = signed_in(make_staff("clerk", CITY))
    client.post(reverse("console:letters"))
    run = PrintRun.objects.get()
    page = client.post(reverse("console:run-give-up", args=[run.pk]), follow=True).text
    assert say("console.done_given_up", run=run.pk, count=2) in page
    assert states() == ["queued", "queued"]
    page = client.post(reverse("console:run-posted", args=[run.pk]), follow=True).text
    assert say("notices.run_given_up", run=run.pk) in page
    empty = client.get(reverse("console:run", args=[run.pk]), follow=True).text
    assert say("console.run_empty", run=run.pk) in empty
    client.post(reverse("console:letters"))
    second = PrintRun.objects.first()
    client.post(reverse("console:run-posted", args=[second.pk]))
    page = client.post(reverse("console:run-give-up", args=[second.pk]), follow=True).text
    assert say("notices.run_posted", run=second.pk) in page


def test_the_lists_show_the_runs_of_one_s_area_and_what_waits(signed_in, people):
    def shown(area: str) -> list[tuple[bool, bool]]:
        client = signed_in(make_staff("clerk", area))
        pages = [client.get(reverse(f"console:{name}")).text for name in ("home", "cycle")]
        return [
            tuple(reverse("console:run", args=[run]) in page for run in (own, everywhere)) for page in pages
        ]

    own = services.print_letters(Actor.SYSTEM, people[0].area).pk
    everywhere = services.print_letters(Actor.SYSTEM).pk  # by the command line
    assert shown(DISTRICT) == [(True, False)] * 2
    assert shown(OTHER_DISTRICT) == [(False, False)] * 2
    assert shown(CITY) == [(True, True)] * 2
    assert shown(ELSEWHERE) == [(False, False)] * 2
    assert (
        signed_in(make_staff("clerk", DISTRICT)).get(reverse("console:run", args=[everywhere])).status_code
        == 404
    )
    assert signed_in(make_staff("clerk", CITY)).get(reverse("console:run", args=[everywhere])).content
    auditor = signed_in(make_staff("auditor", CITY))
    assert 'id="letters"' not in auditor.get(reverse("console:cycle")).text


def test_the_work_list_says_nothing_of_letters_where_none_waits(signed_in, people):
    client = signed_in(make_staff("clerk", ELSEWHERE))
    assert 'id="letters"' not in client.get(reverse("console:home")).text
    page = client.post(reverse("console:letters"), follow=True).text
    assert say("console.no_letters") in page
