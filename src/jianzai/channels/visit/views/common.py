"""What the clerks' pages share."""

from __future__ import annotations

from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from jianzai.sentences import say

from ..queries import visits_within


def of_this_area(view):
    """The view gets the visit in place of its number, where its person lives within the staff's area."""

    @wraps(view)
    def with_visit(request: HttpRequest, number: int) -> HttpResponse:
        return view(request, get_object_or_404(visits_within(request.staff), pk=number))

    return with_visit


def tell(request: HttpRequest, code: str, **values: object) -> None:
    """Say on the next page what was done (sentence ``visit.<code>``)."""
    messages.success(request, say(f"visit.{code}", **values))
