"""Every role at every address, for people inside and outside the area: run by each part over its views.

    from tests.registry.access_matrix import Route, assert_access

    ROUTES = [
        Route("/console/people/{person}", Permission.SEE_PEOPLE),
        Route("/console/orders", Permission.SEE_ORDERS),
        Route("/console/people/{person}/death", Permission.RECORD_DEATH, method="post"),
    ]

    @pytest.mark.django_db
    def test_access(client):
        assert_access(client, ROUTES)

An address with ``{person}`` (or another placeholder, see ``assert_access``) is also asked for somebody in a
foreign area, who must be unknown there to every role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client

from jianzai.registry.access import ROLE_PERMISSIONS, Permission
from jianzai.registry.models import Beneficiary, Staff

from .people import area, person, staff

_ASKED, _FORBIDDEN, _UNKNOWN = "let in", 403, 404


@dataclass(frozen=True)
class Route:
    """An address, the permission it takes, and the form it is posted."""

    url: str
    permission: Permission
    method: str = "get"
    data: dict | None = None


def assert_access(
    client: Client,
    routes: Iterable[Route],
    fill: Callable[[Beneficiary], dict[str, object]] | None = None,
) -> None:
    """Fail with a list of every role and address that is let in or kept out wrongly.

    fill: what an address's placeholders stand for, made from a person (a case, an attempt, a reference);
    ``person`` is always the person's key. Needs a database.
    """
    home, foreign = area("430102000000", "芙蓉区"), area("430202000000", "荷塘区")
    inside, outside = person(home, "王桂兰"), person(foreign, "赵德柱")
    places = {one.pk: {"person": one.key, **(fill(one) if fill else {})} for one in (inside, outside)}
    members = {role: staff(role, home) for role in Staff.Role.values}
    wrong = []
    for route in routes:
        client.logout()
        if not _sent_to_sign_in(_ask(client, route, places[inside.pk])):
            wrong.append(f"{route.method} {route.url}: lets in visitors who have not signed in")
        for role, member in members.items():
            client.force_login(member.user)
            may = route.permission in ROLE_PERMISSIONS[role]
            _compare(
                wrong, role, route, _ask(client, route, places[inside.pk]), _ASKED if may else _FORBIDDEN
            )
            if "{" in route.url:
                answer = _ask(client, route, places[outside.pk])
                _compare(wrong, f"{role} from another area", route, answer, _UNKNOWN if may else _FORBIDDEN)
    client.logout()
    assert not wrong, "\n".join(wrong)


def _ask(client: Client, route: Route, places: dict):
    return getattr(client, route.method)(route.url.format(**places), route.data or {})


def _sent_to_sign_in(answer) -> bool:
    sign_in = resolve_url(settings.LOGIN_URL)
    return answer.status_code in (401, 403) or (
        answer.status_code == 302 and answer["Location"].startswith(sign_in)
    )


def _compare(wrong: list[str], who: str, route: Route, answer, expected) -> None:
    if _sent_to_sign_in(answer) and answer.status_code == 302:
        got = "sent to the sign-in page"
    elif answer.status_code in (_FORBIDDEN, _UNKNOWN):
        got = answer.status_code
    elif answer.status_code >= 500:
        got = f"error {answer.status_code}"
    else:
        got = _ASKED
    if got != expected:
        wrong.append(f"{route.method} {route.url}: {who} got {got}, expected {expected}")
