"""One table of roles and permissions, one place that asks it."""

import pytest
from django.http import HttpResponse
from django.urls import include, path

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor, record
from jianzai.registry.access import (
    ROLE_PERMISSIONS,
    Permission,
    may,
    own_retirees,
    person_or_404,
    requires,
    second_factor_missing,
    within,
)
from jianzai.registry.models import Beneficiary, ServicePoint, Staff

from .access_matrix import Route, assert_access
from .people import EMPLOYER, area, person, staff

pytestmark = pytest.mark.django_db


@requires(Permission.SEE_PEOPLE)
def guarded(request, key):
    person_or_404(request.staff, key)
    return HttpResponse(request.staff.role)


@requires(Permission.SEE_PEOPLE)
def forgets_the_area(request, key):
    return HttpResponse(Beneficiary.objects.get(key=key).area_id)


def open_to_all(request):
    return HttpResponse("")


@requires(Permission.MANAGE_STAFF)
def accounts(request):
    return HttpResponse("")


def _nothing(request):
    return HttpResponse("")


_console = (
    [path("in", _nothing, name="sign-in"), path("second", _nothing, name="second-factor")],
    "console",
)
urlpatterns = [
    path("guarded/<key>", guarded),
    path("forgets/<key>", forgets_the_area),
    path("open", open_to_all),
    path("accounts", accounts),
    path("console/", include(_console)),
]


def test_every_role_has_its_row_and_every_permission_an_owner():
    assert set(ROLE_PERMISSIONS) == set(Staff.Role)
    assert frozenset().union(*ROLE_PERMISSIONS.values()) == set(Permission)


def test_duties_are_parted():
    """Who keeps the accounts decides about nobody, and who audits changes nothing."""
    deciding = {
        Permission.REVIEW,
        Permission.CERTIFY_IN_PERSON,
        Permission.CONFIRM_SWEEP,
        Permission.MODEL_FACES,
    }
    assert not deciding & ROLE_PERMISSIONS[Staff.Role.ADMINISTRATOR]
    assert all(permission.startswith("see_") for permission in ROLE_PERMISSIONS[Staff.Role.AUDITOR])
    assert Permission.OVERRULE_LIVENESS not in ROLE_PERMISSIONS[Staff.Role.CLERK]


@pytest.mark.parametrize(
    ("own", "inside", "outside"),
    [
        ("430000000000", "430202000000", "440100000000"),
        ("430100000000", "430102001000", "430202000000"),
        ("430102000000", "430102001007", "430103000000"),
        ("430102001000", "430102001007", "430102002000"),
        ("430102001007", "430102001007", "430102001000"),
    ],
)
def test_an_area_holds_everything_below_it(own, inside, outside):
    member = staff(where=area(own))
    here, there = person(area(inside)), person(area(outside))
    assert may(member, Permission.REVIEW, inside)
    assert not may(member, Permission.REVIEW, outside)
    assert list(within(member, Beneficiary.objects.all())) == [here]
    record("some.act", Actor.SYSTEM, person=here)
    record("some.act", Actor.SYSTEM, person=there)
    entries = within(member, AuditEntry.objects.filter(act="some.act"))
    assert [entry.subject for entry in entries] == [str(here.key)]
    for place in (inside, outside):
        ServicePoint.objects.create(area_id=place, name="站", address="", phone="", hours="")
    assert within(member, ServicePoint.objects.all(), "area").get().area_id == inside


def test_an_employer_has_its_own_retirees_and_no_others():
    here, there = area(), area("430202000000", "荷塘区")
    own = person(here, employer=EMPLOYER)
    for where, employer in ((here, "麓山机械厂"), (here, ""), (there, EMPLOYER)):
        person(where, employer=employer)
    assert list(own_retirees(staff("employer", here))) == [own]
    assert not own_retirees(staff("supervisor", here)).exists()


def test_the_matrix_passes_views_that_are_guarded(client, settings):
    settings.ROOT_URLCONF = __name__
    assert_access(
        client,
        [
            Route("/guarded/{person}", Permission.SEE_PEOPLE),
            Route("/guarded/{person}", Permission.SEE_PEOPLE, method="post"),
            Route("/accounts", Permission.MANAGE_STAFF),
        ],
    )


def test_the_matrix_finds_views_that_are_not(client, settings):
    settings.ROOT_URLCONF = __name__
    with pytest.raises(AssertionError) as found:
        assert_access(
            client,
            [
                Route("/forgets/{person}", Permission.SEE_PEOPLE),
                Route("/guarded/{person}", Permission.REVIEW),
                Route("/open", Permission.SEE_PEOPLE),
            ],
        )
    lines = str(found.value).splitlines()
    assert "get /forgets/{person}: clerk from another area got let in, expected 404" in lines
    assert "get /guarded/{person}: auditor got let in, expected 403" in lines
    assert "get /open: lets in visitors who have not signed in" in lines
    assert "get /open: administrator got let in, expected 403" in lines


@pytest.mark.parametrize("key", ["not-a-key", "00000000-0000-0000-0000-000000000000"])
def test_unknown_people_are_not_found(client, settings, key):
    settings.ROOT_URLCONF = __name__
    client.force_login(staff().user)
    assert client.get(f"/guarded/{key}").status_code == 404


def test_an_account_without_staff_may_nothing(client, settings, django_user_model):
    settings.ROOT_URLCONF = __name__
    client.force_login(django_user_model.objects.create_user("visitor"))
    assert client.get("/accounts").status_code == 403


@pytest.mark.parametrize(
    ("role", "url", "asked"),
    [
        ("administrator", "/accounts", True),
        ("supervisor", "/guarded/x", True),
        ("clerk", "/guarded/x", False),
    ],
)
def test_a_second_factor_is_compulsory_outside_the_demo(client, settings, role, url, asked):
    settings.ROOT_URLCONF = __name__
    settings.DEMO = False
    client.force_login(staff(role).user)
    answer = client.get(url)
    assert (answer.status_code == 302 and answer["Location"] == "/console/second") is asked


def test_a_proven_second_factor_lets_in(client, settings, rf):
    settings.DEMO = False
    member = staff("administrator")
    request = rf.get("/")
    request.user = member.user
    request.user.is_verified = lambda: True
    assert not second_factor_missing(request, member)
    request.user.is_verified = lambda: False
    assert second_factor_missing(request, member)
