"""What every page may ask for: the language and the size of type, set once, and sentences as sound."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from .context import TEXT_SIZE_COOKIE, TEXT_SIZES

_A_YEAR = 365 * 24 * 3600
_A_DAY = 24 * 3600


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language and show the page again."""
    chosen = request.POST.get("language", "")
    known = chosen in dict(settings.LANGUAGES)
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, chosen if known else settings.LANGUAGE_CODE)


@require_POST
def text_size(request: HttpRequest) -> HttpResponse:
    """Remember the size of type and show the page again."""
    chosen = request.POST.get("size", "")
    return _remember(request, TEXT_SIZE_COOKIE, chosen if chosen in TEXT_SIZES else TEXT_SIZES[0])


@require_safe
def speech(request: HttpRequest, language: str, key: str) -> HttpResponse:
    """One recorded sentence, where it was rendered (``jianzai speech render``)."""
    path = settings.HOME / "speech" / language / f"{key}.wav"
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type="audio/wav")
    response["Cache-Control"] = f"public, max-age={_A_DAY}"
    return response


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    response = HttpResponseRedirect(_page_of(request))
    response.set_cookie(
        cookie,
        value,
        max_age=_A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _page_of(request: HttpRequest) -> str:
    """Where the reader was; the front page when that is not a page of this site."""
    page = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if safe else "/"
