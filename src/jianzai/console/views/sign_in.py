"""Signing in: password, then the authenticator where there is one or the role must have one."""

from __future__ import annotations

import time

import django_otp
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localtime
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jianzai.audit.services import Actor, client_address, record
from jianzai.registry.access import second_factor_missing
from jianzai.registry.models import Staff
from jianzai.sentences import say

from .. import authenticator, lockout
from ..forms import CodeForm, SignInForm

_PENDING = "console_pending"
_CODES = "console_backup_codes"
_PENDING_SECONDS = 10 * 60


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Username and password. What is told after a failure is the same for whatever was wrong."""
    going_on = _next(request)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        username, address = form.cleaned_data["username"], client_address(request)
        if until := lockout.locked_until(username, address):
            form.add_error(None, say("console.locked", until=localtime(until).strftime("%H:%M:%S")))
        elif user := _staff_user(request, username, form.cleaned_data["password"]):
            return _password_was_right(request, user, going_on)
        else:
            lockout.count_failure(username, address)
            record("console.sign_in_failed", Actor("visitor", address))
            form.add_error(None, say("console.sign_in_wrong"))
    elif request.method == "GET" and Staff.objects.filter(user_id=request.user.pk or 0).exists():
        return HttpResponseRedirect(going_on)
    return render(request, "console/sign_in.html", {"form": form, "next": going_on}, status=_status(form))


@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The code of the authenticator; who has none yet sets one up."""
    user, going_on = _halfway(request)
    if user is None:
        return redirect("console:sign-in")
    if not authenticator.has_authenticator(user):
        return redirect("console:set-up")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = client_address(request)
        if until := lockout.locked_until(user.get_username(), address):
            form.add_error(None, say("console.locked", until=localtime(until).strftime("%H:%M:%S")))
        elif device := authenticator.check(user, form.cleaned_data["code"]):
            return _enter(request, user, device, going_on)
        else:
            lockout.count_failure(user.get_username(), address)
            form.add_error("code", say("console.code_wrong"))
    return render(request, "console/second_factor.html", {"form": form}, status=_status(form))


@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator: the QR code, a first code to confirm it, then the backup codes."""
    user, going_on = _halfway(request)
    if user is None:
        return redirect("console:sign-in")
    if authenticator.has_authenticator(user) and not request.user.is_authenticated:
        return redirect("console:second-factor")
    form = CodeForm(request.POST or None)
    form.fields["code"].help_text = say("console.code_help_new")
    if request.method == "POST" and form.is_valid():
        actor = Actor(f"staff:{user.get_username()}", client_address(request))
        codes = authenticator.confirm(user, form.cleaned_data["code"], actor)
        if codes is not None:
            device = user.totpdevice_set.get()
            _enter(request, user, device, going_on)
            request.session[_CODES] = {"codes": codes, "next": going_on}
            return redirect("console:backup-codes")
        form.add_error("code", say("console.code_wrong_new"))
    invitation = authenticator.invite(user)
    return render(
        request, "console/set_up.html", {"form": form, "invitation": invitation}, status=_status(form)
    )


@require_http_methods(["GET", "POST"])
def backup_codes(request: HttpRequest) -> HttpResponse:
    """The new backup codes, until the reader says that they are written down."""
    shown = request.session.get(_CODES)
    if not request.user.is_authenticated or shown is None:
        return redirect("console:home")
    if request.method == "POST":
        del request.session[_CODES]
        return HttpResponseRedirect(shown["next"])
    return render(request, "console/backup_codes.html", {"codes": shown["codes"]})


def show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Lead to the page that shows new backup codes, and from there to the account."""
    request.session[_CODES] = {"codes": codes, "next": reverse("console:account")}
    return redirect("console:backup-codes")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    messages.success(request, say("console.signed_out"))
    return redirect("console:sign-in")


def _staff_user(request: HttpRequest, username: str, password: str) -> User | None:
    user = authenticate(request, username=username, password=password)
    return user if user is not None and Staff.objects.filter(user=user).exists() else None


def _password_was_right(request: HttpRequest, user: User, going_on: str) -> HttpResponse:
    staff = Staff.objects.get(user=user)
    if not authenticator.has_authenticator(user) and not second_factor_missing(request, staff):
        return _enter(request, user, None, going_on)
    request.session.flush()
    request.session[_PENDING] = {"user": user.pk, "at": time.time(), "next": going_on}
    return redirect("console:second-factor")


def _enter(request: HttpRequest, user: User, device, going_on: str) -> HttpResponse:
    if request.user != user:
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if device is not None:
        django_otp.login(request, device)
    lockout.forget_failures(user.get_username())
    record("console.signed_in", Actor.of(request), second_factor=device is not None)
    return HttpResponseRedirect(going_on)


def _halfway(request: HttpRequest) -> tuple[User | None, str]:
    """Who gave the right password a moment ago, or is signed in; and where they wanted to go."""
    home = reverse("console:home")
    if request.user.is_authenticated:
        return request.user, home
    pending = request.session.get(_PENDING)
    if pending is None or time.time() - pending["at"] > _PENDING_SECONDS:
        return None, home
    return User.objects.filter(pk=pending["user"], is_active=True).first(), pending["next"]


def _next(request: HttpRequest) -> str:
    page = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe else reverse("console:home")


def _status(form) -> int:
    return 422 if form.is_bound and not form.is_valid() else 200
