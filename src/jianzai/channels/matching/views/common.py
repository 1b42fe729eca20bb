"""What the clerks' pages share."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from jianzai.sentences import say


def tell(request: HttpRequest, code: str, **values: object) -> None:
    """Say on the next page what was done (sentence ``matching.<code>``)."""
    messages.success(request, say(f"matching.{code}", **values))
