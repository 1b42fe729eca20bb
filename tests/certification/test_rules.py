"""Certification without a camera: cycles, certifying, cases and their holds, consent."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification import services
from jianzai.certification.certificate import check_token, pdf, public_check
from jianzai.certification.errors import (
    CaseChanged,
    CaseClosed,
    ConsentMissing,
    CycleTooEarly,
    CycleTooLate,
    FindingMissing,
    NeedsSupervisor,
    NoCycle,
    NoReference,
    PicturesGone,
)
from jianzai.certification.models import Attempt, Certification, Cycle, Obligation, ReviewCase
from jianzai.certification.policies import policy_in_force
from jianzai.certification.queries import current_obligation, progress_by_area
from jianzai.certification.services.reviews import open_case
from jianzai.entitlement import HoldKind, HoldOpened, IllegalEvent, PolicyError, Status
from tests.people import failed_attempt, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_day(tmp_path, settings):
    """Sets the civil date, as the demo does."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    return clock.move_to


def test_a_cycle_gives_everyone_one_obligation_and_again_only_the_new(person, people, on_day):
    on_day(date(2026, 7, 1))
    cycle = services.open_cycle(2026, Actor.SYSTEM)
    count = Obligation.objects.count()
    assert count == 1 + len(people)
    services.open_cycle(2026, Actor.SYSTEM)
    assert Obligation.objects.count() == count
    assert {row.due for row in cycle.obligations.all()} == {date(2026, 9, 30)}


def test_people_imported_later_are_enlisted(person, on_day):
    on_day(date(2026, 7, 1))
    cycle = services.open_cycle(2026, Actor.SYSTEM)
    newcomer = make_person(name="孙九")
    assert services.enlist(cycle) == 1
    assert services.enlist(cycle) == 0
    assert Obligation.objects.get(person=newcomer).due == date(2026, 9, 30)


def test_without_a_cycle_nothing_is_asked(person, clerk):
    assert current_obligation(person) is None
    with pytest.raises(NoCycle):
        services.certify_in_person(
            person,
            clerk,
            document="identity card seen",
            reason="no camera",
            note="",
            actor=Actor.staff(clerk),
        )


def test_certified_once_by_any_way_and_for_good(person, clerk, on_day):
    on_day(date(2026, 7, 1))
    services.open_cycle(2026, Actor.SYSTEM)
    words = {"document": "identity card seen", "reason": "cannot turn her head", "note": "came with her son"}
    first = services.certify_in_person(person, clerk, **words, actor=Actor.staff(clerk))
    again = services.certify(current_obligation(person), "online", Actor("person"), evidence={})
    assert first == again
    assert current_obligation(person).status == Status.CERTIFIED
    assert first.evidence == words
    entry = AuditEntry.objects.get(act="certification.certified")
    assert (entry.actor, entry.subject) == (f"staff:{clerk.user.username}", str(person.key))
    for change in (
        lambda: Certification.objects.filter(pk=first.pk).update(channel="online"),
        lambda: Certification.objects.filter(pk=first.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize(("document", "reason"), [("", "reason"), ("card", "  ")])
def test_in_person_needs_a_document_and_a_reason(person, clerk, on_day, document, reason):
    on_day(date(2026, 7, 1))
    services.open_cycle(2026, Actor.SYSTEM)
    with pytest.raises(FindingMissing):
        services.certify_in_person(
            person, clerk, document=document, reason=reason, note="", actor=Actor.staff(clerk)
        )
    assert not Certification.objects.exists()


def test_failed_is_not_suspended_but_not_for_ever(person, clerk, on_day):
    on_day(date(2026, 9, 20))
    services.open_cycle(2026, Actor.SYSTEM)
    obligation = current_obligation(person)
    case = open_case(
        person, obligation, ReviewCase.Kind.UNCERTAIN, Actor("person"), attempt=failed_attempt(person)
    )
    assert current_obligation(person).status == Status.HELD
    assert case.holds_until == date(2026, 10, 30)  # thirty days from the first on which a pause is possible
    on_day(case.holds_until + timedelta(days=1))
    assert services.expire_cases(clock.today()) == 1
    case.refresh_from_db()
    assert case.state == ReviewCase.State.IN_PERSON
    on_day(date(2026, 11, 5))
    later = open_case(
        person,
        current_obligation(person),
        ReviewCase.Kind.UNCERTAIN,
        Actor("person"),
        attempt=failed_attempt(person),
    )
    assert later.holds_until is None
    assert current_obligation(person).status == Status.DUE
    with pytest.raises(IllegalEvent):
        services.certify(current_obligation(person), "online", Actor("person"), evidence={})
    services.certify_in_person(
        person, clerk, document="card", reason="asked to come", note="", actor=Actor.staff(clerk)
    )
    assert current_obligation(person).status == Status.CERTIFIED


def test_a_clerk_approves_what_the_engine_could_not_decide(person, clerk, on_day):
    on_day(date(2026, 9, 20))
    services.open_cycle(2026, Actor.SYSTEM)
    case = open_case(
        person,
        current_obligation(person),
        ReviewCase.Kind.UNCERTAIN,
        Actor("person"),
        attempt=failed_attempt(person),
    )
    on_day(date(2026, 10, 5))
    with pytest.raises(FindingMissing):
        services.approve_case(case, clerk, " ", Actor.staff(clerk), seen=case.shown)
    certification = services.approve_case(
        case, clerk, "same scar, same voice on the phone", Actor.staff(clerk), seen=case.shown
    )
    assert certification.on == date(2026, 9, 20)  # received in time counts as in time
    assert certification.officer == clerk
    with pytest.raises(CaseClosed):
        services.reject_case(case, clerk, "no", Actor.staff(clerk), seen=case.shown)


def test_nobody_approves_what_they_have_not_looked_at(person, clerk, on_day):
    on_day(date(2026, 9, 20))
    services.open_cycle(2026, Actor.SYSTEM)
    obligation, kind = current_obligation(person), ReviewCase.Kind.UNCERTAIN
    case = open_case(person, obligation, kind, Actor("person"), attempt=failed_attempt(person))
    looked_at = case.shown
    open_case(person, obligation, kind, Actor("person"), attempt=failed_attempt(person))
    for verb in (services.approve_case, services.reject_case):
        with pytest.raises(CaseChanged):
            verb(case, clerk, "it is she", Actor.staff(clerk), seen=looked_at)
    assert not Certification.objects.exists()
    case.refresh_from_db()
    services.approve_case(case, clerk, "it is she", Actor.staff(clerk), seen=case.shown)


def test_cycles_open_one_after_the_other_and_never_ahead_of_time(person, on_day):
    on_day(date(2026, 8, 1))
    services.open_cycle(2026, Actor.SYSTEM)
    for year, refusal in ((2027, CycleTooEarly), (2025, CycleTooLate)):
        with pytest.raises(refusal):
            services.open_cycle(year, Actor.SYSTEM)
    assert Cycle.objects.count() == 1
    on_day(date(2027, 1, 1))
    assert services.open_this_years_cycle(Actor.SYSTEM).year == 2027
    assert services.open_this_years_cycle(Actor.SYSTEM) is None
    assert current_obligation(person).due == date(2026, 9, 30)  # a duty not met is not wiped out


def test_who_joins_after_the_deadline_has_time_to_certify(person, on_day):
    on_day(date(2026, 8, 1))
    services.open_cycle(2026, Actor.SYSTEM)
    on_day(date(2026, 11, 20))
    newly_retired = make_person("刘新来")
    services.enlist(Cycle.objects.get())
    assert current_obligation(newly_retired).due == date(2027, 1, 19)
    assert current_obligation(person).due == date(2026, 9, 30)


def test_certified_again_the_later_day_counts_where_twelve_months_run_from_it(person, clerk, on_day):
    on_day(date(2026, 2, 10))
    services.open_cycle(2026, Actor.SYSTEM, "rolling-12-months")
    first = certified_in_person(person, clerk)
    on_day(date(2026, 12, 20))
    assert certified_in_person(person, clerk) == first
    on_day(date(2027, 1, 1))
    services.open_cycle(2027, Actor.SYSTEM, "rolling-12-months")
    assert current_obligation(person).due == date(2027, 12, 20)


def certified_in_person(person, clerk):
    return services.certify_in_person(
        person, clerk, document="card", reason="no camera", note="", actor=Actor.staff(clerk)
    )


def test_an_office_sets_its_own_policy(tmp_path, settings, on_day):
    on_day(date(2026, 8, 1))
    settings.POLICY = str(tmp_path / "ours.toml")
    (tmp_path / "ours.toml").write_text('base = "changsha-2013"\nwindow_end = "10-31"\n')
    cycle = services.open_cycle(2026, Actor.SYSTEM)
    assert cycle.deadline == date(2026, 10, 31)
    assert services.policy_of(cycle).name == "ours"
    for wrong in ("window_end = 5", 'base = "nowhere"', 'base = "changsha-2013"\nx = 1', "= ="):
        (tmp_path / "ours.toml").write_text(wrong)
        with pytest.raises(PolicyError):
            policy_in_force()
    settings.POLICY = "ours.toml"  # where it lies would depend on who asks
    with pytest.raises(PolicyError):
        policy_in_force()
    settings.POLICY = "no-such-preset"
    with pytest.raises(PolicyError):
        policy_in_force()


def test_overruling_liveness_takes_a_supervisor(person, clerk, supervisor, on_day):
    on_day(date(2026, 9, 20))
    services.open_cycle(2026, Actor.SYSTEM)
    case = open_case(
        person,
        current_obligation(person),
        ReviewCase.Kind.FAILED_ATTEMPT,
        Actor("person"),
        attempt=failed_attempt(person, live=False, decision="same"),
    )
    with pytest.raises(NeedsSupervisor):
        services.approve_case(case, clerk, "looks alive to me", Actor.staff(clerk), seen=case.shown)
    case.refresh_from_db()
    assert case.state == ReviewCase.State.OPEN
    assert services.approve_case(
        case, supervisor, "called her by video", Actor.staff(supervisor), seen=case.shown
    )


def test_face_needs_consent_and_a_reference(person, on_day):
    on_day(date(2026, 7, 1))
    services.open_cycle(2026, Actor.SYSTEM)
    with pytest.raises(ConsentMissing):
        services.open_session(person, "verify", "online", actor=Actor("person"))
    services.give_consent(person, "zh", Actor("person"))
    with pytest.raises(NoReference):
        services.open_session(person, "verify", "online", actor=Actor("person"))
    services.withdraw_consent(person, Actor("person"))
    with pytest.raises(ConsentMissing):
        services.open_session(person, "enrol", "online", actor=Actor("person"))


def test_certificate_is_checked_by_anyone_who_holds_it(person, clerk, on_day, settings):
    on_day(date(2026, 7, 1))
    services.open_cycle(2026, Actor.SYSTEM)
    certification = services.certify_in_person(
        person, clerk, document="card", reason="no camera", note="", actor=Actor.staff(clerk)
    )
    token = check_token(certification.serial)
    found = public_check(certification.serial, token)
    assert (found.valid, found.year) == (True, 2026)
    assert person.name not in found.masked_name
    assert public_check(certification.serial, "A" * len(token)) is None
    for language in ("zh", "en"):
        assert pdf(certification, language).startswith(b"%PDF")
    with connection.cursor() as cursor:  # someone with the owner's password changes the row
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE certification_certification SET channel = 'mail'")
        cursor.execute("SET session_replication_role = DEFAULT")
    assert not public_check(certification.serial, token).valid


def test_progress_counts_everyone_once(person, people, clerk, on_day):
    on_day(date(2026, 10, 1))
    cycle = services.open_cycle(2026, Actor.SYSTEM)
    services.certify_in_person(
        person, clerk, document="card", reason="no camera", note="", actor=Actor.staff(clerk)
    )
    rows = progress_by_area(cycle, clerk)
    assert sum(row.total for row in rows) == 1 + len(people)
    assert sum(row.certified for row in rows) == 1
    assert sum(row.overdue for row in rows) == len(people)


@override_settings(DEMO=False)
def test_only_the_demo_moves_its_date(settings):
    with pytest.raises(RuntimeError):
        clock.move_to(date(2026, 7, 1))


def opened_case(person, kind="uncertain"):
    return open_case(
        person, current_obligation(person), kind, Actor("person"), attempt=failed_attempt(person)
    )


def test_an_attempt_of_the_new_year_certifies_the_new_year(person, supervisor, on_day):
    """The open case of December takes January's attempt in, and with it the obligation it is about."""
    on_day(date(2026, 12, 20))
    services.open_cycle(2026, Actor.SYSTEM)
    opened_case(person)
    on_day(date(2027, 1, 3))
    services.open_cycle(2027, Actor.SYSTEM)
    case = opened_case(person)
    assert current_obligation(person).status == "held"
    actor = Actor.staff(supervisor)
    certification = services.approve_case(case, supervisor, "it is she", actor, seen=case.shown)
    assert certification.obligation == current_obligation(person)
    assert current_obligation(person).status == "certified"


def test_a_case_whose_hold_went_with_the_duty_stands_in_nobodys_way(person, clerk, supervisor, on_day):
    on_day(date(2026, 12, 20))
    services.open_cycle(2026, Actor.SYSTEM)
    opened_case(person, "failed_attempt")
    december = opened_case(person)
    on_day(date(2027, 1, 3))
    services.open_cycle(2027, Actor.SYSTEM)
    january = opened_case(person, "failed_attempt")
    services.approve_case(december, supervisor, "she", Actor.staff(supervisor), seen=december.shown)
    assert current_obligation(person).due == date(2027, 9, 30)
    certified_in_person(person, clerk)
    january.refresh_from_db()
    assert (january.state, current_obligation(person).status) == ("overtaken", "certified")


def test_asking_for_a_clerk_leaves_the_attempt_with_its_year(person, supervisor, on_day):
    on_day(date(2026, 12, 20))
    services.open_cycle(2026, Actor.SYSTEM)
    opened_case(person, "failed_attempt")
    on_day(date(2027, 1, 3))
    services.open_cycle(2027, Actor.SYSTEM)
    case = services.refer_to_clerk(person, Actor("person"))
    actor = Actor.staff(supervisor)
    certification = services.approve_case(case, supervisor, "it is she", actor, seen=case.shown)
    assert (certification.on, certification.obligation.cycle.year) == (date(2026, 12, 20), 2026)


def test_nothing_is_approved_when_its_pictures_are_gone(person, clerk, on_day):
    on_day(date(2026, 8, 1))
    services.open_cycle(2026, Actor.SYSTEM)
    case = opened_case(person)
    Attempt.objects.update(keep_until=date(2026, 9, 30))
    services.enforce_retention(date(2026, 10, 1))
    with pytest.raises(PicturesGone):
        services.approve_case(case, clerk, "it is she", Actor.staff(clerk), seen=case.shown)
    assert services.reject_case(case, clerk, "asked to try again", Actor.staff(clerk), seen=case.shown)


def test_a_hold_that_ran_out_is_counted_no_longer(person, on_day):
    on_day(date(2026, 8, 1))
    services.open_cycle(2026, Actor.SYSTEM)
    until = date(2026, 10, 20)
    hold = HoldOpened(on=clock.today(), until=until, kind=HoldKind.HARDSHIP, case="death:1")
    services.record_event(current_obligation(person), hold, Actor.SYSTEM)
    assert services.end_holds(until) == 0
    assert current_obligation(person).status == "held"
    assert services.end_holds(until + timedelta(days=1)) == 1
    assert current_obligation(person).status == "due"


def test_a_past_cycle_takes_nobody_in(person, on_day):
    on_day(date(2026, 8, 1))
    services.open_cycle(2026, Actor.SYSTEM)
    on_day(date(2027, 1, 1))
    services.open_cycle(2027, Actor.SYSTEM)
    make_person("刘新来")
    with pytest.raises(CycleTooLate):
        services.open_cycle(2026, Actor.SYSTEM)
    assert Cycle.objects.get(year=2026).obligations.count() == 1
