"""Tokens, scopes and areas: what each opens, and that nothing else does."""

from __future__ import annotations

import pytest

from jianzai.api.models import AccessToken
from jianzai.api.scopes import Scope
from jianzai.api.tokens import make_token, revoke_token
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.registry.models import Area
from tests.people import CITY, DISTRICT, OTHER_DISTRICT, areas, make_person

pytestmark = pytest.mark.django_db

ROUTES = {
    ("get", "/api/v1/persons/{number}/status"): Scope.STATUS,
    ("post", "/api/v1/persons/{number}/verifications"): Scope.VERIFY,
    ("post", "/api/v1/verifications/6a0c7a56-97a9-4e32-9d4a-7d3d0f2f3c11/video"): Scope.VERIFY,
    ("get", "/api/v1/certifications"): Scope.CERTIFICATIONS,
    ("get", "/api/v1/orders"): Scope.ORDERS,
    ("post", "/api/v1/orders/file"): Scope.ORDERS,
    ("post", "/api/v1/orders/acknowledgements"): Scope.ACKNOWLEDGE,
    ("post", "/api/v1/signs"): Scope.SIGNS,
    ("post", "/api/v1/persons/{number}/visits"): Scope.VISITS,
    ("get", "/api/v1/persons/{number}/visits"): Scope.VISITS,
}


def test_the_table_above_names_every_route():
    from jianzai.api.urls import api

    paths = api.get_openapi_schema()["paths"]
    described = {(method, path) for path, methods in paths.items() for method in methods}
    known = {
        (
            method,
            path.replace("{number}", "{personal_number}").replace(
                "6a0c7a56-97a9-4e32-9d4a-7d3d0f2f3c11", "{session}"
            ),
        )
        for method, path in ROUTES
    }
    assert described == known


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_needs_a_token_with_its_scope(client, token, cycle_2026, method, path):
    person = make_person()
    path = path.format(number=person.personal_number)
    call = getattr(client, method)
    assert call(path).status_code == 401
    assert call(path, headers={"Authorization": "Bearer jianzai_wrong"}).status_code == 401
    others = [
        scope for scope in Scope if scope != ROUTES[method, path.replace(person.personal_number, "{number}")]
    ]
    refused = call(path, headers=token(*others))
    assert (refused.status_code, refused.json()["code"]) == (403, "no_scope")
    allowed = call(path, headers=token(*Scope))
    assert allowed.status_code not in (401, 403)


def test_a_person_elsewhere_is_answered_as_one_who_does_not_exist(client, token, cycle_2026):
    person = make_person(area=OTHER_DISTRICT)
    headers = token(Scope.STATUS, area=DISTRICT)
    elsewhere = client.get(f"/api/v1/persons/{person.personal_number}/status", headers=headers)
    nobody = client.get("/api/v1/persons/P999999/status", headers=headers)
    assert elsewhere.status_code == nobody.status_code == 404
    assert elsewhere.json() == nobody.json()
    assert (
        client.get(
            f"/api/v1/persons/{person.personal_number}/status", headers=token(Scope.STATUS)
        ).status_code
        == 200
    )


def test_order_files_need_a_token_for_everybody(client, token):
    make_person(area=OTHER_DISTRICT)
    for path in ("/api/v1/orders/file",):
        refused = client.post(path, headers=token(Scope.ORDERS, area=DISTRICT))
        assert (refused.status_code, refused.json()["code"]) == (403, "not_whole_roster")


def test_a_token_is_kept_as_a_hash_and_its_making_is_on_record():
    areas()
    text = make_token("payer", [Scope.STATUS], Area.objects.get(code=CITY), Actor.SYSTEM)
    row = AccessToken.objects.get()
    assert text.encode() not in bytes(row.lookup)
    entry = AuditEntry.objects.get(act="api.token_made")
    assert text not in str(entry.details)
    with pytest.raises(ValueError):
        make_token("payer", [Scope.STATUS], row.area, Actor.SYSTEM)


def test_a_revoked_token_opens_nothing(client, cycle_2026):
    person = make_person()
    text = make_token("payer", [Scope.STATUS], Area.objects.get(code=CITY), Actor.SYSTEM)
    headers = {"Authorization": f"Bearer {text}"}
    assert client.get(f"/api/v1/persons/{person.personal_number}/status", headers=headers).status_code == 200
    revoke_token("payer", Actor.SYSTEM)
    assert client.get(f"/api/v1/persons/{person.personal_number}/status", headers=headers).status_code == 401
    assert AuditEntry.objects.filter(act="api.token_revoked").count() == 1
    revoke_token("payer", Actor.SYSTEM)
    assert AuditEntry.objects.filter(act="api.token_revoked").count() == 1
