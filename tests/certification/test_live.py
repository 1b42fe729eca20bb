"""``jianzai evaluate --live``: what a deployment's own attempts say, and of whom nobody learns anything."""

import json
from collections import Counter
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.evaluate_cli import evaluate
from jianzai.certification.live import LEAST, Group, cells
from jianzai.certification.live.folding import REST
from jianzai.certification.live.reading import VOICE_OF
from jianzai.certification.live.report import detail_in_words
from jianzai.certification.models import Attempt, CaptureSession, ReviewCase
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import approve_case, certify, certify_in_person, open_cycle, reject_case
from jianzai.certification.services.reviews import open_case
from jianzai.faces.evaluation import rate
from jianzai.faces.types import Reason
from jianzai.registry.models import ServicePoint
from jianzai.sentences import say
from tests.people import DISTRICT, ELSEWHERE, OTHER_DISTRICT, make_person, make_staff

TRIALS = st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.sampled_from("abcdef")), max_size=200)


def folded_cells(trials):
    """Cells of trials (person, whether it went wrong, group)."""
    people: dict[str, set[int]] = {}
    for person, _, name in trials:
        people.setdefault(name, set()).add(person)
    groups = [
        Group(name, len(people[name]), len(of_it), sum(of_it))
        for name in people
        if (of_it := [wrong for _, wrong, group in trials if group == name])
    ]
    return cells(groups, lambda names: len(set().union(*(people[name] for name in names))))


@given(TRIALS)
def test_no_cell_tells_of_fewer_people_than_allowed_nor_does_what_is_missing(trials):
    shown = folded_cells(trials)
    if not shown:
        assert len({person for person, _, _ in trials}) < LEAST
        return
    assert all(cell.people >= LEAST for cell in shown)
    assert sum(cell.rate.trials for cell in shown) == len(trials)
    assert sum(cell.rate.errors for cell in shown) == sum(wrong for _, wrong, _ in trials)
    groups = Counter(group for _, _, group in trials)
    assert all(cell.rate.trials == groups[cell.group] for cell in shown if cell.group != REST)
    folded = set(groups) - {cell.group for cell in shown}
    assert folded == set() or shown[-1].group == REST


@pytest.fixture
def this_year(tmp_path, settings, db):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 8, 3))
    open_cycle(2026, Actor.SYSTEM)


def tried(person, decision="same", *, live=True, reasons=(), score=8.0, staff=None) -> Attempt:
    session = CaptureSession.objects.create(
        person=person,
        purpose="verify",
        pack="embedded",
        channel="station" if staff else "online",
        staff=staff,
        opened=timezone.now(),
        state="decided",
    )
    made = Attempt.objects.create(
        session=session,
        person=person,
        on=clock.today(),
        decision=decision,
        live=live,
        similarity=50,
        reasons=list(reasons),
        voices={},
        comparison={"score": score},
        policy={},
        kept_frames=b"sealed",
    )
    if decision == "same" and live:
        certify(current_obligation(person), session.channel, Actor("person"), evidence={}, attempt=made)
    return made


def by_paper(person, clerk):
    certify_in_person(
        person, clerk, document="居民身份证", reason="人脸未通过", note="", actor=Actor.staff(clerk)
    )


def judged(attempt, clerk, decide):
    case = open_case(
        attempt.person,
        current_obligation(attempt.person),
        "uncertain",
        Actor("person"),
        attempt=attempt,
    )
    decide(case, clerk, "本人", Actor.staff(clerk), seen=case.shown)


@pytest.fixture
def city(this_year):
    """Forty people of two districts, and what happened to each."""
    clerk = make_staff("supervisor")
    people = [make_person(area=DISTRICT if number < 25 else OTHER_DISTRICT) for number in range(40)]
    for person in people[:20]:
        tried(person)
    for person in people[20:23]:  # refused, and certified with their card
        tried(person, "not_same", reasons=["not_same"], score=2.0)
        by_paper(person, clerk)
    for person in people[23:25]:  # refused, and certified at the second try
        tried(person, "not_same", reasons=["not_same"], score=2.0)
        tried(person)
    for person in people[25:36]:  # a clerk had to look
        judged(tried(person, "uncertain", reasons=["uncertain"]), clerk, approve_case)
    judged(tried(people[36], "uncertain", reasons=["uncertain"]), clerk, reject_case)
    tried(people[37], "not_same", score=None, reasons=["too_dark"])
    tried(people[38], live=False, reasons=["prompt_lapsed", "flat"])
    tried(people[39], "uncertain", live=False, reasons=["uncertain", "texture"])
    return clerk


def evaluated(tmp_path, *arguments):
    answer = CliRunner().invoke(evaluate, ["--live", "--output", str(tmp_path / "report"), *arguments])
    assert answer.exit_code == 0, answer.output
    told = json.loads((tmp_path / "report" / "report.json").read_text())
    return told, {one["code"]: one for one in told["figures"]}


def counts(figures) -> tuple[int, int]:
    return figures["total"]["errors"], figures["total"]["trials"]


def test_a_city_at_work(city, tmp_path):
    told, figures = evaluated(tmp_path)
    assert (told["people"], told["attempts"]) == (40, 42)
    assert counts(figures["another_way"]) == (14, 36)
    assert dict(figures["another_way"]["details"]) == {"clerk": 11, "in_person": 3}
    assert counts(figures["first_try"]) == (16, 36)
    assert dict(figures["first_try"]["details"]) == {"clerk": 11, "in_person": 3, "online": 2}
    assert counts(figures["not_acquired"]) == (1, 42)
    assert figures["not_acquired"]["details"] == [["too_dark", 1]]
    assert counts(figures["not_live"]) == (1, 41)
    assert dict(figures["not_live"]["details"]) == {"actions": 1, "parallax": 1}
    assert counts(figures["undecided"]) == (13, 41)
    assert dict(figures["undecided"]["details"]) == {"comparison": 12, "texture": 1}
    assert counts(figures["clerks"]) == (11, 12)
    assert dict(figures["clerks"]["details"]) == {"case_approved": 11, "case_rejected": 1}
    exact = rate(14, 36)
    assert figures["another_way"]["total"]["low"] == pytest.approx(exact.low)
    areas = {one["group"]: one["rate"]["trials"] for one in figures["another_way"]["by"]["area"]}
    assert areas == {"430102": 25, "430103": 11}
    for written in ("report.md", "report.html"):
        text = (tmp_path / "report" / written).read_text()
        assert "14 / 36" in text
        assert "芙蓉区" in text
        assert "<script" not in text


def test_a_counter_bears_the_name_of_the_one_station_of_its_area(this_year, tmp_path):
    clerks = [make_staff("clerk", area=area) for area in (DISTRICT, OTHER_DISTRICT)]
    for clerk in clerks:
        for _ in range(LEAST):
            tried(make_person(), staff=clerk)
    for area, name in (
        (DISTRICT, "定王台服务站"),
        (OTHER_DISTRICT, "裕南街服务站"),
        (OTHER_DISTRICT, "坡子街服务站"),
    ):
        ServicePoint.objects.create(
            area_id=area, name=name, address="解放西路 1 号", phone="0731-8000002", hours="9:00-17:00"
        )
    figures = evaluated(tmp_path)[1]
    assert [one["group"] for one in figures["undecided"]["by"]["counter"]] == [DISTRICT, OTHER_DISTRICT]
    text = (tmp_path / "report" / "report.md").read_text()
    assert "芙蓉区 · 定王台服务站" in text
    assert "天心区 |" in text  # which of its two stations it was is not known


def test_who_is_certified_too_late_proves_nothing(this_year, tmp_path):
    clerk, people = make_staff("supervisor"), [make_person() for _ in range(LEAST)]
    for person in people:
        tried(person, "not_same", reasons=["not_same"])
    clock.move_to(clock.today() + timedelta(days=31))
    for person in people:
        by_paper(person, clerk)
    assert evaluated(tmp_path)[1]["another_way"]["total"] is None
    assert counts(evaluated(tmp_path, "--within", "31")[1]["another_way"]) == (LEAST, LEAST)


def test_nothing_to_tell_is_told_in_one_line(this_year, tmp_path):
    for _ in range(LEAST - 1):
        tried(make_person())
    answer = CliRunner().invoke(evaluate, ["--live", "--output", str(tmp_path / "report")])
    assert (answer.exit_code, answer.output.strip().count("\n")) == (2, 0)
    assert not (tmp_path / "report").exists()


def test_the_page_tells_of_ones_own_area(city, client):
    auditor = make_staff("auditor", area=OTHER_DISTRICT)
    client.force_login(auditor.user)
    page = client.get("/console/figures").content.decode()
    assert "11 / 11" in page  # of the other district alone
    assert "芙蓉区" not in page
    client.force_login(make_staff("auditor", area=ELSEWHERE).user)
    page = client.get("/console/figures").content.decode()
    assert say("live.nothing", "zh", people=0, least=LEAST) in page
    assert "<table" not in page


@pytest.mark.parametrize(
    "detail",
    [*Reason, *VOICE_OF.values(), *(f"case_{state}" for state in ReviewCase.State.values), "clerk", "visit"],
)
def test_everything_counted_has_words(detail):
    assert all(detail_in_words(detail, language) for language in ("zh", "en", None))


def test_folders_are_evaluated_as_before_and_not_together_with_the_deployment(tmp_path):
    asked = ["--people", str(tmp_path / "none"), "--pack", "embedded", "--pack", "recommended"]
    answer = CliRunner().invoke(evaluate, asked)
    assert (answer.exit_code, "is not a folder" in answer.output) == (2, True), answer.output
    answer = CliRunner().invoke(evaluate, ["--live", *asked])
    assert (answer.exit_code, "leave out --people, --pack" in answer.output) == (2, True), answer.output
