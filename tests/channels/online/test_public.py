import pytest

from jianzai.certification.certificate import check_token, check_url
from jianzai.certification.models import Certification

from .conftest import NAME, NUMBER


@pytest.fixture
def certification(matched):
    return Certification.objects.get()


def test_the_code_on_a_certificate_shows_validity_masked_name_and_year(client, certification, settings):
    page = client.get(check_url(certification).removeprefix(settings.BASE_URL)).content.decode()
    assert "凭证有效" in page
    assert str(certification.obligation.cycle.year) in page
    for secret in (NAME, NUMBER, certification.person.personal_number):
        assert secret not in page


def test_the_two_numbers_may_be_typed(client, certification):
    token = check_token(certification.serial).lower()
    page = client.get("/check", {"serial": f" {certification.serial.lower()} ", "token": token})
    assert "凭证有效" in page.content.decode()


@pytest.mark.parametrize(
    ("serial", "token"), [("2026-0000000000", "AAAAAAAAAA"), (None, "AAAAAAAAAA"), (None, "凭证")]
)
def test_a_wrong_code_tells_nothing(client, certification, serial, token):
    page = client.get("/check", {"serial": serial or certification.serial, "token": token}).content.decode()
    assert "凭证无效" in page
    assert "*" not in page


def test_service_points_are_found_by_district(client, service_point):
    page = client.get("/ways", {"district": "430102000000"}).content.decode()
    assert service_point.name in page
    assert service_point.phone in page
    assert service_point.name not in client.get("/ways").content.decode()
    assert client.get("/ways", {"district": "%"}).status_code == 200


def test_the_front_page_says_when_payment_stops(client, cycle):
    assert cycle.policy["stop_rule_text"]["zh"] in client.get("/").content.decode()
