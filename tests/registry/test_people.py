"""Adding, sealing and finding people and staff."""

from datetime import date

import pytest
from django.db import connection

from jianzai.audit.models import AuditEntry
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.queries import find_person, search
from jianzai.registry.services import Refused, add_person, create_staff, identity_number
from jianzai.vault import CannotOpen

from .people import PASSWORD, area, person, resident_number, staff

pytestmark = pytest.mark.django_db

BORN = date(1940, 5, 15)
NUMBER = resident_number(BORN, 452)


@pytest.fixture
def her():
    return add_person("1001", "阿依古丽•买买提", NUMBER, area(), monthly_fen=298000)


def test_sex_and_birth_date_come_from_the_number(her):
    assert (her.sex, her.birth_date) == ("F", BORN)
    assert her.name == "阿依古丽·买买提"
    assert AuditEntry.objects.get(act="registry.person_added").subject == str(her.key)


def test_the_number_is_nowhere_in_the_row(her):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(b)::text FROM registry_beneficiary b")
        (row,) = cursor.fetchone()
    assert NUMBER not in row
    assert NUMBER.encode().hex() not in row
    assert identity_number(her) == NUMBER


def test_a_number_moved_to_another_row_does_not_open(her):
    other = person()
    other.identity_sealed = her.identity_sealed
    with pytest.raises(CannotOpen):
        identity_number(other)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("阿依古丽·买买提", NUMBER),
        ("阿依古丽 买买提", NUMBER.lower()),
        ("阿依古丽．买买提", NUMBER[:6] + NUMBER[8:17]),
        ("阿依古丽・买买提", f" {NUMBER[:6]} {NUMBER[6:]} "),
    ],
)
def test_found_however_it_is_typed(her, name, number):
    assert find_person(name, number) == her


@pytest.mark.parametrize(
    ("name", "number"),
    [("阿依古丽", NUMBER), ("阿依古丽·买买提", resident_number(BORN, 454)), ("", ""), ("无", "")],
)
def test_not_found(her, name, number):
    assert find_person(name, number) is None


def test_looking_takes_one_query_found_or_not(her, django_assert_num_queries):
    for name, number in (("阿依古丽·买买提", NUMBER), ("别人", NUMBER), ("别人", "1")):
        with django_assert_num_queries(1):
            find_person(name, number)


def test_a_document_belongs_to_one_person(her):
    with pytest.raises(Refused) as refused:
        add_person("1002", "别人", NUMBER, area())
    assert refused.value.code == "registry.person_exists"
    assert Beneficiary.objects.count() == 1


def test_documents_without_a_birth_date_need_one():
    with pytest.raises(Refused) as refused:
        add_person("1", "John Smith", "E12345678", area(), identity_kind="passport")
    assert refused.value.code == "registry.sex_and_birth_date_needed"
    him = add_person(
        "1", "John Smith", "E12345678", area(), identity_kind="passport", sex="M", birth_date=BORN
    )
    assert find_person("john smith", "e 1234 5678") == him


def test_a_wrong_number_is_refused_with_its_reason():
    wrong = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")
    with pytest.raises(Refused, match="校验"):
        add_person("1", "张三丰", wrong, area())


@pytest.mark.parametrize(
    "text", ["阿依", "阿依古丽•买", "ayigu", "AYIGULI mai", "ayg", "10", NUMBER, NUMBER.lower(), " 1001 "]
)
def test_search_finds(her, text):
    person(name="赵德柱", personal_number="2002")
    assert list(search(staff(), text)) == [her]


@pytest.mark.parametrize("text", ["", "  ", "买买提", "yiguli", NUMBER[:12], "%", "_"])
def test_search_finds_nobody(her, text):
    assert not search(staff(), text).exists()


def test_search_stays_inside_the_area(her):
    assert not search(staff(where=area("430202000000", "荷塘区")), NUMBER).exists()


def test_staff_are_made_with_their_account():
    member = create_staff("wang", PASSWORD, "王敏", Staff.Role.CLERK, area().code)
    assert member.user.check_password(PASSWORD)
    assert AuditEntry.objects.get(act="registry.staff_added").details == {"username": "wang", "role": "clerk"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "12345"}, "account_refused"),
        ({"username": "li ming!"}, "account_refused"),
        ({"role": "emperor"}, "role_unknown"),
        ({"area": "990000000000"}, "area_unknown"),
        ({"role": "employer"}, "employer_role"),
        ({"employer": "湘江纺织厂"}, "employer_role"),
        ({"role": "employer", "employer": "湘江纺织厂"}, "employer_unknown"),
    ],
)
def test_bad_accounts_are_refused(changes, code):
    wanted = {"username": "li", "password": PASSWORD, "name": "李", "role": "clerk", "area": area()}
    with pytest.raises(Refused) as refused:
        create_staff(**{**wanted, **changes})
    assert refused.value.code == f"registry.{code}"
    assert not Staff.objects.exists()
    assert str(refused.value)


def test_a_user_name_is_taken_once():
    staff(username="li")
    with pytest.raises(Refused):
        staff(username="li", password=PASSWORD)
