"""What the clerks' pages share."""

from __future__ import annotations

from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from jianzai.sentences import say

from ..queries import sheets_within


def of_this_area(view):
    """The view gets the sheet in place of its number, where it belongs to the staff's area."""

    @wraps(view)
    def with_sheet(request: HttpRequest, number: int, **values: object) -> HttpResponse:
        return view(request, get_object_or_404(sheets_within(request.staff), pk=number), **values)

    return with_sheet


def tell(request: HttpRequest, code: str, **values: object) -> None:
    """Say on the next page what was done (sentence ``mail.<code>``)."""
    messages.success(request, say(f"mail.{code}", **values))


def as_pdf(content: bytes, name: str, *, to_keep: bool = False) -> HttpResponse:
    """``content`` as a PDF that the browser shows; ``to_keep``: that it saves."""
    response = HttpResponse(content, content_type="application/pdf")
    place = "attachment" if to_keep else "inline"
    response["Content-Disposition"] = f'{place}; filename="{name}.pdf"'
    return response
