"""Staff 经办人员: added, changed, disabled by an administrator; and everyone's own account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AdminPasswordChangeForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jianzai.audit.services import Actor
from jianzai.registry.access import Permission, requires, within
from jianzai.registry.models import Staff
from jianzai.registry.services import create_staff
from jianzai.sentences import say

from .. import accounts, authenticator
from ..forms import NewStaffForm, StaffForm
from .common import press, submit, tell
from .sign_in import show_codes

KEYS = ("/", "a", "r", "n", "v", "m", "c", "p", "i", "s")
"""The keys that do something, as the account page explains them."""


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_STAFF)
def staff(request: HttpRequest) -> HttpResponse:
    """Everyone within one's area, and the form for somebody new."""
    form = NewStaffForm(request.POST or None, staff=request.staff)

    def act(typed: dict) -> str:
        new = create_staff(**typed, actor=Actor.of(request))
        tell(request, "done_staff", name=new.name)
        return reverse("console:staff")

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    people = within(request.staff, Staff.objects.select_related("user", "area")).order_by("area", "name")
    return render(
        request, "console/staff.html", {"form": form, "people": people}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_STAFF)
def member(request: HttpRequest, number: int) -> HttpResponse:
    """One member of staff: name, role and area."""
    found = _member(request, number)
    initial = {
        "name": found.name,
        "role": found.role,
        "area": found.area_id,
        "employer": found.employer,
    }
    form = StaffForm(request.POST or None, initial=initial, staff=request.staff)

    def act(typed: dict) -> str:
        accounts.change_staff(found, request.staff, **typed, actor=Actor.of(request))
        tell(request, "done_staff_changed", name=found.name)
        return reverse("console:staff")

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    context = {"form": form, "member": found, "authenticator": authenticator.has_authenticator(found.user)}
    return render(request, "console/member.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.MANAGE_STAFF)
def set_active(request: HttpRequest, number: int) -> HttpResponse:
    """Disable an account, or enable it again."""
    found = _member(request, number)
    active = request.POST.get("active") == "yes"

    def act() -> str:
        accounts.set_active(found, request.staff, active, Actor.of(request))
        tell(request, "done_enabled" if active else "done_disabled", name=found.name)
        return reverse("console:staff")

    return press(request, act, reverse("console:member", args=[number]))


@require_POST
@requires(Permission.MANAGE_STAFF)
def reset_authenticator(request: HttpRequest, number: int) -> HttpResponse:
    """Forget the authenticator of somebody whose phone is lost."""
    found = _member(request, number)

    def act() -> str:
        authenticator.reset(found.user, Actor.of(request))
        tell(request, "done_authenticator_reset", name=found.name)
        return reverse("console:member", args=[number])

    return press(request, act, reverse("console:member", args=[number]))


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_STAFF)
def new_password(request: HttpRequest, number: int) -> HttpResponse:
    """A new first password for somebody who forgot theirs."""
    found = _member(request, number)
    form = AdminPasswordChangeForm(found.user, request.POST or None)
    form.fields.pop("usable_password", None)

    def act(typed: dict) -> str:
        accounts.change_password(found.user, typed["password1"], Actor.of(request))
        tell(request, "done_password_for", name=found.name)
        return reverse("console:member", args=[number])

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    context = {"form": form, "title": say("console.new_password_for", name=found.name)}
    return render(request, "console/password.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET"])
@requires(Permission.SEE_ACCOUNT)
def account(request: HttpRequest) -> HttpResponse:
    """One's own account."""
    context = {"authenticator": authenticator.has_authenticator(request.user), "keys": KEYS}
    return render(request, "console/account.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_ACCOUNT)
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    form = PasswordChangeForm(request.user, request.POST or None)

    def act(typed: dict) -> str:
        accounts.change_password(request.user, typed["new_password1"], Actor.of(request))
        update_session_auth_hash(request, request.user)
        tell(request, "done_password")
        return reverse("console:account")

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    context = {"form": form, "title": say("console.change_password")}
    return render(request, "console/password.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.SEE_ACCOUNT)
def new_backup_codes(request: HttpRequest) -> HttpResponse:
    """New backup codes; the earlier ones no longer count."""
    if not authenticator.has_authenticator(request.user) or not request.user.is_verified():
        messages.error(request, say("console.authenticator_first"))
        return redirect("console:account")
    return show_codes(request, authenticator.renew_backup_codes(request.user, Actor.of(request)))


def _member(request: HttpRequest, number: int) -> Staff:
    return get_object_or_404(within(request.staff, Staff.objects.select_related("user", "area")), pk=number)
