"""Fills an empty database with the demo: people, staff, a running cycle with a history, and two faces."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from jianzai.audit.services import Actor
from jianzai.certification.models import CaptureSession, ReferenceFace
from jianzai.certification.services import (
    certify_in_person,
    give_consent,
    open_cycle,
    open_session,
    refer_to_clerk,
)
from jianzai.channels.fingerprint.models import Fingerprint
from jianzai.channels.fingerprint.reading import enabled as fingerprints_are_on
from jianzai.channels.fingerprint.services import enrol
from jianzai.channels.mail.models import Sheet
from jianzai.channels.mail.payload import Kind
from jianzai.channels.mail.services import (
    Arrival,
    Attestation,
    accept,
    ask_to_post,
    empty_file,
    form_file,
    issue,
    issue_empty,
    read_sheet,
    reject,
)
from jianzai.channels.mail.services import receive as receive_scan
from jianzai.channels.matching.models import Source
from jianzai.channels.matching.rows import as_table
from jianzai.channels.matching.services import Terms, import_now, receive, save_source
from jianzai.channels.station.models import Mandate
from jianzai.channels.station.services import Named, name_helper
from jianzai.channels.visit.models import Contact, Team
from jianzai.channels.visit.services import Request, request_visit, save_team
from jianzai.clock import move_to, today
from jianzai.demo.accounts import ACCOUNTS, CLERK, CLERK_ELSEWHERE, PASSWORD, SUPERVISOR
from jianzai.demo.clips import Clip, clips
from jianzai.demo.fingers import kept_print
from jianzai.demo.papers import letter, returned
from jianzai.demo.people import (
    HELPER_NAME,
    HELPER_NUMBER,
    SPECIAL,
    TALKING_MAN,
    VISITOR,
    WEBCAM_MAN,
    Retiree,
    roster,
    service_points,
)
from jianzai.demo.player import play
from jianzai.demo.trying import code_file
from jianzai.registry.areas import DEMO_TABLE, import_areas
from jianzai.registry.models import Area, Beneficiary, ServicePoint, Staff
from jianzai.registry.roster import import_roster
from jianzai.registry.service_points import import_service_points
from jianzai.registry.services import create_staff, identity_number

CERTIFIED_SHARE = 0.62
CASES = 4
_SEED = 20130930


# Which clip models which of the sample people; the visitor's replay plays another one.
_MODELLED = ((WEBCAM_MAN, clips()["cap13"]), (TALKING_MAN, clips()["franck"]))


def in_window(year: int) -> date:
    """The day the demo starts on: late in the window of concentrated certification."""
    return date(year, 9, 20)


def load(tell: Callable[[str], None]) -> None:
    """Load whatever of the demo is missing; ``tell`` is called with the code of each step's sentence.

    Safe to repeat after a kill: each step looks for what is there. Raises jianzai.faces.ModelMissing
    where no pack is in the cache.
    """
    year = timezone.localdate().year
    if not settings.DEMO_DATE_FILE.exists():
        move_to(in_window(year))
    tell("demo.load_people")
    import_areas(DEMO_TABLE.name, DEMO_TABLE.read_bytes())
    if not ServicePoint.objects.exists():
        import_service_points("demo.csv", service_points())
    import_roster("demo.csv", roster(year), None, dry_run=False)
    for account in ACCOUNTS:
        if not Staff.objects.filter(user__username=account.username).exists():
            create_staff(
                account.username,
                PASSWORD,
                account.name,
                account.role,
                account.area,
                employer=account.employer,
            )
    tell("demo.load_cycle")
    open_cycle(year, Actor.SYSTEM)
    with ThreadPoolExecutor(len(_MODELLED)) as pool:  # they play in their own time, meanwhile the history
        modelled = pool.map(lambda each: _model(*each), _MODELLED)
        _history(year)
        _visits()
        _records()
        _papers()
        _helper()
        _fingers()
        tell("demo.load_faces")
        list(modelled)


def _history(year: int) -> None:
    """Most people were certified at a counter on some day since the window opened."""
    draw = random.Random(_SEED)
    clerks = {clerk.area_id: clerk for clerk in Staff.objects.filter(role=Staff.Role.CLERK)}
    supervisor = Staff.objects.get(user__username=SUPERVISOR.username)
    people = Beneficiary.objects.exclude(personal_number__in=[one.personal_number for one in SPECIAL])
    chosen = draw.sample(list(people.order_by("personal_number")), round(people.count() * CERTIFIED_SHARE))
    window = (in_window(year) - date(year, 7, 1)).days
    days = sorted(draw.randrange(window) for _ in chosen)
    before = today()
    known = set(people.filter(certifications__isnull=False).values_list("pk", flat=True))
    try:
        for person, day in zip(chosen, days, strict=True):
            if person.pk in known:
                continue
            move_to(date(year, 7, 1) + timedelta(days=day))
            staff = clerks.get(person.area_id) or supervisor
            certify_in_person(
                person,
                staff,
                document="居民身份证，已核对原件",
                reason="本人到场，未建模",
                note="",
                actor=Actor.staff(staff),
            )
    finally:
        move_to(before)
    left = people.filter(certifications__isnull=True, cases__isnull=True).order_by("personal_number")
    for person in left[: max(0, CASES - people.filter(cases__isnull=False).count())]:
        refer_to_clerk(person, Actor("person"), "不便转头，请工作人员联系")


@transaction.atomic
def _visits() -> None:
    """A team for each district in which a clerk works, and two people who wait for one."""
    if Team.objects.exists():
        return
    for account, name in ((CLERK, "芙蓉上门组"), (CLERK_ELSEWHERE, "岳麓上门组")):
        save_team(name, Area.objects.get(code=account.area), 4, Actor.SYSTEM)
    waiting = (
        Beneficiary.objects.filter(area__code__startswith=Area.objects.get(code=CLERK.area).prefix)
        .filter(certifications__isnull=True, cases__isnull=True)
        .exclude(personal_number__in=[one.personal_number for one in SPECIAL])
        .order_by("birth_date", "personal_number")
    )
    for person, reason in zip(waiting, ("bedridden", "disability"), strict=False):
        contact = Contact(person.address or f"{person.area.name} 1 号", person.phone or "0731-00000000")
        request_visit(person, Request("child", reason, contact), Actor("person"))


@transaction.atomic
def _records() -> None:
    """Two sources, a few people certified by a visit to a hospital, two hints of a death, and a file that
    waits to be used."""
    if Source.objects.exists():
        return
    city = Area.objects.get(code=SUPERVISOR.area)
    supervisor = Staff.objects.get(user__username=SUPERVISOR.username)
    ground = "社会保险经办条例（演示）"
    terms = {"area": city, "ground": ground, "purpose": "核对养老金领取资格", "fresh_days": 90}
    hospital = Terms(
        code="hospital", name="市医保中心就诊记录（演示）", kind="hospital", says="alive", trust=3, **terms
    )
    cremation = Terms(
        code="cremation", name="市殡葬管理处火化记录（演示）", kind="cremation", says="dead", trust=0, **terms
    )
    alive, dead = save_source(hospital, Actor.SYSTEM), save_source(cremation, Actor.SYSTEM)
    waiting = (
        Beneficiary.objects.filter(certifications__isnull=True, cases__isnull=True, home_visits__isnull=True)
        .exclude(personal_number__in=[one.personal_number for one in SPECIAL])
        .filter(area__code__startswith=Area.objects.get(code=CLERK.area).prefix)
        .order_by("birth_date", "personal_number")
    )
    people = list(waiting[:12])
    seen, next_seen, doubted = people[:5], people[5:10], people[10:]
    import_now(alive, "demo.csv", _table(seen, 12), Actor.SYSTEM, dry_run=False)
    import_now(dead, "demo.csv", _table(doubted, 5), Actor.SYSTEM, dry_run=False)
    receive(alive, "就诊记录-演示.csv", _table(next_seen, 3), supervisor, Actor.staff(supervisor))


@transaction.atomic
def _papers() -> None:
    """Forms by post in every state: one accepted, one sent back, some for the worker to read, one of nobody
    known, a letter, and some that wait to be posted."""
    if Sheet.objects.exists():
        return
    clerk = Staff.objects.get(user__username=CLERK.username)
    actor = Actor.staff(clerk)
    waiting = (
        Beneficiary.objects.filter(certifications__isnull=True, cases__isnull=True, home_visits__isnull=True)
        .filter(match_cases__isnull=True, area__code__startswith=Area.objects.get(code=CLERK.area).prefix)
        .exclude(personal_number__in=[one.personal_number for one in SPECIAL])
        .order_by("-birth_date", "personal_number")
    )
    right, torn, new, unsealed, missing, author, *later = waiting[:9]
    for person, kind in zip(later, (Kind.ELSEWHERE, Kind.HMT, Kind.ABROAD), strict=True):
        ask_to_post(person, kind, clerk, actor)

    accepted = _sent_in(right, Kind.ELSEWHERE, clerk)
    back = _sent_in(torn, Kind.HMT, clerk, seal="")
    for sheet in (accepted, back):
        read_sheet(sheet.pk)
        sheet.refresh_from_db()
    attested_on, attester = today() - timedelta(days=_ATTESTED_AGO), _ATTESTERS[Kind.ELSEWHERE]
    accept(accepted, Attestation(attested_on, attester, note="核对无误"), clerk, actor)
    reject(back, ["no_seal"], "", clerk, actor)

    _sent_in(new, Kind.ELSEWHERE, clerk)
    _sent_in(unsealed, Kind.ABROAD, clerk, seal="")
    _sent_in(missing, Kind.ELSEWHERE, clerk, ticks=("missing",))
    (empty,) = issue_empty(Kind.ELSEWHERE, 1, clerk, actor)
    printed = empty_file([empty], clerk.area)
    _bring(returned(printed, Kind.ELSEWHERE, {**_written(Kind.ELSEWHERE), "name": "字迹不清"}), clerk)
    lines = ("证明", f"兹证明{author.name}健在。", _ATTESTERS[Kind.ELSEWHERE], _day(attested_on))
    _bring(letter(lines, "景田社区居民委员会"), clerk, person=author, kind=Kind.LETTER)


_ATTESTED_AGO = 12  # days
_ATTESTERS = {
    Kind.ELSEWHERE: "深圳市福田区莲花街道办事处",
    Kind.HMT: "香港工会联合会",
    Kind.ABROAD: "中国驻大阪总领事馆",
}


@transaction.atomic
def _helper() -> None:
    """Somebody's daughter may act for them. The code that opens it is kept for the demo's page alone."""
    if code_file().exists() and Mandate.objects.exists():
        return
    clerk = Staff.objects.get(user__username=CLERK.username)
    person = (
        Beneficiary.objects.filter(certifications__isnull=True, cases__isnull=True, home_visits__isnull=True)
        .filter(match_cases__isnull=True, sheets__isnull=True, forms__isnull=True)
        .filter(area__code__startswith=Area.objects.get(code=CLERK.area).prefix)
        .exclude(personal_number__in=[one.personal_number for one in SPECIAL])
        .order_by("-personal_number")
        .first()
    )
    named = Named(HELPER_NAME, HELPER_NUMBER, Mandate.Relation.CHILD)
    _, code = name_helper(person, named, Actor.staff(clerk), before=clerk)
    code_file().parent.mkdir(parents=True, exist_ok=True)
    code_file().write_text(code)


def _fingers() -> None:
    """The visitor's right index finger, where fingerprints are on."""
    person = Beneficiary.objects.get(personal_number=VISITOR.personal_number)
    if not fingerprints_are_on() or person.print_consents.exists():
        return
    clerk = Staff.objects.get(user__username=CLERK.username)
    finger = Fingerprint.Finger.RIGHT_INDEX
    enrol(person, finger, kept_print(), agreed="zh", staff=clerk, actor=Actor.staff(clerk))


def _sent_in(person: Beneficiary, kind: Kind, clerk: Staff, **how) -> Sheet:
    """A form of ``person``, filled in and stamped with invented words, as it arrived."""
    form = issue(person, kind, Actor.staff(clerk), clerk)
    printed = form_file(form, {}, whole=True)
    how = {"seal": _ATTESTERS[kind][-8:], "seed": form.pk, **how}
    return _bring(returned(printed, kind, _written(kind), **how), clerk)


def _bring(content: bytes, clerk: Staff, **whose) -> Sheet:
    arrival = Arrival(received_on=today(), staff=clerk, custodian="芙蓉区档案柜 3（演示）", **whose)
    (sheet,) = receive_scan(content, arrival, Actor.staff(clerk)).sheets
    return sheet


def _written(kind: Kind) -> dict[str, str]:
    day = _day(today() - timedelta(days=_ATTESTED_AGO))
    return {
        "attester": _ATTESTERS[kind],
        "handler": "赵敏",
        "reviewer": "钱立",
        "attested_on": day,
        "appeared_on": day,
        "signed_on": day,
        "certificate_number": "DEMO-26-0017",
    }


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _table(people: list[Beneficiary], ago: int) -> bytes:
    """Records of ``people``, so many days ago; the last one without a number, and one of a stranger."""
    day = (today() - timedelta(days=ago)).isoformat()
    rows = [
        {
            "identity_number": identity_number(person),
            "name": person.name,
            "sex": person.sex,
            "birth_date": person.birth_date.isoformat(),
            "area_code": person.area_id[:6],
            "day": day,
        }
        for person in people
    ]
    rows[-1]["identity_number"] = ""
    stranger = {"name": "外地人", "sex": "F", "birth_date": "1940-01-01", "area_code": "430102", "day": day}
    return as_table([*rows, stranger])


def _model(who: Retiree, clip: Clip) -> None:
    """Model a sample person at the counter, from a recording, as a clerk would from the camera."""
    try:
        _model_once(who, clip)
    finally:
        connection.close()


def _model_once(who: Retiree, clip: Clip) -> None:
    person = Beneficiary.objects.get(personal_number=who.personal_number)
    if person.references.filter(state=ReferenceFace.State.ACTIVE).exists():
        return
    staff = Staff.objects.get(user__username=CLERK.username)
    actor = Actor.staff(staff)
    consent = give_consent(person, "zh", actor, taken_by=staff)
    session = open_session(
        person,
        CaptureSession.Purpose.ENROL,
        "station",
        actor=actor,
        staff=staff,
        consent=consent,
        replay=True,
        allowed=clip.actions,
    )
    outcome = play(session, clip)
    if not outcome["modelled"]:
        raise RuntimeError(f"the sample clip {clip.name} could not be modelled: {outcome['reasons']}")
