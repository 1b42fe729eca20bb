"""What is found about a sheet: each rule says yes, no, or that it cannot tell, and no only when it can."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from jianzai.channels.mail.layouts import FieldType, layout
from jianzai.channels.mail.payload import NOBODY, Kind, Payload, form_number
from jianzai.channels.mail.reading import (
    RULES,
    TICKS,
    Expected,
    Field,
    Reading,
    Rules,
    Seal,
    Shape,
    check_sheet,
    is_theirs,
)

TODAY, OPENS = date(2026, 9, 20), date(2026, 1, 1)
POLICY = Rules(2026, OPENS, TODAY)
BOX = (0, 0, 100, 50)
NUMBER = form_number(2026, 7)
FOLLOWS = {"alive": {"one_box"}, "one_box": {"alive"}}


def expected(**other) -> Expected:
    known = {
        "name": "欧阳凤莲",
        "identity": "430102194803020029",
        "token": "ABCDEFGHIJ",
        "form_number": NUMBER,
        "personal_number": "4301000123456",
        "attesters": ("香港工会联合会", "*街道办事处", "中国驻纽约总领事馆"),
        "used_numbers": frozenset({"HK 000 111"}),
    }
    return Expected(**(known | other))


def in_order(kind: Kind) -> Reading:
    """A sheet with which nothing is wrong."""
    texts = {
        "name": "欧阳凤莲",
        "identity": "430102194803020029",
        "personal_number": "4301000123456",
        "attester": "香港工会联合会",
        "certificate_number": "HK 000 222",
        "died_on": "年月日",
    } | dict.fromkeys(("signed_on", "appeared_on", "attested_on"), "2026年8月15日")
    boxes = {field.name: field.type for field in layout(kind).fields if not field.stub}
    return Reading(
        pages=(),
        straight=True,
        payload=Payload(NUMBER, kind, 2026, "ABCDEFGHIJ"),
        form_number=NUMBER,
        kind=kind,
        asked=frozenset(boxes),
        fields={
            name: Field(texts.get(name, ""), 0.99 if texts.get(name) else 0.0, BOX)
            for name, type_ in boxes.items()
            if type_ in (FieldType.TEXT, FieldType.DATE)
        },
        ticks={name: name == "alive" for name in TICKS if name in boxes},
        seals=(Seal(BOX, Shape.ROUND, 0.02, inside=True),),
        signature=True,
        photo_there=True,
    )


def told(reading: Reading, **other) -> dict[str, bool | None]:
    return {finding.rule: finding.ok for finding in check_sheet(reading, expected(**other), POLICY)}


def written(reading: Reading, name: str, text: str, confidence: float = 0.99) -> Reading:
    return replace(reading, fields={**reading.fields, name: Field(text, confidence if text else 0.0, BOX)})


kinds = st.sampled_from([Kind.ELSEWHERE, Kind.HMT, Kind.ABROAD, Kind.ABROAD_2013])


@pytest.mark.parametrize("kind", [Kind.ELSEWHERE, Kind.HMT, Kind.ABROAD, Kind.ABROAD_2013])
def test_with_a_sheet_in_order_every_rule_agrees(kind):
    assert set(told(in_order(kind)).values()) == {True}
    assert is_theirs(in_order(kind), expected())


def test_every_rule_has_the_name_of_its_finding():
    names = {rule.__name__ for rule in RULES}
    for kind in (Kind.ELSEWHERE, Kind.ABROAD):
        assert set(told(in_order(kind))) <= names


WRONG = {
    "form": lambda sheet: replace(sheet, payload=replace(sheet.payload, person="KLMNOPQRST")),
    "year": lambda sheet: replace(sheet, payload=replace(sheet.payload, year=2025)),
    "name": lambda sheet: written(sheet, "name", "王建国"),
    "identity": lambda sheet: written(sheet, "identity", "430102194803020045"),
    "personal_number": lambda sheet: written(sheet, "personal_number", "4301000999999"),
    "photo": lambda sheet: replace(sheet, photo_there=False),
    "signature": lambda sheet: replace(sheet, signature=False),
    "seal": lambda sheet: replace(sheet, seals=()),
    "signed_on": lambda sheet: written(sheet, "signed_on", "年月日"),
    "attested_on": lambda sheet: written(sheet, "attested_on", "2026年9月21日"),
    "appeared_on": lambda sheet: written(sheet, "appeared_on", "2025年12月31日"),
    "attester": lambda sheet: written(sheet, "attester", "东方红旅行社"),
    "certificate_number": lambda sheet: written(sheet, "certificate_number", "HK000111"),
    "one_box": lambda sheet: replace(sheet, ticks={**sheet.ticks, "missing": True}),
    "alive": lambda sheet: replace(sheet, ticks={name: name == "missing" for name in TICKS}),
}


@given(kinds, st.sampled_from(sorted(WRONG)))
def test_one_thing_wrong_is_found_and_nothing_else_is_blamed(kind, rule):
    sheet = in_order(kind)
    if rule not in told(sheet):
        return
    findings = told(WRONG[rule](sheet))
    assert findings.pop(rule) is False
    blamed = {name for name, ok in findings.items() if ok is not True}
    assert blamed <= FOLLOWS.get(rule, set())


@given(kinds, st.sampled_from(sorted(WRONG)))
def test_a_sheet_that_does_not_lie_straight_is_not_blamed_for_what_was_not_seen(kind, rule):
    blank = replace(
        in_order(kind),
        straight=False,
        fields={name: Field("", 0.0, BOX) for name in in_order(kind).fields},
        ticks=dict.fromkeys(in_order(kind).ticks, False),
        seals=(),
        signature=False,
        photo_there=False,
    )
    assert False not in told(blank).values()


numbers = st.builds(
    lambda digits: digits + ric.calc_check_digit(digits + "0"),
    st.builds(
        lambda born, order: f"430102{born:%Y%m%d}{order:03d}",
        st.dates(date(1930, 1, 1), date(1966, 1, 1)),
        st.integers(0, 999),
    ),
)


@given(numbers, numbers)
def test_whose_number_is_another_is_never_taken_for_the_person(own, other):
    sheet = written(in_order(Kind.HMT), "identity", other)
    findings = told(sheet, identity=own)
    assert findings["identity"] is (own == other)
    assert is_theirs(sheet, expected(identity=own)) is (own == other)


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_digit_misread_cannot_be_told(own, place, digit):
    read = own[:place] + digit + own[place + 1 :]
    verdict = told(written(in_order(Kind.HMT), "identity", read), identity=own)["identity"]
    assert verdict is (True if read == own else None)


def test_a_number_of_fifteen_digits_is_the_one_of_eighteen():
    sheet = written(in_order(Kind.HMT), "identity", "430102480302002")
    assert told(sheet, identity="430102194803020029")["identity"] is True


@pytest.mark.parametrize(
    ("read", "ok"),
    [
        ("歐陽鳳蓮", True),
        ("欧阳 凤莲", True),
        ("欧阳·凤莲", True),
        ("欧阳凤连", None),  # sounds the same: a slip of the pen, or a variant
        ("欧阳凤英", False),
    ],
)
def test_names_are_compared_whatever_their_spelling(read, ok):
    assert told(written(in_order(Kind.HMT), "name", read))["name"] is ok


def test_a_name_that_was_badly_read_is_not_held_against_anybody():
    assert told(written(in_order(Kind.HMT), "name", "王建国", confidence=0.5))["name"] is None


def test_a_code_without_a_person_leaves_it_to_name_and_number():
    sheet = in_order(Kind.HMT)
    sheet = replace(sheet, payload=replace(sheet.payload, person=NOBODY))
    assert is_theirs(sheet, expected()) is True
    assert is_theirs(written(sheet, "name", "王建国"), expected()) is None
    assert is_theirs(written(written(sheet, "name", "王建国"), "identity", ""), expected()) is False


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_a_day_counts_from_the_opening_of_the_cycle_to_today(day):
    for text in (f"{day.year}年{day.month}月{day.day}日", f"{day:%Y-%m-%d}", f"{day:%Y.%m.%d}"):
        ok = told(written(in_order(Kind.HMT), "attested_on", text))["attested_on"]
        assert ok is (OPENS <= day <= TODAY)


@given(st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_an_agents_authority_lasts_thirty_days(day):
    sheet = written(written(in_order(Kind.ABROAD), "agent", "王建国"), "authority_on", day.isoformat())
    attested = date(2026, 8, 15)
    assert told(sheet)["authority"] is (attested - timedelta(days=30) <= day <= attested)


@given(st.integers(0, 10))
def test_an_agent_comes_for_three_years_in_a_row(years):
    sheet = written(in_order(Kind.HMT), "agent", "王建国")
    assert told(sheet, agent_years=years)["agent_years"] is (years < 3)


@given(st.dictionaries(st.sampled_from(TICKS), st.sampled_from([True, False, None]), min_size=4))
def test_boxes_agree_only_where_exactly_one_is_ticked(ticks):
    findings = told(replace(in_order(Kind.ELSEWHERE), ticks=ticks))
    ticked = [name for name in TICKS if ticks[name]]
    sure = None not in ticks.values()
    assert (findings["one_box"] is True) == (sure and len(ticked) == 1)
    assert (findings["alive"] is True) == (sure and ticked == ["alive"])
    if not sure and len(ticked) < 2:
        assert findings["one_box"] is None


@pytest.mark.parametrize(
    ("read", "ok"),
    [
        ("香港工會聯合會", True),
        ("香港工会联台会", True),
        ("深圳市福田区莲花街道办事处", True),
        ("中华人民共和国驻纽约总领馆", True),
        ("香港工会联谊社", None),
        ("东方红旅行社", False),
    ],
)
def test_who_attests_is_found_on_the_list(read, ok):
    assert told(written(in_order(Kind.HMT), "attester", read))["attester"] is ok


def test_a_scan_without_colours_has_no_red_seal_to_miss():
    sheet = replace(in_order(Kind.HMT), seals=())
    assert told(sheet)["seal"] is False
    assert told(replace(sheet, coloured=False))["seal"] is None
    assert told(replace(sheet, seals=(Seal(BOX, Shape.SQUARE, 0.02, inside=False),)))["seal"] is None
