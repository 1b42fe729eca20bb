"""What every page carries: language, size of type, headers, and pages for errors."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import timezone

from jianzai.web import errors
from jianzai.web.tasks import forget_ended_visits
from jianzai.web.templatetags.say import say

pytestmark = pytest.mark.django_db


def broken(request):
    raise RuntimeError("on purpose")


urlpatterns = [path("broken", broken), path("", include("jianzai.urls"))]
handler500 = errors.server_error


def test_the_language_is_switched_and_remembered(client):
    assert 'lang="zh-Hans"' in client.get("/").content.decode()
    assert client.post("/language", {"language": "en", "next": "/ways?a=1"})["Location"] == "/ways?a=1"
    page = client.get("/").content.decode()
    assert '<html lang="en"' in page
    assert "Confirm now" in page


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "", "javascript:alert(1)"])
def test_switching_never_leads_to_another_site(client, elsewhere):
    assert client.post("/language", {"language": "en", "next": elsewhere})["Location"] == "/"


def test_an_unknown_language_or_size_is_the_first(client):
    client.post("/language", {"language": "xx"})
    client.post("/text-size", {"size": "9"})
    assert '<html lang="zh-Hans" class="size-1"' in client.get("/").content.decode()


def test_the_size_of_type_is_remembered(client):
    client.post("/text-size", {"size": "3"})
    assert 'class="size-3"' in client.get("/").content.decode()
    assert client.cookies["text_size"]["max-age"] == 365 * 24 * 3600


def test_no_page_is_kept_by_a_shared_computer_and_scripts_stand_in_files(client):
    response = client.get("/")
    assert response["Cache-Control"] == "no-store"
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert "<script>" not in response.content.decode()
    assert " style=" not in response.content.decode()


def test_a_missing_page_says_what_to_do(client):
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert say("web.error_404_next") in response.content.decode()


@pytest.mark.urls("tests.web.test_frame")
def test_a_failure_is_ours_and_says_so():
    response = Client(raise_request_exception=False).get("/broken")
    assert response.status_code == 500
    assert say("web.error_500") in response.content.decode()


@pytest.mark.parametrize(
    ("view", "status"), [(errors.bad_request, 400), (errors.permission_denied, 403), (errors.not_found, 404)]
)
def test_error_pages_ask_nothing_of_the_database(view, status, django_assert_num_queries):
    request = RequestFactory().get("/")
    with django_assert_num_queries(0):
        assert view(request, None).status_code == status


def test_staff_are_led_back_to_their_console(client):
    page = client.get("/console/no-such-page")
    assert page.status_code == 404
    text = page.content.decode()
    assert say("web.error_404_staff") in text
    assert 'href="/console/"' in text
    assert 'class="button" href="/"' not in text


def test_ended_visits_are_forgotten_and_others_are_not():
    now = timezone.now()
    for key, end in (("over", now - timedelta(seconds=1)), ("going-on", now + timedelta(minutes=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=end)
    forget_ended_visits(timestamp=0)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["going-on"]
