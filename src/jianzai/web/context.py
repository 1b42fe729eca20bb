"""What every template may need."""

from django.conf import settings

from jianzai.clock import today
from jianzai.sentences import language

TEXT_SIZES = ("1", "2", "3")
TEXT_SIZE_COOKIE = "text_size"
_HTML_LANGUAGES = {"zh": "zh-Hans", "en": "en"}


def site(request):
    """Demo mark, civil date, language and the size of type the reader chose."""
    chosen = request.COOKIES.get(TEXT_SIZE_COOKIE)
    return {
        "demo": settings.DEMO,
        "today": today(),
        "language": language(),
        "html_language": _HTML_LANGUAGES[language()],
        "text_size": chosen if chosen in TEXT_SIZES else TEXT_SIZES[0],
        "text_sizes": TEXT_SIZES,
    }
