"""Every role at every address of the page that works without a network."""

import pytest
from django.urls import URLPattern

from jianzai.offline.urls import urlpatterns
from jianzai.registry.access import Permission as May
from tests.registry.access_matrix import Route, assert_access

P = "/console/offline"
ROUTES = {
    "page": Route(f"{P}/", May.CERTIFY_IN_PERSON),
    "worker": Route(f"{P}/worker.js", May.CERTIFY_IN_PERSON),
    "manifest": Route(f"{P}/manifest.webmanifest", May.CERTIFY_IN_PERSON),
    "keys": Route(f"{P}/keys", May.CERTIFY_IN_PERSON, data={"device": "0" * 32}),
    "items": Route(f"{P}/items", May.CERTIFY_IN_PERSON, "post"),
}
TESTED_ELSEWHERE = {"lists": May.CERTIFY_IN_PERSON}  # there only with a list to take along


@pytest.mark.django_db
def test_every_role_at_every_address(client):
    assert_access(client, ROUTES.values())


def test_no_address_is_forgotten_and_each_asks_for_what_the_table_says():
    asked = {
        each.name: getattr(each.callback, "permission", None)
        for each in urlpatterns
        if isinstance(each, URLPattern)
    }
    assert asked == {name: route.permission for name, route in ROUTES.items()} | TESTED_ELSEWHERE


@pytest.mark.django_db
def test_the_page_and_its_worker_name_nobody_and_keep_their_version(client):
    from tests.people import make_person, make_staff

    make_person(name="王桂兰")
    seen = set()
    for username in ("clerk", "second"):
        client.force_login(make_staff("clerk", username=username).user)
        page = client.get(f"{P}/").content.decode()
        assert "李四" not in page
        assert "csrfmiddlewaretoken" not in page
        seen.add((page, client.get(f"{P}/worker.js").content))
    assert len(seen) == 1
    assert client.get(f"{P}/")["Permissions-Policy"].startswith("camera=(self)")
