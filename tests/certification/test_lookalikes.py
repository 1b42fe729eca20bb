"""One face, many names: found when a face is modelled, shown to a clerk, refused to nobody."""

from datetime import date

import numpy as np
import pytest
from click.testing import CliRunner
from django.urls import reverse
from django.utils import timezone

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification import gallery, services
from jianzai.certification.cli import enrol
from jianzai.certification.engine import forget_cohorts, switch_pack
from jianzai.certification.models import Lookalike, Pack, ReferenceFace, ReviewCase
from jianzai.certification.queries import active_reference
from jianzai.certification.sealing import seal_picture, seal_reference
from jianzai.certification.search_cli import search
from jianzai.certification.services.reviews import open_case
from jianzai.certification.tasks import compare_those_left, compare_with_everybody
from jianzai.faces import ModelMissing, Reference, comparison
from jianzai.faces.drawn import drawn_cohort
from jianzai.sentences import say
from tests.api.test_video import recording
from tests.console.conftest import signed_in  # noqa: F401 - a fixture
from tests.console.office import jpeg
from tests.people import DISTRICT, ELSEWHERE, make_person, make_staff
from tests.worker import work

pytestmark = pytest.mark.django_db
PACK = "embedded"


@pytest.fixture(autouse=True)
def nothing_in_memory():
    gallery.forget_galleries()
    yield
    gallery.forget_galleries()


def face(number: int, away: float = 0.0) -> np.ndarray:
    """Three embeddings of face ``number``; ``away`` is how far they are from its middle."""
    random = np.random.default_rng([number, int(1000 * away)])
    middle = drawn_cohort(PACK)[number] + 0.6 * random_unit(np.random.default_rng(number))
    vectors = middle / np.linalg.norm(middle) + away * np.stack([random_unit(random) for _ in range(3)])
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def random_unit(random) -> np.ndarray:
    vector = random.standard_normal(drawn_cohort(PACK).shape[1])
    return vector / np.linalg.norm(vector)


def model(person, embeddings, state="active") -> ReferenceFace:
    reference = Reference(PACK, embeddings, (len(embeddings),), 70.0)
    return ReferenceFace.objects.create(
        person=person,
        pack=PACK,
        state=state,
        templates=seal_reference(person.key, reference),
        clips=[3],
        quality=70.0,
        picture=seal_picture(person.key, jpeg()),
    )


@pytest.fixture
def town(db):
    """Twenty people, each with a face of their own."""
    people = [make_person(name=f"王{number}") for number in range(20)]
    for number, person in enumerate(people):
        model(person, face(number, 0.3))
    ReferenceFace.objects.update(searched=timezone.now())
    return people


def page_of(case):
    return reverse("console:case", args=[case.pk])


def test_a_face_with_another_name_opens_a_case_that_a_clerk_decides(town, clerk, signed_in):  # noqa: F811
    double = make_person(name="赵双")
    made = model(double, face(7, 0.4))
    compare_with_everybody(str(made.pk))
    compare_with_everybody(str(made.pk))  # the job again
    case = ReviewCase.objects.get()
    assert (case.kind, case.person, case.reference, case.obligation) == ("lookalike", double, made, None)
    assert [one.person for one in made.lookalikes.all()] == [town[7]]
    client = signed_in(clerk)
    page = client.get(page_of(case))
    assert town[7].name in page.text
    assert f"{made.lookalikes.get().similarity} / 100" in page.text
    assert page.text.count("data:image/jpeg;base64,") == 2  # the new face, and whom it resembles
    assert AuditEntry.objects.filter(act="lookalikes.seen", subject=str(town[7].key)).count() == 1
    assert active_reference(double) == made  # nobody was refused
    kept = {"decision": "approve", "finding": "两人证件不同", "seen": case.shown}
    client.post(page_of(case), kept)
    case.refresh_from_db()
    assert (case.state, case.closed_by, active_reference(double)) == ("approved", clerk, made)


def test_a_face_found_to_be_somebody_else_s_is_deleted(town, clerk, signed_in):  # noqa: F811
    double = make_person(name="赵双")
    made = model(double, face(3, 0.4))
    services.look_for_lookalikes(made.pk)
    case = ReviewCase.objects.get()
    deleted = {"decision": "reject", "finding": "就是王三本人", "seen": case.shown}
    signed_in(clerk).post(page_of(case), deleted)
    made.refresh_from_db()
    assert (made.state, made.templates, made.picture) == ("rejected", None, None)
    assert active_reference(town[3]) is not None


def test_before_a_model_made_at_home_is_confirmed_the_clerk_sees_whom_it_resembles(
    town,
    clerk,
    signed_in,  # noqa: F811
):
    double = make_person(name="赵双")
    made = model(double, face(5, 0.4), state="pending")
    case = open_case(double, None, ReviewCase.Kind.NEW_REFERENCE, Actor.SYSTEM, reference=made)
    client = signed_in(clerk)
    assert say("lookalikes.waiting") in client.get(page_of(case)).text
    compare_those_left(0)
    assert ReviewCase.objects.get() == case
    page = client.get(page_of(case)).text
    assert town[5].name in page
    assert say("lookalikes.explained") in page
    other = make_person(name="钱单")
    alone = model(other, face(200, 0.3), state="pending")
    case = open_case(other, None, ReviewCase.Kind.NEW_REFERENCE, Actor.SYSTEM, reference=alone)
    compare_those_left(0)
    assert say("lookalikes.none") in client.get(page_of(case)).text


def test_who_wants_no_face_used_is_in_no_search(town, django_capture_on_commit_callbacks):
    made = model(make_person(name="赵双"), face(3, 0.4))
    with django_capture_on_commit_callbacks(execute=True):
        services.refuse_face(town[3], Actor.SYSTEM)
    services.look_for_lookalikes(made.pk)
    assert not ReviewCase.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        services.allow_face(town[3], Actor.SYSTEM)
    ReferenceFace.objects.filter(pk=made.pk).update(searched=None)
    services.look_for_lookalikes(made.pk)
    assert ReviewCase.objects.exists()


def test_a_pack_that_is_gone_is_told_in_one_line_with_what_to_do(town, clerk):
    ReferenceFace.objects.update(pack="town")
    Pack.objects.create(name="town", current=True)
    answer = CliRunner().invoke(search, ["--duplicates", "--staff", clerk.user.username])
    assert (answer.exit_code, answer.stderr.strip().count("\n")) == (3, 0), answer.stderr
    assert "no pack town" in answer.stderr
    assert "JIANZAI_PACKS" in answer.stderr


def test_a_pack_that_is_gone_keeps_no_other_reference_from_being_searched(town):
    waiting = ReferenceFace.objects.filter(person=town[0])
    waiting.update(pack="town", searched=None)
    made = model(make_person(name="赵双"), face(7, 0.4))
    compare_those_left(0)
    assert made.lookalikes.count() == 1
    assert waiting.get().searched is None  # it is as soon as the pack is back
    with pytest.raises(ModelMissing, match="no pack town"):
        gallery.candidates("town", face(0))


def test_of_somebody_elsewhere_a_clerk_reads_the_place_alone(signed_in):  # noqa: F811
    far = make_person(name="孙远", area=ELSEWHERE)
    model(far, face(1, 0.3))
    double = make_person(name="赵双", area=DISTRICT)
    services.look_for_lookalikes(model(double, face(1, 0.4)).pk)
    page = signed_in(make_staff("clerk", DISTRICT)).get(page_of(ReviewCase.objects.get())).text
    assert "孙远" not in page
    assert far.personal_number not in page
    assert "东城区" in page
    assert page.count("data:image/jpeg;base64,") == 1


def test_who_takes_back_consent_is_nobody_s_lookalike_any_more(town):
    services.look_for_lookalikes(model(make_person(), face(2, 0.4)).pk)
    assert Lookalike.objects.count() == 1
    services.withdraw_consent(town[2], Actor("person"))
    assert not Lookalike.objects.exists()
    assert ReviewCase.objects.get().state == "open"  # a clerk has still to close it


def test_two_who_come_within_minutes_find_each_other(town):
    services.look_for_lookalikes(model(make_person(), face(100, 0.3)).pk)  # everybody's faces are read
    first = model(make_person(), face(101, 0.3))
    services.look_for_lookalikes(first.pk)
    second = model(make_person(), face(101, 0.4))
    services.look_for_lookalikes(second.pk)
    assert [one.person for one in second.lookalikes.all()] == [first.person]


def test_what_was_withdrawn_is_found_no_more_though_it_was_read(town):
    gallery.candidates(PACK, face(4, 0.3))
    ReferenceFace.objects.filter(person=town[4]).update(state="withdrawn", templates=None)
    assert town[4].pk not in {one.reference.person_id for one in gallery.candidates(PACK, face(4, 0.3))}


def test_the_whole_register_is_searched_for_pairs(town, clerk):
    switch_pack(PACK)
    doubles = [make_person(name=name) for name in ("赵双", "钱双")]
    model(doubles[0], face(11, 0.4))
    model(doubles[1], face(12, 0.4))
    model(doubles[1], face(12, 0.5), state="pending")  # one's own face is no double
    far = make_person(name="孙远", area=ELSEWHERE)
    model(far, face(13, 0.4))
    answer = CliRunner().invoke(search, ["--duplicates", "--staff", clerk.user.username])
    assert answer.exit_code == 0, answer.output
    rows = [line.split(",") for line in answer.stdout.splitlines()[1:]]
    wanted = [{town[11].personal_number, doubles[0].personal_number}]
    wanted += 2 * [{town[12].personal_number, doubles[1].personal_number}]
    assert sorted(map(sorted, ({row[0], row[2]} for row in rows))) == sorted(map(sorted, wanted))
    assert "孙远" not in answer.output
    assert "+ 1" in answer.stderr
    entry = AuditEntry.objects.get(act="lookalikes.register_searched")
    assert entry.actor == f"command-line:{clerk.user.username}"


def test_modelled_from_another_day_under_another_name_and_searched_by_a_photo(tmp_path, settings, clerk):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 8, 3))
    services.open_cycle(2026, Actor.SYSTEM)
    people = [make_person(name="张三"), make_person(name="李四")]
    for person, clip in zip(people, ("cap13", "cap12"), strict=True):
        path = tmp_path / f"{clip}.mkv"
        path.write_bytes(recording(clip, ["turn_left", "open_mouth"]))
        answer = CliRunner().invoke(enrol, [str(path), "--person", person.personal_number])
        assert answer.exit_code == 0, answer.output
        work()
    case = ReviewCase.objects.get()
    assert (case.kind, case.person) == ("lookalike", people[1])
    answer = CliRunner().invoke(search, [str(tmp_path / "cap12.mkv")])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.index("李四") < answer.stdout.index("张三")
    entry = AuditEntry.objects.get(act="lookalikes.searched")
    assert entry.details["people"] == [str(people[1].key), str(people[0].key)]


def test_a_face_stands_out_though_its_double_is_among_those_it_is_measured_against(town, monkeypatch):
    """With people of its own for strangers, a register holds both sides of a pair among them."""
    monkeypatch.setattr(comparison, "SMALLEST_COHORT", 10)
    monkeypatch.setattr(comparison, "NEAREST", 15)
    double = model(make_person(), face(6, 0.4))
    forget_cohorts()
    found = gallery.candidates(PACK, face(6, 0.4), besides=double.person_id, noteworthy_only=True)
    assert [one.reference.person for one in found] == [town[6]]
    assert [
        {pair.one.person, pair.other.person} for *_, pairs in gallery.duplicates(PACK) for pair in pairs
    ] == [{town[6], double.person}]
    forget_cohorts()
