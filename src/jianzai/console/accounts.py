"""Changing staff and their accounts; each change is in the audit record."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.registry.errors import Refused
from jianzai.registry.models import Area, Staff
from jianzai.registry.services import known_employer


class OwnAccount(Refused):
    """Nobody takes away their own account or role: an office must not lock itself out by accident."""

    def __init__(self):
        super().__init__("own_account")
        self.code = "console.own_account"


@transaction.atomic
def change_staff(
    staff: Staff, by: Staff, *, name: str, role: str, area: Area, employer: str, actor: Actor
) -> Staff:
    """Give ``staff`` a name, role, area and employer.

    Raises OwnAccount for a change of one's own role or area, and what ``known_employer`` raises.
    """
    employer = known_employer(role, employer, area)
    if staff.pk == by.pk and (role, area.pk) != (staff.role, staff.area_id):
        raise OwnAccount()
    changes = {
        field: [str(getattr(staff, field)), str(new)]
        for field, new in (("role", role), ("area_id", area.pk), ("employer", employer))
        if getattr(staff, field) != new
    }
    staff.name, staff.role, staff.area, staff.employer = name, role, area, employer
    staff.save(update_fields=["name", "role", "area", "employer"])
    record(
        "console.staff_changed",
        actor,
        area=staff.area_id,
        username=staff.user.get_username(),
        changes=changes,
    )
    return staff


@transaction.atomic
def set_active(staff: Staff, by: Staff, active: bool, actor: Actor) -> None:
    """Let ``staff`` sign in, or no longer; open sessions end at once. Raises OwnAccount."""
    if staff.pk == by.pk:
        raise OwnAccount()
    if staff.user.is_active == active:
        return
    staff.user.is_active = active
    staff.user.save(update_fields=["is_active"])
    act = "console.staff_enabled" if active else "console.staff_disabled"
    record(act, actor, area=staff.area_id, username=staff.user.get_username())


@transaction.atomic
def change_password(user: User, password: str, actor: Actor) -> None:
    """Give ``user`` another password; their other sessions end. The caller has validated it."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record("console.password_changed", actor, username=user.get_username())
