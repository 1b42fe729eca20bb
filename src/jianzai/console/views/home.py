"""The work list: what waits, the oldest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from jianzai.benefits.queries import rejected_orders
from jianzai.certification.models import ReviewCase
from jianzai.certification.queries import references_to_make_anew
from jianzai.registry.access import Permission, may, requires

from ..queries import holds_running_out, letters_to_do, open_cases
from ..ways import pages

_SHOWN = 10


@require_GET
@requires(Permission.SEE_ACCOUNT)  # what every role may
def home(request: HttpRequest) -> HttpResponse:
    """Open cases by age, references to confirm and to make anew, holds that run out, what waits in each way,
    orders the payer rejected, letters.

    Who has no part in the office's work is led to the first page of their own.
    """
    staff = request.staff
    if not may(staff, Permission.SEE_CYCLE):
        return redirect(
            next((page.view for page in pages() if may(staff, page.permission)), "console:account")
        )
    context = {
        "ways": [
            (page.title, page.view, page.waiting(staff))
            for page in pages()
            if page.waiting and may(staff, page.permission)
        ]
    }
    if may(staff, Permission.REVIEW):
        cases = open_cases(staff)
        pending = cases.filter(kind=ReviewCase.Kind.NEW_REFERENCE)
        attempts = cases.exclude(kind=ReviewCase.Kind.NEW_REFERENCE)
        running_out = holds_running_out(staff)
        context |= {
            "cases": attempts[:_SHOWN],
            "case_count": attempts.count(),
            "references": pending[:_SHOWN],
            "reference_count": pending.count(),
            "running_out": running_out[:_SHOWN],
            "running_out_count": running_out.count(),
        }
    if may(staff, Permission.MODEL_FACES):
        anew = references_to_make_anew(staff)
        context |= {"anew": anew[:_SHOWN], "anew_count": anew.count()}
    if may(staff, Permission.SEE_ORDERS):
        rejected = rejected_orders(staff)
        context |= {"rejected": rejected[:_SHOWN], "rejected_count": rejected.count()}
    if may(staff, Permission.SEND_NOTICES):
        context |= letters_to_do(staff)
    return render(request, "console/home.html", context)
