"""What every template may need."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.timezone import localdate

from jianzai.clock import today
from jianzai.sentences import language

TEXT_SIZES = ("1", "2", "3")
TEXT_SIZE_COOKIE = "text_size"
_HTML_LANGUAGES = {"zh": "zh-Hans", "en": "en"}


def site(request: HttpRequest) -> dict:
    """Demo mark, civil date, language, the size of type the reader chose, and this page's address."""
    chosen = request.COOKIES.get(TEXT_SIZE_COOKIE)
    return {
        "demo": settings.DEMO,
        "today": today(),
        "date_moved": today() != localdate(),
        "language": language(),
        "html_language": _HTML_LANGUAGES[language()],
        "text_size": chosen if chosen in TEXT_SIZES else TEXT_SIZES[0],
        "text_sizes": TEXT_SIZES,
        "this_page": page_of(request),
    }


def show_on(request: HttpRequest, page: str) -> None:
    """Say where this answer to a POST can be seen again, where its own address answers nothing else."""
    request.shown_on = page


def page_of(request: HttpRequest) -> str:
    """The address that shows this page again, for the buttons that change how every page looks."""
    return getattr(request, "shown_on", None) or request.get_full_path()
