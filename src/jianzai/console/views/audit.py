"""The audit record, to read and to verify."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import HeadUnusable, heads_folder, newest_head, verify
from jianzai.registry.access import Permission, requires, within
from jianzai.registry.models import Beneficiary, Staff

from ..forms import AuditFilter
from ..queries import covers_everybody

_A_PAGE = 100


@require_GET
@requires(Permission.SEE_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """Entries about one's area, the latest first, by person, act and actor."""
    filters = AuditFilter(request.GET or None)
    found = _entries(request.staff)
    if filters.is_valid():
        wanted = filters.cleaned_data
        if wanted["number"]:
            people = within(
                request.staff, Beneficiary.objects.filter(personal_number=wanted["number"].strip())
            )
            found = found.filter(subject__in=[str(key) for key in people.values_list("key", flat=True)])
        if wanted["actor"]:
            found = found.filter(actor__icontains=wanted["actor"].strip())
        if wanted["act"]:
            found = found.filter(act=wanted["act"])
    before = request.GET.get("before", "")
    if before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    shown = list(found.order_by("-id")[: _A_PAGE + 1])
    people = Beneficiary.objects.filter(key__in={entry.subject for entry in shown if entry.subject})
    names = {str(person.key): person for person in people}
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "filters": filters,
        "entries": [(entry, names.get(entry.subject)) for entry in shown[:_A_PAGE]],
        "older": shown[_A_PAGE - 1].pk if len(shown) > _A_PAGE else None,
        "query": query.urlencode(),
    }
    return render(request, "console/audit.html", context)


@require_POST
@requires(Permission.SEE_AUDIT)
def check(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain and say whether every link holds, the newest exported head included."""
    try:
        verdict = verify(newest_head(heads_folder()))
    except HeadUnusable as error:
        messages.error(request, str(error))
    else:
        (messages.success if verdict.ok else messages.error)(request, str(verdict))
    return redirect("console:audit")


def _entries(staff: Staff) -> QuerySet[AuditEntry]:
    """Entries of one's area; those of no area (sign-ins, exports) only for whose area holds everybody."""
    here = within(staff, AuditEntry.objects.all())
    return here | AuditEntry.objects.filter(area="") if covers_everybody(staff) else here
