"""Notices: what goes into the outbox, what counts as a contact, letters, and no pause without contacts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.utils import timezone

from jianzai.audit.services import Actor
from jianzai.benefits.services import dry_run, record_death
from jianzai.certification.models import ReviewCase
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import expire_cases, open_cycle, refer_to_clerk
from jianzai.notices import services
from jianzai.notices.kinds import Kind
from jianzai.notices.models import Notice
from jianzai.notices.transports import letter, page, transports
from jianzai.notices.wording import words
from jianzai.registry.models import Area, ServicePoint
from jianzai.sentences import sentences
from tests.benefits import office
from tests.notices.outbox import ADDRESS, contacts, remind
from tests.people import CITY, DISTRICT, make_person, make_staff
from tests.worker import work

pytestmark = pytest.mark.django_db


def kinds(person, transport: str = "letter") -> list[str]:
    return list(
        Notice.objects.filter(person=person, transport=transport)
        .order_by("id")
        .values_list("kind", flat=True)
    )


class TestOutbox:
    def test_a_reminder_goes_by_every_transport_once_a_day(self, person):
        assert [notice.transport for notice in remind(person)] == ["letter", "page"]
        assert remind(person) == []
        assert Notice.objects.count() == 2

    def test_the_next_day_it_is_another(self, person, on_day):
        remind(person)
        on_day(date(2026, 9, 2))
        assert len(remind(person)) == 2

    def test_without_an_address_no_letter(self, person):
        stranger = make_person()
        open_cycle(2026, Actor.SYSTEM)
        assert [notice.transport for notice in remind(stranger)] == ["page"]

    def test_nobody_certified_or_dead_is_reminded(self, person):
        office.certified(person)
        assert remind(person) == []
        other = make_person()
        open_cycle(2026, Actor.SYSTEM)
        record_death(other, date(2026, 8, 1), "certificate 1", date(2026, 8, 1), make_staff(), Actor.SYSTEM)
        assert remind(other) == []
        assert services.notify(other, Kind.CERTIFIED) == []

    def test_everybody_near_the_due_date_every_four_weeks(self, person, on_day):
        on_day(date(2026, 7, 31))
        assert services.remind_due(Actor.SYSTEM) == 0
        on_day(date(2026, 8, 1))
        assert services.remind_due(Actor.SYSTEM, Area.objects.get(code="110101000000")) == 0
        assert services.remind_due(Actor.SYSTEM) == 1
        assert services.remind_due(Actor.SYSTEM) == 0
        Notice.objects.update(made=timezone.now() - timedelta(days=28))
        on_day(date(2026, 10, 9))
        assert services.remind_due(Actor.SYSTEM) == 1
        assert Notice.objects.first().body["variant"] == "overdue"


class TestContacts:
    def test_a_message_counts_when_its_reader_saw_it(self, person, on_day):
        remind(person)
        assert contacts(person) == []
        on_day(date(2026, 9, 3))
        (message,) = services.messages_for(person)
        assert str(message) == "请在2026年9月30日前办理今年的领取资格认证。"
        services.messages_for(person)
        assert contacts(person) == [("2026-09-03", "page")]

    def test_a_letter_counts_when_it_is_posted(self, person, on_day):
        remind(person)
        run = services.print_letters(Actor.SYSTEM)
        assert contacts(person) == []
        on_day(date(2026, 9, 4))
        services.post_run(run, Actor.SYSTEM)
        work()
        assert contacts(person) == [("2026-09-04", "letter")]
        assert Notice.objects.get(transport="letter").state == Notice.State.SENT

    def test_calls_of_staff_count(self, person):
        services.log_contact(current_obligation(person), "phone", Actor.SYSTEM)
        assert contacts(person) == [("2026-09-01", "phone")]
        with pytest.raises(ValueError):
            services.log_contact(current_obligation(person), "letter", Actor.SYSTEM)

    def test_what_is_no_longer_true_is_withdrawn_not_printed(self, person):
        remind(person)
        office.certified(person)
        assert services.print_letters(Actor.SYSTEM) is None
        assert Notice.objects.get(transport="letter").state == Notice.State.WITHDRAWN
        assert [message.kind for message in services.messages_for(person)] == ["certified"]
        assert contacts(person) == []

    def test_nothing_is_printed_to_the_dead_but_to_their_family(self, person):
        remind(person)
        record_death(
            person, date(2026, 8, 30), "certificate 1", date(2026, 8, 30), make_staff(), Actor.SYSTEM
        )
        run = services.print_letters(Actor.SYSTEM)
        assert [notice.kind for notice in run.notices.all()] == ["condolence"]


class TestWhatHappensElsewhere:
    def test_paused_resumed_and_the_words_for_it(self, person, on_day):
        on_day(date(2026, 10, 15))
        first, second = make_staff("supervisor"), make_staff("supervisor")
        office.confirm(office.propose(first), second)
        assert kinds(person) == ["paused"]
        notice = Notice.objects.get(kind="paused", transport="letter")
        assert "从2026年11月起暂停发放" in words(notice, "letter", "zh")
        assert "everything since the pause is paid back" in words(notice, "letter", "en")
        on_day(date(2026, 12, 15))
        office.certified(person)
        assert kinds(person) == ["paused", "resumed"]
        assert "补发 6,000.00 元" in words(
            Notice.objects.get(kind="resumed", transport="letter"), "letter", "zh"
        )
        assert {message.kind for message in services.messages_for(person)} == {"certified", "resumed"}

    def test_an_undone_pause_is_an_apology(self, person, on_day):
        on_day(date(2026, 10, 15))
        first, second = make_staff("supervisor"), make_staff("supervisor")
        office.undo(office.confirm(office.propose(first), second), first)
        assert kinds(person) == ["paused", "undone"]
        services.print_letters(Actor.SYSTEM)
        assert Notice.objects.get(kind="paused", transport="letter").state == Notice.State.WITHDRAWN

    def test_a_review_that_was_not_decided_asks_for_a_visit(self, person, on_day):
        refer_to_clerk(person, Actor("person"), "cannot turn her head")
        on_day(date(2026, 10, 31))
        expire_cases(date(2026, 10, 31))
        assert ReviewCase.objects.get().state == ReviewCase.State.IN_PERSON
        assert kinds(person) == ["in_person"]


def test_no_pause_before_three_contacts_on_two_channels(on_day):
    """The preset rolling-12-months, from the first reminder to the release by two people."""
    person = make_person(address=ADDRESS)
    on_day(date(2026, 7, 1))
    open_cycle(2026, Actor.SYSTEM, "rolling-12-months")
    first, second = make_staff("supervisor"), make_staff("supervisor")
    city = Area.objects.get(code=CITY)

    def left_out(day: date) -> dict[str, int]:
        on_day(day)
        return dry_run(day, city, None).left_out

    assert left_out(date(2027, 1, 30)) == {"not_yet_due": 1, "contacts_missing": 1}
    for day in (date(2026, 12, 1), date(2027, 1, 10), date(2027, 1, 31)):
        on_day(day)
        remind(person)
        services.post_run(services.print_letters(Actor.SYSTEM), Actor.SYSTEM)
        work()
    assert [channel for _, channel in contacts(person)] == ["letter"] * 3
    assert left_out(date(2027, 2, 1)) == {"contacts_missing": 1}  # three, but on one channel
    with pytest.raises(office.services.Refused):
        office.propose(first)
    services.log_contact(current_obligation(person), "phone", Actor.staff(first))
    assert left_out(date(2027, 2, 1)) == {}
    office.confirm(office.propose(first), second)
    assert office.state(person) == ("paused", "paused")
    on_day(date(2027, 3, 1))
    office.certified(person)
    assert office.orders(person) == [("pause", "2027-02", 0), ("resume", "2027-03", 300_000)]


class TestLetters:
    @pytest.fixture
    def station(self, person):
        return ServicePoint.objects.create(
            area_id=DISTRICT,
            name="五里牌街道服务站",
            address="车站北路 459 号",
            phone="0731-84683600",
            hours="周一至周五 9:00-17:00",
        )

    def notices(self, person) -> list[Notice]:
        bodies = {
            Kind.REMINDER: [
                {"variant": "due", "due": "2026-09-30"},
                {"variant": "overdue", "due": "2026-09-30"},
            ],
            Kind.IN_PERSON: [{}],
            Kind.PAUSED: [{"variant": rule, "month": "2026-11"} for rule in ("back_pay", "month_after")],
            Kind.RESUMED: [
                {"variant": each, "month": "2026-12", "arrears_fen": 123456789}
                for each in ("arrears", "plain")
            ],
            Kind.UNDONE: [
                {"variant": each, "month": "2026-12", "arrears_fen": 600000} for each in ("arrears", "plain")
            ],
            Kind.MADE_GOOD: [{"month": "2026-12", "arrears_fen": 600000}],
            Kind.CONDOLENCE: [
                {"variant": each, "month": "2026-12", "died_on": "2026-08-14", "overpaid_fen": 1264000}
                for each in ("overpaid", "plain")
            ]
            + [{"variant": "paused", "month": "2026-12", "died_on": "2026-11-14", "paused": "2026-10"}],
            Kind.ESTATE_CLAIM: [{"month": "2026-12", "overpaid_fen": 123456789}],
            Kind.ESTATE_OWED: [{"arrears_fen": 123456789}],
            Kind.SAMPLE_ASKED: [{"day": "2026-10-01"}],
            Kind.RECEIVED_REFUSED: [{"day": "2026-10-01", "receipt": "12345-200"}],
            Kind.FORM_REJECTED: [
                {
                    "by": "2026-10-01",
                    "mend_says": ["mail.mend_no_seal", "mail.mend_no_date", "mail.mend_agent_papers"],
                    "note": "请让工作人员写清楚姓名。",
                },
                {"by": "2026-10-01", "mend_says": [], "note": "请让工作人员写清楚姓名。"},
                {
                    "variant": "numbered",
                    "number": "2026-000017-4",
                    "by": "2026-10-01",
                    "mend_says": ["mail.mend_no_seal", "mail.mend_no_date", "mail.mend_agent_papers"],
                    "note": "请让工作人员写清楚姓名。",
                },
                {
                    "variant": "newspaper",
                    "by": "2026-10-01",
                    "mend_says": ["mail.mend_face_unclear", "mail.mend_other_face", "mail.mend_copied"],
                    "note": "",
                },
            ],
            Kind.HELPER_NAMED: [{"helper": "欧*****娜"}],
        }
        return [
            Notice(
                pk=number, person=person, kind=kind, transport="letter", body=body | {"dated": "2026-11-24"}
            )
            for number, (kind, body) in enumerate(
                ((kind, body) for kind in bodies for body in bodies[kind]), start=1
            )
        ]

    def test_every_letter_is_one_page(self, person, station, settings):
        settings.BASE_URL = "https://pension.changsha.example/certify"
        person.name, person.address = "欧阳上官淑珍", f"湖南省{ADDRESS} 天心花园小区 3 栋 2 单元 1204 室"
        every = self.notices(person)
        assert {notice.kind for notice in every} == letter.KINDS
        pdf = services.letters(every)
        assert f"/Type/Pages/Count {len(every)}/".encode() in pdf
        assert services.letters(every[:1], "en") != services.letters(every[:1])

    def test_no_name_or_address_is_taken_for_markup(self, person, station):
        person.name, person.address = '#panic("x") *丰* \\', '$#import "a.typ"$ [[ 1 号'
        assert services.letters(self.notices(person)).startswith(b"%PDF")

    def test_every_kind_of_notice_has_its_words_by_every_transport(self, person):
        for notice in self.notices(person):
            for part in ("title", "letter", *(["page"] if notice.kind in page.KINDS else [])):
                assert words(notice, part, "zh")
                assert words(notice, part, "en")
        assert "certified_page" in {code.removeprefix("notices.") for code in sentences()}

    def test_the_postcode_stands_first_and_the_nearest_station_is_named(self, person, station):
        person.address = "长沙市芙蓉区解放东路 18 号 410001"
        place = ["410001", "长沙市芙蓉区解放东路 18 号"]
        assert letter._address(Notice(person=person, kind="paused")) == [*place, "张三丰 收"]
        assert letter._address(Notice(person=person, kind="condolence")) == [*place, "张三丰 家属 收"]
        ServicePoint.objects.create(area_id=CITY, name="市级", address="x", phone="1", hours="y")
        assert letter.nearest(person, letter.stations()) == station

    def test_several_are_made_at_once(self, person, station, monkeypatch):
        """In the threads of one server process."""
        every, points = self.notices(person), letter.stations()
        monkeypatch.setattr(letter, "stations", lambda: points)
        with ThreadPoolExecutor(4) as threads:
            made = list(threads.map(lambda _: len(letter.render(every)), range(8)))
        assert len(set(made)) == 1


def test_a_transport_is_a_file_of_the_folder():
    assert set(transports()) == {"letter", "page", "sms"}
    for transport in transports().values():
        assert set(Kind) >= transport.KINDS
