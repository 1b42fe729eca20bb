"""Who gets in, and who does not."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from jianzai.audit.models import AuditEntry
from jianzai.console import lockout
from jianzai.console.models import SignInFailures
from jianzai.sentences import say
from tests.people import PASSWORD, make_staff

SIGN_IN = "/console/sign-in"
pytestmark = pytest.mark.django_db


def try_in(client: Client, username: str, password: str = PASSWORD, **more):
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    return f"{totp(device.bin_key, t0=-steps * 30):06d}"


def test_the_right_password_opens_the_page_that_was_asked_for(client, clerk):
    asked = client.get("/console/review")
    assert asked["Location"].startswith(SIGN_IN)
    answer = try_in(client, "clerk", next="/console/review")
    assert answer["Location"] == "/console/review"
    assert client.get("/console/review").status_code == 200
    assert AuditEntry.objects.filter(act="console.signed_in", actor="staff:clerk").count() == 1


def test_nobody_is_sent_to_another_site(client, clerk):
    assert try_in(client, "clerk", next="https://example.org/")["Location"] == reverse("console:home")
    client.logout()
    assert try_in(client, "clerk", next="//example.org/")["Location"] == reverse("console:home")


def test_a_wrong_password_and_an_unknown_name_look_alike_and_keep_what_was_typed(client, clerk):
    wrong, unknown = try_in(client, "clerk", "x"), try_in(client, "nobody", "x")
    assert wrong.status_code == unknown.status_code == 422
    assert say("console.sign_in_wrong") in wrong.text
    assert say("console.sign_in_wrong") in unknown.text
    assert 'value="nobody"' in unknown.text
    assert 'value="x"' not in unknown.text  # never the password


def test_an_account_without_staff_does_not_get_in(client, django_user_model):
    django_user_model.objects.create_user("visitor", password=PASSWORD)
    assert try_in(client, "visitor").status_code == 422


def test_after_five_failures_even_the_right_password_waits_and_then_opens(client, clerk):
    for _ in range(lockout.FREE_PER_USERNAME):
        try_in(client, "clerk", "x")
    assert try_in(client, "clerk").status_code == 422
    assert client.get("/console/").status_code == 302
    SignInFailures.objects.update(last=timezone.now() - timedelta(seconds=31))
    assert try_in(client, "clerk").status_code == 302
    assert client.get("/console/").status_code == 200


def test_the_wait_doubles_up_to_an_hour_and_names_that_do_not_exist_wait_alike(client):
    for failures, seconds in ((5, 30), (6, 60), (8, 240), (40, 3600)):
        SignInFailures.objects.all().delete()
        for _ in range(failures):
            lockout.count_failure("nobody", None)
        left = (lockout.locked_until("nobody", None) - timezone.now()).total_seconds()
        assert seconds - 5 < left <= seconds


def test_one_address_cannot_go_through_many_names(client):
    for number in range(lockout.FREE_PER_ADDRESS):
        assert lockout.locked_until(f"name{number}", "192.0.2.7") is None
        lockout.count_failure(f"name{number}", "192.0.2.7")
    assert lockout.locked_until("another", "192.0.2.7")
    assert lockout.locked_until("another", "192.0.2.8") is None


def test_a_supervisor_outside_the_demo_sets_up_an_authenticator_before_anything_opens(
    client, supervisor, settings
):
    settings.DEMO = False
    assert try_in(client, "supervisor")["Location"] == reverse("console:second-factor")
    assert client.get("/console/cycle").status_code == 302  # the password alone opens nothing
    assert client.get(reverse("console:second-factor"))["Location"] == reverse("console:set-up")
    page = client.get(reverse("console:set-up"))
    assert "<svg" in page.text
    device = TOTPDevice.objects.get(user=supervisor.user)
    assert client.post(reverse("console:set-up"), {"code": "000000"}).status_code == 422
    device.refresh_from_db()
    device.throttle_reset()
    answer = client.post(reverse("console:set-up"), {"code": code_of(device)})
    assert answer["Location"] == reverse("console:backup-codes")
    assert len(client.get(reverse("console:backup-codes")).context["codes"]) == 10
    assert client.post(reverse("console:backup-codes"))["Location"] == reverse("console:home")
    assert (
        client.get(reverse("console:backup-codes")).status_code == 302
    )  # shown until written down, no longer
    assert client.get("/console/cycle").status_code == 200


@pytest.fixture
def with_authenticator(supervisor):
    return TOTPDevice.objects.create(user=supervisor.user, name="app", confirmed=True)


def test_a_code_opens_once_and_is_not_taken_again(client, supervisor, with_authenticator):
    code = code_of(with_authenticator)
    try_in(client, "supervisor")
    assert client.post(reverse("console:second-factor"), {"code": code})["Location"] == reverse(
        "console:home"
    )
    other = Client()
    try_in(other, "supervisor")
    assert other.post(reverse("console:second-factor"), {"code": code}).status_code == 422
    assert other.get("/console/cycle").status_code == 302


def test_the_second_step_is_asked_of_whoever_has_an_authenticator_also_in_the_demo(
    client, with_authenticator
):
    assert try_in(client, "supervisor")["Location"] == reverse("console:second-factor")
    assert client.get("/console/cycle").status_code == 302


def test_the_password_of_a_while_ago_is_no_longer_half_a_sign_in(client, with_authenticator):
    try_in(client, "supervisor")
    session = client.session
    session["console_pending"] = session["console_pending"] | {"at": time.time() - 11 * 60}
    session.save()
    answer = client.post(reverse("console:second-factor"), {"code": code_of(with_authenticator)})
    assert answer["Location"] == reverse("console:sign-in")


def test_wrong_codes_count_towards_the_lockout(client, with_authenticator):
    try_in(client, "supervisor")
    for _ in range(lockout.FREE_PER_USERNAME):
        client.post(reverse("console:second-factor"), {"code": "000000"})
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    answer = client.post(reverse("console:second-factor"), {"code": code_of(with_authenticator)})
    assert answer.status_code == 422


def test_a_backup_code_works_once(client, supervisor, with_authenticator):
    from jianzai.audit.services import Actor
    from jianzai.console import authenticator

    code = authenticator.renew_backup_codes(supervisor.user, Actor.SYSTEM)[3]
    for expected in (302, 422):
        fresh = Client()
        try_in(fresh, "supervisor")
        assert (
            fresh.post(reverse("console:second-factor"), {"code": f" {code.upper()} "}).status_code
            == expected
        )


def test_whoever_is_disabled_is_out_at_once(client, administrator):
    clerk = make_staff("clerk", username="other")
    theirs = Client()
    try_in(theirs, "other")
    assert theirs.get("/console/").status_code == 200
    client.force_login(administrator.user)
    client.post(reverse("console:member-active", args=[clerk.pk]), {"active": "no"})
    assert theirs.get("/console/").status_code == 302
    assert try_in(Client(), "other").status_code == 422
    client.post(reverse("console:member-active", args=[clerk.pk]), {"active": "yes"})
    assert try_in(Client(), "other").status_code == 302


def test_signing_out_ends_the_session(client, clerk):
    try_in(client, "clerk")
    client.post(reverse("console:sign-out"))
    assert client.get("/console/").status_code == 302
