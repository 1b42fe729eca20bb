"""What every template may need."""

from django.conf import settings

from jianzai.clock import today
from jianzai.sentences import language


def site(request):
    """Demo mark, civil date and language."""
    return {"demo": settings.DEMO, "today": today(), "language": language()}
