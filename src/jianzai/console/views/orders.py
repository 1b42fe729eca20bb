"""Orders to the payer: the list, files out, acknowledgements in, rejected ones corrected."""

from __future__ import annotations

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jianzai.audit.services import Actor, record
from jianzai.benefits.models import Order, OrderFile
from jianzai.benefits.queries import may_exchange, orders_within, paid_twice_fen
from jianzai.benefits.services import (
    AcknowledgementReport,
    correct_order,
    export_orders,
    read_acknowledgement,
)
from jianzai.registry.access import Permission, may, requires
from jianzai.sentences import say
from jianzai.web.context import show_on

from ..forms import AcknowledgementForm, CorrectionForm, OrderFilter
from .common import press, submit, tell

_A_PAGE = 100
_PROBLEMS_SHOWN = 200
_FILES_SHOWN = 10


def _whole_area(view):
    """Files to and from the payer hold everybody's orders: only for staff whose area holds everybody."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments, **values) -> HttpResponse:
        if not may_exchange(request.staff):
            raise PermissionDenied
        return view(request, *arguments, **values)

    return guarded


@require_GET
@requires(Permission.SEE_ORDERS)
def orders(request: HttpRequest) -> HttpResponse:
    """Orders about people in one's area, the newest first."""
    return _page(request, AcknowledgementForm())


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_ORDERS)
def order(request: HttpRequest, sequence: int) -> HttpResponse:
    """One order; a rejected one is sent again from here."""
    found = get_object_or_404(orders_within(request.staff), sequence=sequence)
    may_correct = may(request.staff, Permission.CORRECT_ORDERS, found.person.area_id)
    form = CorrectionForm(request.POST or None)
    if request.method == "POST":
        if not may_correct:
            raise PermissionDenied
        if done := submit(request, form, lambda typed: _correct(request, found, typed)):
            return done
    context = {
        "order": found,
        "paid_twice_fen": paid_twice_fen(found),
        "form": form,
        "may_correct": may_correct and found.state == Order.State.REJECTED,
    }
    return render(request, "console/order.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.EXPORT_ORDERS)
@_whole_area
def export(request: HttpRequest) -> HttpResponse:
    """Put every waiting order into the next file."""
    page = reverse("console:orders")

    def act() -> str:
        file = export_orders(Actor.of(request))
        if file is None:
            messages.info(request, say("console.nothing_to_export"))
        else:
            tell(request, "done_export", file=file.sequence, orders=file.orders)
        return page

    return press(request, act, page)


@require_GET
@requires(Permission.EXPORT_ORDERS)
@_whole_area
def download(request: HttpRequest, sequence: int) -> HttpResponse:
    """An order file as it was made; taking it is recorded."""
    file = get_object_or_404(OrderFile, sequence=sequence)
    record("console.order_file_taken", Actor.of(request), file=file.sequence)
    response = HttpResponse(file.content.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="orders-{file.sequence:06d}.csv"'
    return response


@require_POST
@requires(Permission.EXPORT_ORDERS)
@_whole_area
def acknowledge(request: HttpRequest) -> HttpResponse:
    """Take over the payer's acknowledgement file: the whole of it, or nothing with every bad row named."""
    form = AcknowledgementForm(request.POST, request.FILES)
    show_on(request, reverse("console:orders"))
    if not form.is_valid():
        return _page(request, form, status=422)
    report = read_acknowledgement(form.cleaned_data["file"].read(), Actor.of(request))
    if report.problems:
        return _page(request, form, status=422, report=report)

    tell(
        request,
        "done_acknowledged",
        accepted=report.accepted,
        rejected=report.rejected,
        unchanged=report.unchanged,
    )
    return redirect("console:orders")


def _correct(request: HttpRequest, order: Order, typed: dict) -> str:
    changes = {"effective_month": typed["effective_month"]} if typed["effective_month"] else {}
    new = correct_order(order, changes, request.staff, Actor.of(request))
    tell(request, "done_corrected", sequence=new.sequence, month=new.effective_month)
    return reverse("console:order", args=[new.sequence])


def _page(
    request: HttpRequest,
    acknowledgement: AcknowledgementForm,
    status: int = 200,
    report: AcknowledgementReport | None = None,
) -> HttpResponse:
    filters = OrderFilter(request.GET or None, states=Order.State.values, kinds=Order.Kind.values)
    found = orders_within(request.staff)
    if filters.is_valid():
        wanted = filters.cleaned_data
        found = found.filter(**{name: wanted[name] for name in ("state", "kind") if wanted[name]})
        if wanted["number"]:
            found = found.filter(person__personal_number__startswith=wanted["number"].strip())
    before = request.GET.get("before", "")
    if before.isdigit() and len(before) < 10:
        found = found.filter(sequence__lt=int(before))
    shown = list(found[: _A_PAGE + 1])
    files = may_exchange(request.staff)
    context = {
        "filters": filters,
        "orders": shown[:_A_PAGE],
        "older": shown[_A_PAGE - 1].sequence if len(shown) > _A_PAGE else None,
        "files": OrderFile.objects.defer("content")[:_FILES_SHOWN] if files else [],
        "may_exchange": files,
        "queued": Order.objects.filter(state=Order.State.QUEUED).count() if files else 0,
        "acknowledgement": acknowledgement,
        "problems": [
            (each.row, each.column, say(f"benefits.{each.code}", **each.values))
            for each in (report.problems[:_PROBLEMS_SHOWN] if report else ())
        ],
        "query": _without_before(request),
    }
    return render(request, "console/orders.html", context, status=status)


def _without_before(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("before", None)
    return query.urlencode()
