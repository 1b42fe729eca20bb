"""At the desk: what arrived, printing and posting forms."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jianzai.audit.services import Actor, record
from jianzai.certification.errors import Refused as CertificationRefused
from jianzai.clock import today
from jianzai.console.views.common import press, submit, why
from jianzai.registry.access import Permission, person_or_404, requires
from jianzai.registry.models import Beneficiary
from jianzai.sentences import say

from .. import services
from ..errors import Refused
from ..forms import ArrivalForm, EmptyForm, PersonArrivalForm, PrintForm
from ..models import Sheet
from ..payload import Kind, read_number
from ..queries import forms_to_post, postings, sheets_within, to_decide, to_see_to
from .common import as_pdf, tell

_SHOWN = 100


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW)
def sheets(request: HttpRequest) -> HttpResponse:
    """What waits to be decided, what has to be looked into, and one form by its number."""
    waiting = to_decide(request.staff)
    context = {
        "waiting": waiting[:_SHOWN],
        "count": waiting.count(),
        "being_read": waiting.filter(state=Sheet.State.RECEIVED).exists(),
        "to_see_to": to_see_to(request.staff)[:_SHOWN],
        "to_post": forms_to_post(request.staff).count(),
        "today": today(),
    }
    if request.method == "POST":  # so that no number stands in an address
        asked = request.POST.get("number", "")
        number = read_number(asked)
        found = sheets_within(request.staff).filter(form__number=number).order_by("-pk") if number else []
        context |= {"asked": asked, "found": found}
    return render(request, "mail/sheets.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW)
def arrive(request: HttpRequest) -> HttpResponse:
    """Bring scans of forms, one or many."""
    form = ArrivalForm(request.POST or None, request.FILES or None)
    back = reverse("mail-desk:sheets")
    return _arrive(request, form, back)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW)
def arrive_for(request: HttpRequest, key) -> HttpResponse:
    """Bring the paper of somebody known: a form, a letter, a photograph with a newspaper."""
    person = person_or_404(request.staff, key)
    form = PersonArrivalForm(request.POST or None, request.FILES or None)
    back = reverse("console:person", args=[person.key])
    return _arrive(request, form, back, person)


def _arrive(
    request: HttpRequest, form: ArrivalForm, back: str, person: Beneficiary | None = None
) -> HttpResponse:
    files = form.cleaned_data["files"] if request.method == "POST" and form.is_valid() else []
    scans = [services.decode(file.read()) for file in files]  # before anything is locked

    def act(typed: dict) -> str:
        arrival = services.Arrival(
            received_on=typed["received_on"],
            staff=request.staff,
            custodian=typed["custodian"],
            person=person,
            kind=form.what,
            apart=typed.get("apart", False),
        )
        refused, sheets, known = [], 0, []
        for file, taken in zip(files, services.take_in(scans, arrival, Actor.of(request)), strict=True):
            if isinstance(taken, Refused):
                refused.append((file.name, taken))
            else:
                sheets += len(taken.sheets)
                known += taken.known
        if refused and len(files) == 1:
            raise refused[0][1]
        if sheets:
            tell(request, "done_received", count=sheets)
        if known:
            messages.warning(request, say("mail.known_already", numbers=", ".join(known)))
        for name, refusal in refused:
            messages.error(request, say("mail.file_refused", name=name, why=why(refusal)))
        return back

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "back": back, "person": person}
    return render(request, "mail/arrive.html", context, status=status)


@require_POST
@requires(Permission.SEND_NOTICES)
def print_form(request: HttpRequest, key) -> HttpResponse:
    """A form for the person, filled in whole, to hand out or to fax; that it was taken is recorded."""
    person = person_or_404(request.staff, key)
    form = PrintForm(request.POST)
    if not form.is_valid():
        return redirect("console:person", key)
    try:
        issued = services.issue(person, Kind(form.cleaned_data["kind"]), Actor.of(request), request.staff)
    except CertificationRefused as refusal:
        messages.error(request, why(refusal))
        return redirect("console:person", key)
    record("mail.printed", Actor.of(request), person=person, form=issued.number)
    return as_pdf(services.form_file(issued, {}, whole=True), f"{issued.kind}-{issued.number}")


@require_POST
@requires(Permission.SEND_NOTICES)
def ask_to_post(request: HttpRequest, key) -> HttpResponse:
    """Put a form for the person among those that are posted next."""
    person = person_or_404(request.staff, key)
    back = reverse("console:person", args=[key])

    def act() -> str:
        form = PrintForm(request.POST)
        if form.is_valid():
            services.ask_to_post(person, Kind(form.cleaned_data["kind"]), request.staff, Actor.of(request))
            tell(request, "done_to_post", name=person.name)
        return back

    return press(request, act, back)


@require_GET
@requires(Permission.SEND_NOTICES)
def posting(request: HttpRequest) -> HttpResponse:
    """What waits to be posted, what was printed lately, and empty prints."""
    context = {
        "waiting": forms_to_post(request.staff)[:_SHOWN],
        "count": forms_to_post(request.staff).count(),
        "postings": postings(request.staff)[:10],
        "empty": EmptyForm(),
    }
    return render(request, "mail/posting.html", context)


@require_POST
@requires(Permission.SEND_NOTICES)
def again(request: HttpRequest) -> HttpResponse:
    """Put a form among those to be posted for whoever certified by one the year before."""
    page = reverse("mail-desk:posting")

    def act() -> str:
        count = services.ask_again(request.staff.area, request.staff, Actor.of(request))
        tell(request, "done_again", count=count)
        return page

    return press(request, act, page)


@require_POST
@requires(Permission.SEND_NOTICES)
def post(request: HttpRequest) -> HttpResponse:
    """Print together what waits in the staff's area."""
    page = reverse("mail-desk:posting")

    def act() -> str:
        made = services.post(request.staff.area, request.staff, Actor.of(request))
        tell(request, "done_posting", number=made.pk, count=made.forms.count())
        return page

    return press(request, act, page)


@require_GET
@requires(Permission.SEND_NOTICES)
def posting_file(request: HttpRequest, number: int) -> HttpResponse:
    """Forms that are posted together, with their address pages; that the file was taken is recorded."""
    found = get_object_or_404(postings(request.staff), pk=number)
    record("mail.posting_taken", Actor.of(request), area=found.area_id, posting=found.pk)
    return as_pdf(services.posting_file(found), f"forms-{found.pk}")


@require_POST
@requires(Permission.SEND_NOTICES)
def empty(request: HttpRequest) -> HttpResponse:
    """Empty prints, each with its number."""
    form = EmptyForm(request.POST)
    if not form.is_valid():
        return redirect("mail-desk:posting")
    kind = Kind(form.cleaned_data["kind"])
    try:
        forms = services.issue_empty(kind, form.cleaned_data["count"], request.staff, Actor.of(request))
    except CertificationRefused as refusal:
        messages.error(request, why(refusal))
        return redirect("mail-desk:posting")
    return as_pdf(services.empty_file(forms, request.staff.area), f"{kind}-{forms[0].number}")
