"""The employer's pages: a list of people seen in person is sent by one, signed by another."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jianzai.audit.services import Actor
from jianzai.clock import today
from jianzai.console.views.common import REFUSALS, press, submit, why
from jianzai.registry.access import Permission, person_or_404, requires, within
from jianzai.web.context import show_on

from .. import services
from ..errors import NobodyInFile
from ..forms import FileForm, ListForm, MetForm
from ..models import Sample, SeenList
from ..queries import Line, entries_of, lists_of, lists_with_counts, offered, people_in, to_list
from ..services.lists import MOST_ON_A_LIST
from .common import tell

_LISTS_SHOWN = 50


def own_list(view):
    """The view gets the list in place of its number, where it is the employer's."""

    @wraps(view)
    def with_list(request: HttpRequest, number: int) -> HttpResponse:
        return view(request, get_object_or_404(lists_of(request.staff), pk=number))

    return with_list


@require_GET
@requires(Permission.SIGN_LISTS)
def lists(request: HttpRequest) -> HttpResponse:
    """What waits for a second signature, what was signed, and who of it is asked again."""
    return render(request, "station/lists.html", {"lists": lists_with_counts(request.staff)[:_LISTS_SHOWN]})


@require_http_methods(["GET", "POST"])
@requires(Permission.SIGN_LISTS)
def new(request: HttpRequest) -> HttpResponse:
    """Tick whom one saw today, look for them by name, or have a file tick them, and sign as the first."""
    if "file" in request.FILES:
        return _from_file(request)
    # What was ticked stays while somebody else is looked for, by POST, so that no name stands in an address.
    ticked = _keys(request.POST.getlist("people"))
    text = "" if request.POST.get("find") == "all" else request.POST.get("text", "").strip()
    people = offered(request.staff, ticked, text)
    if "find" in request.POST:
        form = ListForm(people=people, initial={"people": [str(key) for key in ticked]})
        return _new_page(request, form, FileForm(), 200, asked=text, found=len(people) > len(ticked))
    form = ListForm(request.POST or None, people=people)

    def act(typed: dict) -> str:
        sent = services.send_list(request.staff, typed["people"], Actor.of(request))
        tell(request, "done_sent", count=sent.people.count())
        return reverse("station-desk:list", args=[sent.pk])

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    return _new_page(request, form, FileForm(), 422 if request.method == "POST" else 200)


@require_GET
@requires(Permission.SIGN_LISTS)
@own_list
def seen_list(request: HttpRequest, seen_list: SeenList) -> HttpResponse:
    """One list: who is on it, who signed it, what came of it."""
    context = {
        "list": seen_list,
        "entries": entries_of(seen_list),
        "may_sign": seen_list.state == SeenList.State.SENT and request.staff.pk != seen_list.first_id,
    }
    return render(request, "station/list.html", context)


@require_POST
@requires(Permission.SIGN_LISTS)
@own_list
def sign(request: HttpRequest, seen_list: SeenList) -> HttpResponse:
    """Sign as the second: everybody on it is certified."""
    page = reverse("station-desk:list", args=[seen_list.pk])

    def act() -> str:
        struck = request.POST.getlist("struck")
        services.sign_list(seen_list, request.staff, Actor.of(request), struck)
        out = seen_list.people.filter(struck=True).count()
        tell(request, "done_signed_but_for" if out else "done_signed", count=out)
        return page

    return press(request, act, page)


@require_POST
@requires(Permission.SIGN_LISTS)
@own_list
def withdraw(request: HttpRequest, seen_list: SeenList) -> HttpResponse:
    """Take the list back."""
    page = reverse("station-desk:list", args=[seen_list.pk])

    def act() -> str:
        services.withdraw_list(seen_list, Actor.of(request))
        tell(request, "done_withdrawn")
        return page

    return press(request, act, page)


@require_http_methods(["GET", "POST"])
@requires(Permission.CERTIFY_IN_PERSON)
def met(request: HttpRequest, number: int) -> HttpResponse:
    """A clerk met somebody who was drawn."""
    samples = within(request.staff, Sample.objects.select_related("person"), field="person__area")
    sample = get_object_or_404(samples, pk=number)
    person = person_or_404(request.staff, sample.person.key)
    form = MetForm(request.POST or None)

    def act(typed: dict) -> str:
        services.answer_sample(sample, request.staff, typed["document"], Actor.of(request))
        tell(request, "done_met", name=person.name)
        return reverse("console:person", args=[person.key])

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    context = {"form": form, "person": person, "sample": sample}
    return render(request, "station/met.html", context, status=422 if request.method == "POST" else 200)


def _from_file(request: HttpRequest) -> HttpResponse:
    """Tick whom the file names, and say which of its lines tick nobody; nothing is sent by it."""
    file_form = FileForm(request.POST, request.FILES)
    show_on(request, reverse("station-desk:list-new"))
    people, others, status = [], [], 422
    if file_form.is_valid():
        file = file_form.cleaned_data["file"]
        try:
            people, others = people_in(request.staff, file.name, file.read())
            if not people:
                raise NobodyInFile()
            file_form, status = FileForm(), 200
        except REFUSALS as refusal:
            file_form.add_error("file", why(refusal))
    initial = {"people": [str(person.key) for person in people]}
    form = ListForm(people=people or offered(request.staff, (), ""), initial=initial)
    return _new_page(request, form, file_form, status, read=len(people), others=others)


def _new_page(
    request: HttpRequest,
    form: ListForm,
    file_form: FileForm,
    status: int,
    *,
    asked: str = "",
    found: bool = True,
    read: int = 0,
    others: Sequence[Line] = (),
) -> HttpResponse:
    """``asked``: whom one looked for, and whether somebody was ``found``; ``read``: how many people a file
    ticked, and ``others``, its lines that tick nobody."""
    context = {
        "form": form,
        "file_form": file_form,
        "today": today(),
        "total": to_list(request.staff).count(),
        "most": MOST_ON_A_LIST,
        "asked": asked,
        "found": found,
        "read": read,
        "others": others,
    }
    return render(request, "station/list_new.html", context, status=status)


def _keys(typed: Sequence[str]) -> list[UUID]:
    """Those of ``typed`` that can be keys of people."""
    keys = []
    for text in typed:
        with suppress(ValueError):
            keys.append(UUID(text))
    return keys
