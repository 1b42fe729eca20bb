"""Error pages in the reader's language, each with what to do next: one thing for retirees, another for staff.

Their template asks neither the database nor the session for anything: either may be what failed.
"""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from .context import show_on


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be read, or is larger than any may be."""
    return _page(request, 400, "too_large" if isinstance(exception, RequestDataTooBig) else "")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not allowed."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page."""
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return _page(request, 500)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose protection against forgery is missing or old (``CSRF_FAILURE_VIEW``)."""
    return _page(request, 403, "form_expired")


def wrong_method(request: HttpRequest) -> HttpResponse:
    """405 for an address that only forms are sent to: somebody typed it, or went back to it."""
    return _page(request, 405)


def _page(request: HttpRequest, status: int, sentence: str = "") -> HttpResponse:
    sentence = f"web.error_{sentence or status}"
    staff = request.path.startswith(reverse("console:home"))
    if request.method not in ("GET", "HEAD") or status == 405:  # nothing to come back to
        show_on(request, reverse("console:home" if staff else "online:home"))
    context = {
        "heading": sentence,
        "next_step": f"{sentence}_staff" if staff else f"{sentence}_next",
        "staff": staff,
    }
    return render(request, "error.html", context, status=status)
