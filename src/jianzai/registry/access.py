"""Who may do what, and where: the one place that decides it.

A permission belongs to a role and holds within the member of staff's area and everything inside it. Views
ask through ``requires``, ``within`` and ``person_or_404``; nothing else compares roles or area codes.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from jianzai.registry.models import Beneficiary, Staff


class Permission(StrEnum):
    """What a role can be allowed."""

    SEE_ACCOUNT = "see_account"  # one's own
    SEE_PEOPLE = "see_people"
    SEE_CYCLE = "see_cycle"
    SEE_ORDERS = "see_orders"
    SEE_AUDIT = "see_audit"
    SEE_UNUSUAL = "see_unusual"  # who certifies many people in a short time, and when
    MODEL_FACES = "model_faces"
    CERTIFY_IN_PERSON = "certify_in_person"
    REVIEW = "review"
    OVERRULE_LIVENESS = "overrule_liveness"
    MANAGE_TEAMS = "manage_teams"  # those who visit people at home
    MANAGE_POINTS = "manage_points"  # where people go in person
    MANAGE_SOURCES = "manage_sources"  # other offices' records, and their files
    RECORD_DEATH = "record_death"
    WITHDRAW_DEATH = "withdraw_death"
    SEND_NOTICES = "send_notices"
    IMPORT_ROSTER = "import_roster"
    OPEN_CYCLE = "open_cycle"
    PROPOSE_SWEEP = "propose_sweep"
    CONFIRM_SWEEP = "confirm_sweep"
    UNDO_SWEEP = "undo_sweep"
    EXPORT_ORDERS = "export_orders"
    CORRECT_ORDERS = "correct_orders"
    MANAGE_STAFF = "manage_staff"
    SIGN_LISTS = "sign_lists"  # of one's own retirees, seen in person


_CLERK = frozenset(
    {
        Permission.SEE_ACCOUNT,
        Permission.SEE_PEOPLE,
        Permission.SEE_CYCLE,
        Permission.MODEL_FACES,
        Permission.CERTIFY_IN_PERSON,
        Permission.REVIEW,
        Permission.RECORD_DEATH,
        Permission.SEND_NOTICES,
    }
)

# An administrator runs the site and its accounts and does not decide about people; an auditor reads; a former
# employer sees its own retirees (``own_retirees``) and nothing of the office.
ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Staff.Role.CLERK: _CLERK,
    Staff.Role.SUPERVISOR: _CLERK
    | {
        Permission.SEE_ORDERS,
        Permission.SEE_AUDIT,
        Permission.SEE_UNUSUAL,
        Permission.OVERRULE_LIVENESS,
        Permission.MANAGE_TEAMS,
        Permission.MANAGE_POINTS,
        Permission.MANAGE_SOURCES,
        Permission.WITHDRAW_DEATH,
        Permission.IMPORT_ROSTER,
        Permission.OPEN_CYCLE,
        Permission.PROPOSE_SWEEP,
        Permission.CONFIRM_SWEEP,
        Permission.UNDO_SWEEP,
        Permission.EXPORT_ORDERS,
        Permission.CORRECT_ORDERS,
    },
    Staff.Role.AUDITOR: frozenset(
        {
            Permission.SEE_ACCOUNT,
            Permission.SEE_PEOPLE,
            Permission.SEE_CYCLE,
            Permission.SEE_ORDERS,
            Permission.SEE_AUDIT,
            Permission.SEE_UNUSUAL,
        }
    ),
    Staff.Role.ADMINISTRATOR: frozenset(
        {
            Permission.SEE_ACCOUNT,
            Permission.SEE_CYCLE,
            Permission.SEE_ORDERS,
            Permission.SEE_AUDIT,
            Permission.IMPORT_ROSTER,
            Permission.OPEN_CYCLE,
            Permission.EXPORT_ORDERS,
            Permission.MANAGE_STAFF,
        }
    ),
    Staff.Role.EMPLOYER: frozenset({Permission.SEE_ACCOUNT, Permission.SIGN_LISTS}),
}

_SECOND_FACTOR_ROLES = frozenset({Staff.Role.SUPERVISOR, Staff.Role.ADMINISTRATOR, Staff.Role.EMPLOYER})


def may(staff: Staff, permission: Permission, area_code: str | None = None) -> bool:
    """Whether the role allows it and, where an area is named, whether that lies inside the staff's own."""
    if permission not in ROLE_PERMISSIONS[staff.role]:
        return False
    return area_code is None or area_code.startswith(staff.area.prefix)


def within(staff: Staff, queryset: QuerySet, field: str = "area") -> QuerySet:
    """The rows of ``queryset`` inside the staff's area.

    ``field`` leads to an Area (``area``, ``person__area``) or to a column that holds a code (``area`` of an
    audit entry).
    """
    return queryset.filter(**{f"{_code_path(queryset.model, field)}__startswith": staff.area.prefix})


def own_retirees(staff: Staff) -> QuerySet[Beneficiary]:
    """Who retired from the employer of ``staff``, within their area; for staff of the office nobody."""
    if not staff.employer:
        return Beneficiary.objects.none()
    return within(staff, Beneficiary.objects.filter(employer=staff.employer))


def second_factor_missing(request: HttpRequest, staff: Staff) -> bool:
    """Whether this role must still prove a second factor (compulsory outside the demo)."""
    return not settings.DEMO and staff.role in _SECOND_FACTOR_ROLES and not request.user.is_verified()


def requires(permission: Permission) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Only for staff whose role has ``permission``; sets ``request.staff``.

    Sends visitors to the sign-in page and staff without their compulsory second factor to its page; raises
    PermissionDenied for everybody else. Where they may is the view's to ask:
    ``within``, ``person_or_404``, ``may``.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *arguments: Any, **values: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            staff = Staff.objects.select_related("area", "user").filter(user=request.user).first()
            if staff is None or not may(staff, permission):
                raise PermissionDenied
            if second_factor_missing(request, staff):
                return redirect("console:second-factor")
            request.staff = staff
            return view(request, *arguments, **values)

        guarded.permission = permission
        return guarded

    return decorate


def person_or_404(staff: Staff, key: UUID | str) -> Beneficiary:
    """The person with this key. Raises Http404 alike for nobody and for somebody outside the staff's area."""
    try:
        key = UUID(str(key))
    except ValueError:
        raise Http404 from None
    person = within(staff, Beneficiary.objects.select_related("area")).filter(key=key).first()
    if person is None:
        raise Http404
    return person


def _code_path(model: type, field: str) -> str:
    for name in field.split("__"):
        found = model._meta.get_field(name)
        model = found.related_model
    return f"{field}__code" if found.is_relation else field
