"""Print runs 打印批次: letters from the outbox to the printer to the post.

``print_letters`` takes what waits into an open run, ``run_file`` makes its file as often as wanted, and
``post_run`` or ``give_up_run`` ends it. Posting is a decision: one short transaction that records who and
when, and hands the work to the worker, which counts one letter a transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.registry.models import Area, Staff
from jianzai.worker import hand_over

from ..errors import LetterNotPrinted, RunGivenUp, RunPosted
from ..models import Notice, PrintRun
from ..transports import letter
from .outbox import PUT_OFF, TRUE, lock_notice, sent

_log = logging.getLogger(__name__)

LETTERS_A_RUN = 500
"""A print run holds at most so many letters: its file is made in seconds, within the request that asks for it
(``benchmarks/letters.py``)."""


def waiting_letters(area: Area | None = None) -> QuerySet[Notice]:
    """The letters of ``area`` (None: everywhere) that wait for the printer and are still true."""
    return _queued(area).filter(TRUE)


def runs_under_way() -> QuerySet[PrintRun]:
    """Runs that are not known to be posted, and posted ones not counted to the end; the oldest first.

    ``letters`` is how many of its letters may still be posted or counted.
    """
    printed = Notice.objects.filter(transport="letter", state=Notice.State.PRINTED, run=OuterRef("pk"))
    true = printed.filter(TRUE).order_by().values("run").annotate(count=Count("pk")).values("count")
    runs = PrintRun.objects.filter(
        Q(state=PrintRun.State.OPEN) | Q(Exists(printed), state=PrintRun.State.POSTED)
    ).annotate(letters=Coalesce(Subquery(true), 0))
    return runs.select_related("area", "made_by__user").order_by("id")


@transaction.atomic
def print_letters(actor: Actor, area: Area | None = None, by: Staff | None = None) -> PrintRun | None:
    """Take the letters that wait within ``area`` (None: everywhere) into a new open run.

    At most LETTERS_A_RUN, in the order of the post's round: by area. What is no longer true is withdrawn.
    None where no letter waits. ``by`` is the member of staff who prints, None for the command line.
    """
    return _print(_queued(area), actor, area, by)


@transaction.atomic
def print_letter(notice: Notice, actor: Actor, by: Staff | None = None) -> PrintRun | None:
    """One letter as a run of its own, unless it was printed before: then the run it is in.

    None where it is no longer true, and for one sent before there were runs.
    """
    run = _print(
        Notice.objects.filter(pk=notice.pk, state=Notice.State.QUEUED), actor, notice.person.area, by
    )
    notice.refresh_from_db()
    return run or notice.run


def run_letters(run: PrintRun) -> QuerySet[Notice]:
    """The letters of a run that were posted or still may be, in the order of the post's round."""
    return _in_round(run.notices.filter(Q(TRUE, state=Notice.State.PRINTED) | Q(state=Notice.State.SENT)))


def run_file(run: PrintRun, actor: Actor, language: str = "zh") -> bytes | None:
    """``run_letters`` in one PDF, as often as wanted; that it was taken is recorded. None: none is left."""
    found = list(run_letters(run))
    if not found:
        return None
    record("notices.letters_taken", actor, area=run.area_id or "", run=run.pk, letters=len(found))
    return letters(found, language)


def letters(notices: Sequence[Notice], language: str = "zh") -> bytes:
    """``notices`` as letters in one PDF, ``language`` above the other; nothing is written."""
    return letter.render(notices, language)


@transaction.atomic
def post_run(run: PrintRun, actor: Actor, by: Staff | None = None) -> int | None:
    """The letters of ``run`` were put in the post today: the worker counts them as sent, and as contacts.

    How many they are as it stands now; what is not true when its turn comes is withdrawn instead. None where
    the run was posted before: again, it changes nothing. Raises RunGivenUp.
    """
    locked = _locked(run)
    if locked.state == PrintRun.State.GIVEN_UP:
        raise RunGivenUp(run=run.pk)
    if locked.state == PrintRun.State.POSTED:
        return None
    count = locked.notices.filter(TRUE, state=Notice.State.PRINTED).count()
    _posted(locked, by)
    record("notices.letters_posted", actor, area=locked.area_id or "", run=locked.pk, letters=count)
    hand_over("jianzai.notices.tasks.count_posted", run=locked.pk)
    return count


def count_letters(run: PrintRun) -> None:
    """Count what is left of a posted run, one transaction a letter.

    What is counted stays as it is: whoever carries on after a kill, or beside another process, counts
    nothing twice.
    """
    run.refresh_from_db()
    actor = Actor.staff(run.posted_by) if run.posted_by else Actor.SYSTEM
    if run.state == PrintRun.State.POSTED:
        for number in list(
            run.notices.filter(state=Notice.State.PRINTED).order_by("id").values_list("pk", flat=True)
        ):
            _count(number, run.posted_on, actor)


def finish_runs() -> None:
    """Carry on with every posted run that a process left in the middle. One that fails keeps none waiting."""
    printed = Notice.objects.filter(
        transport="letter", state=Notice.State.PRINTED, run__state=PrintRun.State.POSTED
    )
    for run in PrintRun.objects.filter(pk__in=printed.values("run")).order_by("id"):
        try:
            count_letters(run)
        except Exception:
            _log.exception("run %s is not counted", run.pk)


@transaction.atomic
def post_letter(notice: Notice, actor: Actor, by: Staff | None = None) -> Notice.State | None:
    """One letter of an open run was put in the post today; the last one closes the run.

    SENT, WITHDRAWN where it was no longer true, or QUEUED where it waits while a death is on record.
    None where it was posted before. Raises LetterNotPrinted where it waits for the printer or was withdrawn.
    """
    run = PrintRun.objects.select_for_update(of=("self",)).filter(notices=notice).first()
    now = Notice.objects.get(pk=notice.pk)  # read under the run's lock
    if now.state == Notice.State.SENT:
        return None
    if run is None or now.run_id != run.pk or now.state != Notice.State.PRINTED:
        raise LetterNotPrinted(number=notice.pk)
    if run.state == PrintRun.State.POSTED:
        return None
    state = _count(notice.pk, today(), actor)
    if not run.notices.filter(state=Notice.State.PRINTED).exists():
        _posted(run, by)
    record("notices.letter_posted", actor, person=now.person, run=run.pk, letter=notice.pk, state=state)
    return state


@transaction.atomic
def give_up_run(run: PrintRun, actor: Actor) -> int:
    """The run is not posted: its letters wait for the printer again; how many. Again, it changes nothing.

    Raises RunPosted.
    """
    locked = _locked(run)
    if locked.state == PrintRun.State.POSTED:
        raise RunPosted(run=run.pk)
    if locked.state == PrintRun.State.GIVEN_UP:
        return 0
    count = locked.notices.filter(state=Notice.State.PRINTED).update(state=Notice.State.QUEUED, run=None)
    locked.state = PrintRun.State.GIVEN_UP
    locked.save(update_fields=["state"])
    record("notices.letters_given_up", actor, area=locked.area_id or "", run=locked.pk, letters=count)
    return count


def _queued(area: Area | None) -> QuerySet[Notice]:
    queued = Notice.objects.filter(transport="letter", state=Notice.State.QUEUED)
    return queued.filter(person__area__code__startswith=area.prefix) if area else queued


def _print(waiting: QuerySet[Notice], actor: Actor, area: Area | None, by: Staff | None) -> PrintRun | None:
    waiting.exclude(TRUE | PUT_OFF).update(state=Notice.State.WITHDRAWN)
    # Whoever prints at the same moment takes other letters.
    free = _in_round(waiting.filter(TRUE)).select_for_update(of=("self",), skip_locked=True)
    taken = [notice.pk for notice in free[:LETTERS_A_RUN]]
    if not taken:
        return None
    run = PrintRun.objects.create(area=area, made_by=by)
    Notice.objects.filter(pk__in=taken).update(state=Notice.State.PRINTED, run=run)
    record("notices.letters_printed", actor, area=run.area_id or "", run=run.pk, letters=len(taken))
    return run


def _in_round(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """In the order of the post's round, with what a letter says."""
    return notices.select_related("person__area").order_by("person__area", "person__personal_number", "id")


def _locked(run: PrintRun) -> PrintRun:
    return PrintRun.objects.select_for_update().get(pk=run.pk)


def _posted(run: PrintRun, by: Staff | None) -> None:
    run.state, run.posted_on, run.posted_by = PrintRun.State.POSTED, today(), by
    run.save(update_fields=["state", "posted_on", "posted_by"])


@transaction.atomic
def _count(number: int, on: date, actor: Actor) -> Notice.State:
    """A posted letter has gone out, is withdrawn, or waits again; its state after that.

    What says something of payment waits while a death is on record, also where it was printed before: should
    the death be withdrawn, it is printed again.
    """
    notice = lock_notice(number)
    if notice.state != Notice.State.PRINTED:
        return Notice.State(notice.state)
    if Notice.objects.filter(TRUE, pk=number).exists():
        sent([notice], actor, on)
        return Notice.State.SENT
    found = Notice.objects.filter(pk=number)
    if found.filter(PUT_OFF).exists():
        found.update(state=Notice.State.QUEUED, run=None)
        return Notice.State.QUEUED
    found.update(state=Notice.State.WITHDRAWN)
    return Notice.State.WITHDRAWN
