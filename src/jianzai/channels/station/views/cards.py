"""The identity card at the counter: read, corrected, decided."""

from __future__ import annotations

import base64
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jianzai.audit.services import Actor
from jianzai.console.views.common import press, submit
from jianzai.registry.access import Permission, person_or_404, requires
from jianzai.web.context import show_on
from jianzai.web.middleware import content_policy

from .. import services
from ..cards.rules import questions
from ..forms import CorrectForm, DecideForm, HandOverForm
from ..models import CardReading
from ..queries import cards_within, sheet_of, who_it_may_be
from .common import tell


def of_this_area(view):
    """The view gets the reading in place of its number, where its person lives within the staff's area; one
    of nobody yet only who read it."""

    @wraps(view)
    def with_reading(request: HttpRequest, number: int) -> HttpResponse:
        reading = cards_within(request.staff).filter(pk=number).first()
        if reading is None:
            raise Http404
        return view(request, reading)

    return with_reading


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@requires(Permission.CERTIFY_IN_PERSON)
def read(request: HttpRequest, key=None) -> HttpResponse:
    """A card is read by the reader's service; of the person of this key, else of whoever has its number."""
    person = person_or_404(request.staff, key) if key else None
    form = HandOverForm(request.POST or None, request.FILES or None)

    def act(typed: dict) -> str:
        reading = services.take_card(form.card(), request.staff, Actor.of(request), person)
        return reverse("station-desk:card", args=[reading.pk])

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    context = {"form": form, "person": person, "reader": settings.CARD_READER}
    answer = render(request, "station/card_read.html", context, status=422 if form.is_bound else 200)
    if settings.CARD_READER:
        service = urlsplit(settings.CARD_READER)
        answer["Content-Security-Policy"] = content_policy(f"{service.scheme}://{service.netloc}")
    return answer


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def card(request: HttpRequest, reading: CardReading) -> HttpResponse:
    """Each field with its confidence and check, and what there is to decide."""
    return _page(request, reading)


@sensitive_post_parameters()
@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def correct(request: HttpRequest, reading: CardReading) -> HttpResponse:
    """Put right what was read wrongly; the checks are made anew."""
    page = reverse("station-desk:card", args=[reading.pk])
    form = CorrectForm(request.POST, read=reading.read)

    def act() -> str:
        services.correct_card(reading, form.cleaned_data, Actor.of(request))
        return page

    if not form.is_valid():
        show_on(request, page)
        return _page(request, reading, correcting=form, status=422)
    return press(request, act, page)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def choose(request: HttpRequest, reading: CardReading) -> HttpResponse:
    """Say whose card it may be, where nobody has its number."""
    person = person_or_404(request.staff, request.POST.get("person", ""))
    page = reverse("station-desk:card", args=[reading.pk])

    def act() -> str:
        services.choose_person(reading, person, Actor.of(request))
        return page

    return press(request, act, page)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def decide(request: HttpRequest, reading: CardReading) -> HttpResponse:
    """Decide every question, each with a reason."""
    if reading.person is None:
        raise Http404
    asked = questions(services.checks_of(reading)) if reading.fields else []
    form = DecideForm(request.POST, asked=asked)

    def act(typed: dict) -> str:
        decided = services.decide_card(reading, form.answers(), request.staff, Actor.of(request))
        tell(request, f"done_card_{decided.state}", name=decided.person.name)
        return reverse("console:person", args=[decided.person.key])

    show_on(request, reverse("station-desk:card", args=[reading.pk]))
    return submit(request, form, act) or _page(request, reading, deciding=form, status=422)


def _page(
    request: HttpRequest,
    reading: CardReading,
    *,
    correcting: CorrectForm | None = None,
    deciding: DecideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    still_open = reading.state == CardReading.State.OPEN and reading.fields is not None
    context = {"reading": reading, "person": reading.person, "still_open": still_open}
    if still_open:
        context["correcting"] = correcting or CorrectForm(read=reading.read)
        if reading.picture:
            context["portrait"] = base64.b64encode(reading.picture).decode()
        if reading.person is None:
            context["candidates"] = who_it_may_be(request.staff, reading)
        else:
            checks = services.checks_of(reading)
            context["rows"] = sheet_of(reading, checks)
            context["unread"] = any(one.found_nothing for one in checks)
            context["deciding"] = deciding or DecideForm(asked=questions(checks))
    return render(request, "station/card.html", context, status=status)
