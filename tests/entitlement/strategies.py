"""Policies as an office could set them."""

from datetime import date, timedelta

from hypothesis import strategies as st

from jianzai.entitlement import Bilingual, CycleKind, LightRule, MonthDay, Policy, ResumptionRule

days_of_every_year = st.integers(0, 364).map(lambda ahead: date(2001, 1, 1) + timedelta(days=ahead))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    start, end = sorted(draw(st.tuples(days_of_every_year, days_of_every_year)))
    contacts = draw(st.sampled_from([0, 0, 0, 1, 2, 3]))
    return Policy(
        name="drawn",
        cycle_kind=draw(st.sampled_from(CycleKind)),
        window_start=MonthDay(start.month, start.day),
        window_end=MonthDay(end.month, end.day),
        grace_days=draw(st.integers(0, 60)),
        newcomer_days=draw(st.integers(0, 90)),
        contacts_required=contacts,
        contact_channels_required=draw(st.integers(0, min(contacts, 2))),
        payroll_cutoff_day=draw(st.integers(1, 31)),
        resumption=draw(st.sampled_from(ResumptionRule)),
        arrears_instalments=draw(st.integers(1, 12)),
        review_hold_days=draw(st.integers(1, 40)),
        self_enrolment_allowed=draw(st.booleans()),
        area_batch_cap_percent=draw(st.integers(1, 100)),
        two_person_release=draw(st.booleans()),
        match_strength=draw(st.integers(0, 9)),
        match_days=draw(st.integers(1, 366)),
        employer_sample_percent=draw(st.integers(0, 100)),
        helper_people_most=draw(st.integers(1, 50)),
        letter_strength=draw(st.integers(0, 3)),
        newspaper_strength=draw(st.integers(0, 3)),
        newspaper_days=draw(st.integers(1, 366)),
        light=draw(st.sampled_from(LightRule)),
        stop_rule_text=Bilingual("逾期停发", "Stopped when overdue"),
    )
