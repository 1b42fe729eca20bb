"""A scheme's rules as data: when people certify, when payment may stop, how it comes back.

Offices differ and the law moves, so a cycle is a ``Policy`` value that is stored with the cycle it
governed, not code. Two presets ship: what Changsha did in 2013, and what the ministry asks since 2018.
Numbers that no source gives (cut-off day, grace, newcomers' days, days of a review, cap, strength and age of
signs, share of samples, people a helper acts for, strength of papers) are proposals of this project; an
office sets its own.
Signs of life from other offices certify nobody in either preset: that takes an agreement with those offices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, get_type_hints

from .months import Month, MonthDay, a_year_after
from .plain import from_plain, to_plain


class CycleKind(StrEnum):
    NATURAL_YEAR = "natural_year"  # 自然年度: once in each calendar year, by the window's last day
    ROLLING = "rolling"  # 滚动: within twelve months of the last certification


class ResumptionRule(StrEnum):
    """From when a person who certified after a pause is paid. Cities do either."""

    MONTH_AFTER = "month_after"  # 次月恢复: from the month after the certification, nothing before
    BACK_PAY = "back_pay"  # 补发: from the month of the stop


class LightRule(StrEnum):
    """Whether the page throws colours on the face of who certifies at home, and what comes of it."""

    OFF = "off"
    OFFERED = "offered"  # who shows none of them, as in daylight, certifies all the same
    REQUIRED = "required"  # who shows none of them is looked at by a clerk


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in Chinese and in English, neither empty."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not (self.zh.strip() and self.en.strip()):
            raise ValueError("the text must stand in Chinese and in English")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of a policy. ``code`` is ``missing``, ``unknown`` or ``invalid``.

    The sentence for the office is ``entitlement.policy_<code>``, with ``field`` and ``expected``: what may
    stand there, in signs that need no translation (``0..366``, ``MM-DD``).
    """

    field: str
    code: str
    expected: str = ""

    def __str__(self) -> str:
        return f"{self.field} is {self.code}" + (f", expected {self.expected}" if self.expected else "")


class PolicyError(ValueError):
    """A policy that cannot govern a cycle. ``problems`` names every wrong field."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


_BOUNDS = {
    "grace_days": (0, 366),
    "newcomer_days": (0, 366),
    "contacts_required": (0, 20),
    "contact_channels_required": (0, 20),
    "payroll_cutoff_day": (1, 31),
    "arrears_instalments": (1, 36),
    "review_hold_days": (1, 366),
    "area_batch_cap_percent": (1, 100),
    "match_strength": (0, 9),
    "match_days": (1, 366),
    "employer_sample_percent": (0, 100),
    "helper_people_most": (1, 50),
    "letter_strength": (0, 3),
    "newspaper_strength": (0, 3),
    "newspaper_days": (1, 366),
}


def _expected(field: str, kind: type) -> str:
    """What may stand in ``field`` of type ``kind``, in signs that need no translation."""
    if field in _BOUNDS:
        return "{}..{}".format(*_BOUNDS[field])
    if issubclass(kind, StrEnum):
        return " | ".join(kind)
    signs = {str: '"..."', bool: "true | false", MonthDay: "MM-DD", Bilingual: '{"zh": "...", "en": "..."}'}
    return signs[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one scheme. Raises PolicyError when they contradict themselves."""

    name: str
    cycle_kind: CycleKind
    window_start: MonthDay  # first day of the concentrated window 集中认证时间
    window_end: MonthDay  # its last day: the deadline; not before the start
    grace_days: int  # whole days after the due date before a pause may be ordered, 0-366
    newcomer_days: int  # days that who joins after the cycle was opened has at least, 0-366
    contacts_required: int  # logged contacts before a pause, 0-20
    contact_channels_required: int  # on how many different channels, 0 to contacts_required
    payroll_cutoff_day: int  # day of month, 1-31; later orders take effect a month later
    resumption: ResumptionRule
    arrears_instalments: int  # arrears are paid in at most so many monthly instalments, 1-36
    review_hold_days: int  # days an undecided review of failed attempts holds the pause, 1-366
    self_enrolment_allowed: bool  # may people model their own face 人脸建模 without a clerk
    area_batch_cap_percent: int  # at most this share of an area's people in one batch of pauses, 1-100
    two_person_release: bool  # must a second member of staff release a batch of pauses
    match_strength: int  # trust of other offices' signs of life that together certify, 1-9; 0: none ever do
    match_days: int  # the oldest such sign that counts, in days, 1-366
    employer_sample_percent: int  # of those on an employer's list, the share asked for their face, 0-100
    helper_people_most: int  # one helper acts for at most so many people, 1-50
    letter_strength: int  # of a stamped letter; papers that come to 3 together certify; 0: not taken
    newspaper_strength: int  # of a photograph with a newspaper, likewise, 0-3
    newspaper_days: int  # how old that newspaper may be when it arrives, in days, 1-366
    light: LightRule  # whether colours of the screen must be seen on the face at home
    stop_rule_text: Bilingual  # how the office tells people when payment stops and how it resumes

    def __post_init__(self) -> None:
        bounds = {**_BOUNDS, "contact_channels_required": (0, self.contacts_required)}
        problems = [
            Problem(field, "invalid", f"{low}..{high}")
            for field, (low, high) in bounds.items()
            if not low <= getattr(self, field) <= high
        ]
        if not self.name.strip():
            problems.append(Problem("name", "invalid", _expected("name", str)))
        if self.window_end < self.window_start:
            problems.append(Problem("window_end", "invalid", f"{self.window_start}..12-31"))
        if problems:
            raise PolicyError(tuple(problems))

    def to_dict(self) -> dict[str, Any]:
        """The policy as JSON values; ``from_dict`` reads it back equal."""
        return to_plain(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Policy:
        """The policy written in ``plain``. Raises PolicyError naming every field that is wrong."""
        names = [field.name for field in fields(cls)]
        problems = [Problem(name, "missing") for name in names if name not in plain]
        problems += [Problem(str(name), "unknown") for name in plain if name not in names]
        types = get_type_hints(cls)
        values: dict[str, Any] = {}
        for name in names:
            if name in plain:
                try:
                    values[name] = from_plain(types[name], plain[name])
                except ValueError:
                    problems.append(Problem(name, "invalid", _expected(name, types[name])))
        if problems:
            raise PolicyError(tuple(problems))
        return cls(**values)

    def area_batch_cap(self, people: int) -> int:
        """How many of an area's ``people`` one batch may pause: the policy's share, and at least one.

        A batch beyond it is more likely a broken import than so many lapses at once.
        """
        return max(1, people * self.area_batch_cap_percent // 100)


@dataclass(frozen=True, slots=True)
class CycleDates:
    """The days of one cycle. A certification counts for it from ``opens`` on."""

    year: int
    opens: date
    window_start: date
    deadline: date  # the last day in time


def cycle_for(policy: Policy, year: int) -> CycleDates:
    """The cycle of ``year``: it opens on 1 January, and the policy's window lies in it.

    Source: the Changsha practice of 2013, one certification per natural year, concentrated from 1 July
    to 30 September. Under 人社厅发〔2018〕54号 no window is forced: a certification at any time of the
    year counts, and the rolling preset's window is the whole year.
    """
    return CycleDates(
        year, date(year, 1, 1), policy.window_start.in_year(year), policy.window_end.in_year(year)
    )


def due_date(policy: Policy, cycle: CycleDates, last_certified: date | None) -> date:
    """The last day on which a person certifies in time.

    Natural year: the cycle's deadline, for everybody (Changsha, 2013). Rolling: twelve months after the
    last certification (the project's reading of 人社厅发〔2018〕54号, which forces no window), never
    before the cycle opens, so that an old date in a roster is not overdue for years; the cycle's
    deadline for a person never certified.
    """
    if policy.cycle_kind is CycleKind.NATURAL_YEAR or last_certified is None:
        return cycle.deadline
    return max(a_year_after(last_certified), cycle.opens)


def effective_month(policy: Policy, decided_on: date) -> Month:
    """The first payroll an order decided on ``decided_on`` still reaches.

    Up to and including the cut-off day it is the month's own payroll, afterwards the next month's.
    """
    month = Month.of(decided_on)
    return month if decided_on.day <= policy.payroll_cutoff_day else month + 1


def pausable_from(policy: Policy, due: date) -> date:
    """The first day on which a pause may be ordered for a duty that was ``due``."""
    return due + timedelta(days=policy.grace_days + 1)


PRESETS: Mapping[str, Policy] = {
    # The Changsha system of 2013: the date alone stops payment, and arrears run from the month of the stop.
    "changsha-2013": Policy(
        name="changsha-2013",
        cycle_kind=CycleKind.NATURAL_YEAR,
        window_start=MonthDay(7, 1),
        window_end=MonthDay(9, 30),
        grace_days=0,
        newcomer_days=60,
        contacts_required=0,
        contact_channels_required=0,
        payroll_cutoff_day=10,
        resumption=ResumptionRule.BACK_PAY,
        arrears_instalments=1,
        review_hold_days=30,
        self_enrolment_allowed=False,
        area_batch_cap_percent=100,
        two_person_release=False,
        match_strength=0,
        match_days=90,
        employer_sample_percent=10,
        helper_people_most=5,
        letter_strength=3,
        newspaper_strength=1,
        newspaper_days=30,
        light=LightRule.OFF,
        stop_rule_text=Bilingual(
            zh="每年7月1日至9月30日为集中认证时间。逾期未认证的，社会保险系统自动停发养老金；"
            "认证后恢复发放，并从停发之月起补发。",
            en="Certification is concentrated from 1 July to 30 September each year. The social-insurance "
            "system stops the pension of anyone not certified by then automatically; once certified, it is "
            "paid again, with arrears from the month of the stop.",
        ),
    ),
    # 人社厅发〔2018〕54号 and 社会保险经办条例: no forced window, and nobody is paused who was not reminded
    # at least three times on at least two channels.
    "rolling-12-months": Policy(
        name="rolling-12-months",
        cycle_kind=CycleKind.ROLLING,
        window_start=MonthDay(1, 1),
        window_end=MonthDay(12, 31),
        grace_days=30,
        newcomer_days=60,
        contacts_required=3,
        contact_channels_required=2,
        payroll_cutoff_day=10,
        resumption=ResumptionRule.BACK_PAY,
        arrears_instalments=1,
        review_hold_days=30,
        self_enrolment_allowed=False,
        area_batch_cap_percent=5,
        two_person_release=True,
        match_strength=0,
        match_days=90,
        employer_sample_percent=10,
        helper_people_most=5,
        letter_strength=2,
        newspaper_strength=1,
        newspaper_days=30,
        light=LightRule.OFF,
        stop_rule_text=Bilingual(
            zh="每12个月认证一次，时间、地点、方式不限。到期30天后仍未认证，且经至少两种方式联系至少三次的，"
            "方可暂停发放养老金；认证后恢复发放，并从停发之月起补发。",
            en="Certify once every 12 months, at any time, anywhere, by any method. Only when 30 days have "
            "passed after the due date, and we have contacted you at least three times on at least two "
            "channels, may the pension be paused; once certified, it is paid again, with arrears from the "
            "month of the pause.",
        ),
    ),
}
