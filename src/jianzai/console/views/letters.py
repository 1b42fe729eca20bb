"""Letters from the printer to the post: print runs of an area, and the letters of one person.

A run's file is made anew as often as it is opened, so that a lost answer or a paper jam loses nothing. Only
"posted" counts.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jianzai.audit.services import Actor
from jianzai.notices.models import Notice, PrintRun
from jianzai.notices.services import (
    give_up_run,
    letters,
    post_letter,
    post_run,
    print_letter,
    print_letters,
    run_file,
    run_letters,
    waiting_letters,
)
from jianzai.registry.access import Permission, person_or_404, requires
from jianzai.registry.models import Beneficiary
from jianzai.sentences import language, say

from ..queries import runs_within
from .common import press, tell


@require_POST
@requires(Permission.SEND_NOTICES)
def print_waiting(request: HttpRequest) -> HttpResponse:
    """Take the letters that wait in one's area into a new run."""
    area = request.staff.area

    def act() -> str:
        run = print_letters(Actor.of(request), area, request.staff)
        _tell_printed(request, run)
        if run and (left := waiting_letters(area).count()):
            messages.info(request, say("console.letters_left", count=left))
        return _list()

    return press(request, act, _list())


@require_GET
@requires(Permission.SEND_NOTICES)
def run(request: HttpRequest, number: int) -> HttpResponse:
    """The letters of a run in one file, to print; that it was taken is recorded."""
    pdf = run_file(_run(request, number), Actor.of(request), language())
    if pdf is None:
        messages.info(request, say("console.run_empty", run=number))
        return redirect(_list())
    return _pdf(pdf, f"letters-{number}")


@require_POST
@requires(Permission.SEND_NOTICES)
def posted(request: HttpRequest, number: int) -> HttpResponse:
    """The letters of a run were put in the post."""
    found = _run(request, number)

    def act() -> str:
        count = post_run(found, Actor.of(request), request.staff)
        if count is None:
            messages.info(request, say("console.posted_before"))
        else:
            tell(request, "done_posted", run=found.pk, count=count)
        return _list()

    return press(request, act, _list())


@require_POST
@requires(Permission.SEND_NOTICES)
def give_up(request: HttpRequest, number: int) -> HttpResponse:
    """A run is not posted: its letters wait again."""
    found = _run(request, number)

    def act() -> str:
        count = give_up_run(found, Actor.of(request))
        tell(request, "done_given_up", run=found.pk, count=count)
        return _list()

    return press(request, act, _list())


@require_GET
@requires(Permission.SEND_NOTICES)
def letter(request: HttpRequest, key, notice: int) -> HttpResponse:
    """A letter of this person that was printed, once more."""
    found = _letter(person_or_404(request.staff, key), notice)
    if found.state == Notice.State.QUEUED:
        raise Http404
    return _pdf(letters([found], language()), f"letter-{found.pk}")


@require_POST
@requires(Permission.SEND_NOTICES)
def letter_print(request: HttpRequest, key, notice: int) -> HttpResponse:
    """Print a waiting letter of this person, as a run of its own."""
    found = _letter(person_or_404(request.staff, key), notice)
    page = reverse("console:person", args=[key])

    def act() -> str:
        _tell_printed(request, print_letter(found, Actor.of(request), request.staff))
        return page

    return press(request, act, page)


@require_POST
@requires(Permission.SEND_NOTICES)
def letter_posted(request: HttpRequest, key, notice: int) -> HttpResponse:
    """A printed letter of this person was put in the post."""
    found = _letter(person_or_404(request.staff, key), notice)
    page = reverse("console:person", args=[key])

    def act() -> str:
        match post_letter(found, Actor.of(request), request.staff):
            case Notice.State.SENT:
                tell(request, "done_letter_posted")
            case Notice.State.WITHDRAWN:
                messages.info(request, say("console.letter_withdrawn"))
            case Notice.State.QUEUED:
                messages.info(request, say("console.letter_waits_again"))
            case None:
                messages.info(request, say("console.posted_before"))
        return page

    return press(request, act, page)


def _tell_printed(request: HttpRequest, run: PrintRun | None) -> None:
    if run is None:
        messages.info(request, say("console.no_letters"))
    else:
        tell(request, "done_printed", run=run.pk, count=run_letters(run).count())


def _list() -> str:
    return f"{reverse('console:cycle')}#letters"


def _run(request: HttpRequest, number: int) -> PrintRun:
    return get_object_or_404(runs_within(request.staff, PrintRun.objects.all()), pk=number)


def _letter(person: Beneficiary, number: int) -> Notice:
    return get_object_or_404(person.notices.filter(transport="letter"), pk=number)


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
