"""Who may call what: a bearer token, its scopes, and the area whose people it sees."""

from __future__ import annotations

from http import HTTPStatus

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.security import HttpBearer

from jianzai.api.errors import ApiError
from jianzai.api.models import AccessToken
from jianzai.api.scopes import Scope
from jianzai.api.tokens import token_of
from jianzai.registry.models import Beneficiary


class Token(HttpBearer):
    """``Authorization: Bearer ...`` with a token in force that has ``scope``."""

    def __init__(self, scope: Scope):
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> AccessToken | None:
        found = token_of(token)
        if found and self.scope not in found.scopes:
            raise ApiError(HTTPStatus.FORBIDDEN, "no_scope", scope=str(self.scope))
        return found


def guarded(scope: Scope) -> dict:
    """Arguments of a route that asks for ``scope``, which the reference page shows as well."""
    return {"auth": Token(scope), "openapi_extra": {"x-scope": str(scope)}}


def within(token: AccessToken, rows: QuerySet, field: str = "area") -> QuerySet:
    """``rows`` whose area lies in the token's."""
    return rows.filter(**{f"{field}__code__startswith": token.area.prefix})


def person_of(token: AccessToken, personal_number: str) -> Beneficiary:
    """The person of that number, if the token may see them; else the same 404 as for a number nobody has."""
    person = within(token, Beneficiary.objects.filter(personal_number=personal_number)).first()
    if person is None:
        raise ApiError(HTTPStatus.NOT_FOUND, "no_person")
    return person


def require_whole_roster(token: AccessToken) -> None:
    """Order files hold everybody's orders, so a token that sees only a part may not make or answer them."""
    if Beneficiary.objects.exclude(area__code__startswith=token.area.prefix).exists():
        raise ApiError(HTTPStatus.FORBIDDEN, "not_whole_roster", area=token.area_id)
