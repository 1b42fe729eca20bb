from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from jianzai.channels.online.models import SignInFailures
from jianzai.channels.online.services import forget_failures

from .conftest import NAME, NUMBER

STRANGER = "430102194807053012"  # a valid number that nobody here has


def sign_in(client, name=NAME, number=NUMBER, **extra):
    return client.post("/sign-in", {"name": name, "number": number}, **extra)


def wait_over():
    SignInFailures.objects.update(last=timezone.now() - timedelta(seconds=31))


def text_of(response):
    """The page without the form token and without what was typed."""
    page = response.content.decode()
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "value=" not in line]


def test_name_and_number_lead_to_the_persons_page(client, cycle):
    response = sign_in(client)
    assert response["Location"] == "/me"
    assert NAME in client.get("/me").content.decode()


@pytest.mark.parametrize("way", ["/visit/", "/matching/", "/mail/form/elsewhere", "/station/helpers"])
def test_who_was_on_the_way_somewhere_gets_there(client, cycle, way):
    there = client.get(way)["Location"]
    page = client.get(there).content.decode()
    assert f'action="{there}"' in page
    answer = client.post(there, {"name": NAME, "number": "1"})
    assert f'action="{there}"' in answer.content.decode()
    answer = client.post(there, {"name": NAME, "number": NUMBER})
    assert answer["Location"] == way
    assert client.get(way).status_code == 200


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:1", ""]
)
def test_nobody_is_led_off_the_site(client, cycle, to):
    answer = client.post("/sign-in?" + urlencode({"to": to}), {"name": NAME, "number": NUMBER})
    assert answer["Location"] == "/me"


@pytest.mark.parametrize(
    "number", [" 430102 19500312 6620 ", "４３０１０２１９５００３１２６６２０", "430102500312662"]
)
def test_the_number_may_be_typed_with_spaces_in_wide_digits_or_as_it_was_before_1999(client, cycle, number):
    assert sign_in(client, number=number)["Location"] == "/me"


def test_a_wrong_name_and_an_unknown_number_read_alike(client, cycle):
    wrong_name = sign_in(client, name="李秀兰")
    unknown = sign_in(client, number=STRANGER)
    assert wrong_name.status_code == unknown.status_code == 200
    assert text_of(wrong_name) == text_of(unknown)


def test_an_empty_form_counts_as_no_failure(client, cycle):
    for _ in range(12):
        assert sign_in(client, name="").status_code == 200
    assert sign_in(client).status_code == 302


@pytest.mark.parametrize("number", [NUMBER, STRANGER])
def test_five_failures_then_half_a_minute_whether_or_not_the_number_exists(client, cycle, number):
    for _ in range(5):
        assert sign_in(client, name="李秀兰", number=number).status_code == 200
    response = sign_in(client, name="李秀兰", number=number)
    assert response.status_code == 429
    assert "30" in response.content.decode()


def test_while_waiting_even_the_right_name_is_not_tried(client, cycle):
    for _ in range(5):
        sign_in(client, name="李秀兰")
    assert sign_in(client).status_code == 429
    wait_over()
    assert sign_in(client).status_code == 302


def test_success_forgives_the_number(client, cycle):
    for _ in range(4):
        sign_in(client, name="李秀兰")
    assert sign_in(client).status_code == 302
    assert sign_in(client, name="李秀兰").status_code == 200


def test_after_ten_failures_only_a_clerk_helps(client, cycle):
    for _ in range(10):
        sign_in(client, name="李秀兰")
        wait_over()
    response = sign_in(client)
    assert response.status_code == 429
    assert 'href="/ways"' in response.content.decode()
    assert 'name="number"' not in response.content.decode()


def test_another_browser_and_another_address_do_not_reset_the_number(client, cycle):
    for _ in range(5):
        sign_in(client, name="李秀兰")
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.9").status_code == 429


def test_one_address_cannot_try_number_after_number(client, cycle):
    for order in range(20):
        assert sign_in(client, number=f"4301021948070530{order:02d}").status_code == 200
    assert sign_in(client, number="430102194807053099").status_code == 429
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.9").status_code == 302


def test_success_does_not_forgive_the_address(client, cycle):
    for order in range(19):
        sign_in(client, number=f"4301021948070530{order:02d}")
    assert sign_in(client).status_code == 302
    sign_in(client, number="430102194807053077")
    assert sign_in(client).status_code == 429


def test_nothing_typed_is_kept_in_the_clear(client, cycle):
    sign_in(client, name="李秀兰")
    kept = b"".join(bytes(row.key) for row in SignInFailures.objects.all())
    assert kept
    assert NUMBER.encode() not in kept


def test_old_counts_are_deleted(client, cycle):
    sign_in(client, name="李秀兰")
    assert forget_failures(timezone.now()) == 0
    assert forget_failures(timezone.now() + timedelta(hours=25)) == 2
    assert not SignInFailures.objects.exists()


def test_signing_in_changes_the_session_and_signing_out_ends_the_visit(client, cycle):
    sign_in(client)
    before = client.cookies["sessionid"].value
    sign_in(client)
    assert client.cookies["sessionid"].value != before
    client.post("/sign-out")
    assert client.get("/me")["Location"] == "/sign-in"
