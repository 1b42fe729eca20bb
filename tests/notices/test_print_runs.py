"""Print runs: a letter counts once staff say it was posted; nothing printed is lost, nothing counts twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits.services import record_death
from jianzai.certification.models import ObligationEvent
from jianzai.certification.services import open_cycle
from jianzai.notices import services
from jianzai.notices.cli import notices as command
from jianzai.notices.errors import LetterNotPrinted, RunGivenUp, RunPosted
from jianzai.notices.models import Notice, PrintRun
from jianzai.notices.services import print_runs
from jianzai.notices.tasks import finish_left_runs
from jianzai.registry.models import Area
from tests.benefits import office
from tests.notices.outbox import ADDRESS, contacts, remind
from tests.people import DISTRICT, ELSEWHERE, OTHER_DISTRICT, make_person, make_staff
from tests.worker import work

pytestmark = pytest.mark.django_db

State = Notice.State


@pytest.fixture
def people(person):
    """Three people who were reminded, two of them in one district."""
    three = [person, *(make_person(area=area, address=ADDRESS) for area in (OTHER_DISTRICT, DISTRICT))]
    open_cycle(2026, Actor.SYSTEM)
    for each in three:
        remind(each)
    return three


def print_letters(area: str | None = None) -> PrintRun | None:
    return services.print_letters(Actor.SYSTEM, Area.objects.get(code=area) if area else None)


def state(person) -> str:
    return Notice.objects.get(person=person, transport="letter", kind="reminder").state


def pages(pdf: bytes) -> int:
    return int(pdf.split(b"/Type/Pages/Count ")[1].split(b"/")[0])


def recorded(act: str) -> list[dict]:
    return [entry.details for entry in AuditEntry.objects.filter(act=f"notices.{act}").order_by("id")]


class TestPrinting:
    def test_an_area_s_letters_are_one_run_whose_file_is_made_as_often_as_wanted(self, people):
        run = print_letters(DISTRICT)
        assert [state(each) for each in people] == [State.PRINTED, State.QUEUED, State.PRINTED]
        for _ in range(2):
            assert pages(services.run_file(run, Actor.SYSTEM)) == 2
        assert print_letters(DISTRICT) is None
        assert [contacts(each) for each in people] == [[], [], []]
        assert recorded("letters_printed") == [{"run": run.pk, "letters": 2}]
        assert recorded("letters_taken") == [{"run": run.pk, "letters": 2}] * 2

    def test_a_run_has_a_cap_and_the_rest_waits(self, people, monkeypatch):
        monkeypatch.setattr(print_runs, "LETTERS_A_RUN", 2)
        first = print_letters()
        assert services.waiting_letters().count() == 1
        second = print_letters()
        assert [(run.pk, run.letters) for run in services.runs_under_way()] == [(first.pk, 2), (second.pk, 1)]

    def test_what_is_no_longer_true_is_left_out_of_the_next_printing(self, people):
        run = print_letters()
        office.certified(people[0])
        assert pages(services.run_file(run, Actor.SYSTEM)) == 2
        assert services.runs_under_way().get().letters == 2
        for each in people[1:]:
            office.certified(each)
        assert services.run_file(run, Actor.SYSTEM) is None

    def test_one_letter_is_a_run_of_its_own_and_printed_again_it_stays_in_it(self, people):
        letter = people[0].notices.get(transport="letter")
        run = services.print_letter(letter, Actor.SYSTEM)
        assert (run.area_id, services.runs_under_way().get().letters) == (DISTRICT, 1)
        assert services.print_letter(letter, Actor.SYSTEM) == run


class TestPosting:
    def test_the_run_counts_on_the_day_it_was_posted_and_once(self, people, on_day):
        run, clerk = print_letters(), make_staff()
        on_day(date(2026, 9, 8))
        assert services.post_run(run, Actor.staff(clerk), clerk) == 3
        assert services.post_run(run, Actor.staff(clerk), clerk) is None
        assert {state(each) for each in people} == {State.PRINTED}
        assert services.runs_under_way().get().letters == 3
        on_day(date(2026, 9, 9))  # the worker was late
        work()
        assert {tuple(contacts(each)) for each in people} == {(("2026-09-08", "letter"),)}
        assert not services.runs_under_way()
        assert services.post_run(run, Actor.staff(clerk), clerk) is None
        work()
        services.finish_runs()
        assert recorded("letters_posted") == [{"run": run.pk, "letters": 3}]
        standings = AuditEntry.objects.filter(act="certification.standing", actor=Actor.staff(clerk).name)
        assert standings.count() == 3
        assert pages(services.run_file(run, Actor.SYSTEM)) == 3  # a copy for the files

    def test_what_is_no_longer_true_when_posted_is_withdrawn_and_does_not_count(self, people):
        run = print_letters()
        office.certified(people[0])
        assert services.post_run(run, Actor.SYSTEM) == 2
        record_death(
            people[1], date(2026, 8, 30), "certificate 1", date(2026, 8, 30), make_staff(), Actor.SYSTEM
        )
        work()
        assert [state(each) for each in people] == [State.WITHDRAWN, State.WITHDRAWN, State.SENT]
        assert [contacts(each) for each in people] == [[], [], [("2026-09-01", "letter")]]

    def test_what_a_killed_worker_left_is_counted_by_the_next(self, people):
        run = print_letters()
        services.post_run(run, Actor.SYSTEM)
        print_runs._count(run.notices.first().pk, date(2026, 9, 1), Actor.SYSTEM)
        ProcrastinateJob.objects.all().delete()
        assert services.runs_under_way().get().letters == 2
        finish_left_runs(0)
        assert {tuple(contacts(each)) for each in people} == {(("2026-09-01", "letter"),)}

    def test_single_letters_of_a_run_count_singly_and_the_last_one_closes_it(self, people, on_day):
        run = print_letters(DISTRICT)
        first, _, last = (each.notices.get(transport="letter") for each in people)
        assert services.post_letter(first, Actor.SYSTEM) == State.SENT
        assert services.post_letter(first, Actor.SYSTEM) is None
        assert services.runs_under_way().get().letters == 1
        on_day(date(2026, 9, 2))
        services.post_letter(last, Actor.SYSTEM)
        assert services.post_run(run, Actor.SYSTEM) is None
        assert not services.runs_under_way()
        assert [contacts(each) for each in people] == [
            [("2026-09-01", "letter")],
            [],
            [("2026-09-02", "letter")],
        ]

    def test_a_letter_of_a_posted_run_is_counted_with_it(self, people):
        run = print_letters()
        services.post_run(run, Actor.SYSTEM)
        assert services.post_letter(people[0].notices.get(transport="letter"), Actor.SYSTEM) is None
        work()
        assert contacts(people[0]) == [("2026-09-01", "letter")]

    def test_a_single_letter_that_is_no_longer_true_is_withdrawn_and_its_run_closes(self, person):
        remind(person)
        letter = person.notices.get(transport="letter")
        services.print_letter(letter, Actor.SYSTEM)
        office.certified(person)
        assert services.post_letter(letter, Actor.SYSTEM) == State.WITHDRAWN
        assert not services.runs_under_way()
        with pytest.raises(LetterNotPrinted):
            services.post_letter(letter, Actor.SYSTEM)

    def test_a_letter_that_waits_was_not_posted(self, person):
        remind(person)
        with pytest.raises(LetterNotPrinted):
            services.post_letter(person.notices.get(transport="letter"), Actor.SYSTEM)


class TestGivingUp:
    def test_the_letters_wait_again(self, people):
        run = print_letters()
        services.post_letter(people[1].notices.get(transport="letter"), Actor.SYSTEM)
        for left in (2, 0):
            assert services.give_up_run(run, Actor.SYSTEM) == left
        assert [state(each) for each in people] == [State.QUEUED, State.SENT, State.QUEUED]
        with pytest.raises(RunGivenUp):
            services.post_run(run, Actor.SYSTEM)
        assert not services.runs_under_way()
        assert print_letters() != run
        assert recorded("letters_given_up") == [{"run": run.pk, "letters": 2}]

    def test_what_was_posted_stays_posted(self, people):
        run = print_letters()
        services.post_run(run, Actor.SYSTEM)
        with pytest.raises(RunPosted):
            services.give_up_run(run, Actor.SYSTEM)
        work()
        assert {state(each) for each in people} == {State.SENT}


@pytest.mark.django_db(transaction=True)
def test_two_who_print_at_the_same_moment_take_different_letters(people, monkeypatch):
    monkeypatch.setattr(print_runs, "LETTERS_A_RUN", 2)
    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        first = print_letters()  # not committed yet
        second = threads.submit(_in_a_thread, print_letters).result(timeout=30)
    assert [(run.pk, run.letters) for run in services.runs_under_way()] == [(first.pk, 2), (second.pk, 1)]


@pytest.mark.django_db(transaction=True)
def test_a_run_posted_twice_at_the_same_moment_counts_once(people):
    run = print_letters()
    with ThreadPoolExecutor(4) as threads:
        post = [threads.submit(_in_a_thread, services.post_run, run, Actor.SYSTEM) for _ in range(4)]
        assert sorted(str(each.result(timeout=30)) for each in post) == ["3", "None", "None", "None"]
        count = [threads.submit(_in_a_thread, services.count_letters, run) for _ in range(4)]
        assert [each.result(timeout=30) for each in count] == [None] * 4
    assert len(recorded("letters_posted")) == 1
    assert {tuple(contacts(each)) for each in people} == {(("2026-09-01", "letter"),)}
    assert ObligationEvent.objects.count() == 3


def _in_a_thread(act, *arguments):
    try:
        return act(*arguments)
    finally:
        connection.close()


class TestCommands:
    @pytest.fixture
    def call(self):
        return lambda *arguments: CliRunner().invoke(command, [str(each) for each in arguments])

    def test_from_the_reminder_to_the_post(self, person, call, tmp_path):
        assert call("remind").output == "1 people reminded\n"
        out, again = tmp_path / "letters.pdf", tmp_path / "again.pdf"
        printed = call("letters", "--out", out)
        run = PrintRun.objects.get()
        assert printed.exit_code == 0, printed.output
        assert printed.output == (
            f"{out} written: run {run.pk} with 1 letters\n"
            f"once they are posted: jianzai notices posted {run.pk}\n"
        )
        assert pages(out.read_bytes()) == 1
        assert call("letters", "--out", again).output == "no letter is waiting\n"
        assert not again.exists()
        assert call("letters", "--run", run.pk, "--out", again).exit_code == 0
        assert pages(again.read_bytes()) == 1
        assert "1 letters  everywhere  command line" in call("runs").output
        assert call("posted", run.pk).output == f"1 letters of run {run.pk} count as sent\n"
        assert contacts(person) == [("2026-09-01", "letter")]
        assert "posted before" in call("posted", run.pk).output
        refused = call("give-up", run.pk)
        assert (refused.exit_code, "cannot be taken back" in refused.output) == (1, True)
        assert call("runs").output == ""

    def test_a_file_that_cannot_be_written_loses_no_letter(self, people, call, tmp_path):
        failed = call("letters", "--area", DISTRICT, "--out", tmp_path / "no such folder" / "letters.pdf")
        run = PrintRun.objects.get()
        assert (failed.exit_code, f"--run {run.pk}" in failed.output) == (1, True)
        written = call("letters", "--run", run.pk, "--out", tmp_path / "letters.pdf")
        assert "with 2 letters" in written.output
        assert call("give-up", run.pk).output == "2 letters wait again\n"

    def test_how_many_wait_further_is_said(self, people, call, tmp_path, monkeypatch):
        monkeypatch.setattr(print_runs, "LETTERS_A_RUN", 2)
        assert "1 more letters wait" in call("letters", "--out", tmp_path / "letters.pdf").output

    def test_wrong_calls_say_what_is_wrong(self, people, call, tmp_path):
        out = tmp_path / "letters.pdf"
        out.write_bytes(b"not ours")
        for wrong in (
            ["letters", "--out", out],
            ["letters", "--run", 99, "--out", tmp_path / "x.pdf"],
            ["letters", "--run", 1, "--area", DISTRICT, "--out", tmp_path / "x.pdf"],
            ["letters", "--area", "1", "--out", tmp_path / "x.pdf"],
            ["posted", 99],
            ["remind", "--area", "1"],
        ):
            assert call(*wrong).exit_code == 2, wrong
        assert out.read_bytes() == b"not ours"
        assert {state(each) for each in people} == {State.QUEUED}
        assert call("letters", "--area", ELSEWHERE, "--out", tmp_path / "x.pdf").exit_code == 0
        run = print_letters()
        for each in people:
            office.certified(each)
        empty = call("letters", "--run", run.pk, "--out", tmp_path / "x.pdf")
        assert (empty.exit_code, "holds no letter" in empty.output) == (1, True)
