"""``jianzai cycle``, ``enrol``, ``verify`` and ``models switch``: certification on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from jianzai.faces.cli import UNUSABLE, weights

models = weights


class _Decides(click.Command):
    """Exit code 2 means "uncertain" here, so a wrong call is 3 like any other unusable input."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.exit_code = UNUSABLE
            raise


_VIDEO = click.argument("video", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_PERSON = click.option("--person", "number", required=True, help="The person's personal number.")


@click.group()
def cycle() -> None:
    """Certification cycles."""


@cycle.command("open")
@click.argument("year", type=click.IntRange(2000, 2999))
def open_year(year: int) -> None:
    """Open the cycle of YEAR with an obligation for everyone alive; again, it adds who came since."""
    import django

    django.setup()
    from jianzai.audit.services import Actor
    from jianzai.certification.errors import Refused
    from jianzai.certification.services import open_cycle
    from jianzai.entitlement import PolicyError
    from jianzai.sentences import LANGUAGES, say

    try:
        opened = open_cycle(year, Actor.SYSTEM)
    except Refused as refused:
        raise click.ClickException(refused.sentence("en")) from refused
    except PolicyError as wrong:
        raise click.ClickException(f"the policy cannot govern a cycle: {wrong}") from wrong
    values = {
        "year": year,
        "people": opened.obligations.count(),
        "opens": opened.opens,
        "due": opened.deadline,
    }
    for language in LANGUAGES:
        click.echo(say("operations.cycle_opened", language, **values))


@weights.command("switch")
@click.argument("pack")
def switch(pack: str) -> None:
    """Model faces with PACK from now on; older references stay verifiable with the pack that made them."""
    import django

    django.setup()
    from jianzai.certification.engine import switch_pack
    from jianzai.faces import ModelMissing, available_packs

    if pack not in available_packs():
        raise click.ClickException(
            f"{pack}: {', '.join(available_packs()) or '-'}; run `jianzai models fetch`"
        )
    try:
        switch_pack(pack)
    except ModelMissing as error:
        raise click.ClickException(str(error)) from error
    click.echo(pack)


@click.command(cls=_Decides)
@_VIDEO
@_PERSON
@click.option("--staff", "username", required=True, help="Who has seen the person and the identity card.")
def enrol(video: Path, number: str, username: str) -> None:
    """Model a face from a file, in the name of the member of staff who saw person, card and consent.

    Exits with 0, or 3 when nothing usable is in the file.
    """
    person = _person(number)
    from jianzai.audit.services import Actor
    from jianzai.certification.errors import Refused
    from jianzai.certification.models import CaptureSession
    from jianzai.certification.services import give_consent, open_session, receive_video
    from jianzai.registry.access import Permission, may
    from jianzai.registry.models import Staff
    from jianzai.sentences import say

    staff = Staff.objects.filter(user__username=username, user__is_active=True).first()
    if staff is None or not may(staff, Permission.MODEL_FACES, person.area_id):
        _unusable(f"{username} may not model faces in {person.area}")
    actor = Actor.staff(staff)
    consent = give_consent(person, "zh", actor, taken_by=staff)
    try:
        session = open_session(
            person, CaptureSession.Purpose.ENROL, "station", actor=actor, staff=staff, consent=consent
        )
        outcome = receive_video(session, video.read_bytes())
    except Refused as error:
        _unusable(error.sentence())
    if not outcome["modelled"]:
        _unusable("; ".join(say(f"reasons.{reason}") for reason in outcome["reasons"]))
    click.echo(f"{person.personal_number}: {outcome['quality']} / 100")


@click.command(cls=_Decides)
@_VIDEO
@_PERSON
def verify(video: Path, number: str) -> None:
    """Is this the person? Compares a file with their reference, and certifies nobody: a file proves no life.

    Exits with 0 for the same person, 1 for another, 2 for uncertain, 3 for input that cannot be used.
    """
    person = _person(number)
    from jianzai.certification.engine import cohort, engine
    from jianzai.certification.queries import active_reference
    from jianzai.certification.sealing import open_reference
    from jianzai.faces import Decision, Unusable, comparison, read_video

    row = active_reference(person)
    if row is None:
        _unusable(f"{number} has no reference / 尚未建模")
    try:
        observations = engine(row.pack).observe(read_video(video))
    except Unusable as error:
        _unusable(f"{video}: {error.reason}")
    found = engine(row.pack).compare(observations, open_reference(row), cohort(row.pack, person.pk))
    if found.score is None:
        _unusable(f"{video}: no usable face / 没有可用的人脸")
    pack = engine(row.pack).pack
    score, point = (
        (found.score, pack.raw) if found.normalised is None else (found.normalised, pack.normalised)
    )
    decision = comparison.decide(score, point)
    click.echo(f"{decision}  {comparison.similarity(score, point.same)} / 100  ({row.pack})")
    raise SystemExit({Decision.SAME: 0, Decision.NOT_SAME: 1, Decision.UNCERTAIN: 2}[decision])


def _person(number: str):
    import django

    django.setup()
    from jianzai.registry.models import Beneficiary

    person = Beneficiary.objects.filter(personal_number=number).first()
    if person is None:
        _unusable(f"nobody has the personal number {number} / 没有个人编号 {number}")
    return person


def _unusable(message: str) -> NoReturn:
    problem = click.ClickException(message)
    problem.exit_code = UNUSABLE
    raise problem
