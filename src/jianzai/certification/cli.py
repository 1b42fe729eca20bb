"""``jianzai cycle``, ``enrol``, ``verify`` and ``models switch``: certification on the command line."""

from __future__ import annotations

from pathlib import Path

import click

from jianzai.faces.cli import weights

from .command_line import Decides, staff_who_may, unusable

models = weights


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
    from jianzai.faces import ModelMissing

    try:
        switch_pack(pack)
    except ModelMissing as error:
        raise click.ClickException(str(error)) from error
    click.echo(pack)


@click.command(cls=Decides)
@_VIDEO
@_PERSON
@click.option(
    "--staff", "username", help="Who has seen the person and the identity card. The demo finds one."
)
@click.option(
    "--consent-on-paper",
    is_flag=True,
    help="The person signed the consent on paper. Needed where they gave none on the site; not in the demo.",
)
def enrol(video: Path, number: str, username: str | None, consent_on_paper: bool) -> None:
    """Model a face from a file, in the name of the member of staff who saw the person and the card.

    Nobody checks that name, so the record says that it came from the command line.
    Exits with 0, or 3 when nothing usable is in the file.
    """
    person = _person(number)
    from django.conf import settings

    from jianzai.audit.services import Actor
    from jianzai.certification.errors import Refused
    from jianzai.certification.models import CaptureSession
    from jianzai.certification.services import give_consent, open_session, receive_video, valid_consent
    from jianzai.certification.services.outcomes import COMMAND_LINE
    from jianzai.registry.access import Permission
    from jianzai.sentences import say

    staff = staff_who_may(Permission.MODEL_FACES, username, person.area)
    if not (settings.DEMO or consent_on_paper or valid_consent(person)):
        unusable(
            f"{number} has not consented: on the site, or on paper (then add --consent-on-paper)"
            " / 本人尚未授权：请在网站上授权，或签署纸质授权书后加 --consent-on-paper"
        )
    actor = Actor.command_line(staff)
    consent = valid_consent(person) or give_consent(
        person, "zh", actor, taken_by=staff, on_paper=consent_on_paper
    )
    try:
        session = open_session(
            person, CaptureSession.Purpose.ENROL, COMMAND_LINE, actor=actor, staff=staff, consent=consent
        )
        outcome = receive_video(session, video.read_bytes())
    except Refused as error:
        unusable(error.sentence())
    if not outcome["modelled"]:
        unusable("; ".join(say(f"reasons.{reason}") for reason in outcome["reasons"]))
    click.echo(f"{person.personal_number}: {outcome['quality']} / 100")


@click.command(cls=Decides)
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
    from jianzai.certification.wording import evidence_in_words
    from jianzai.faces import Decision, Unusable, comparison, read_video
    from jianzai.sentences import LANGUAGES

    row = active_reference(person)
    if row is None:
        unusable(f"{number} has no reference / 尚未建模")
    try:
        observations = engine(row.pack).observe(read_video(video))
    except Unusable as error:
        unusable(f"{video}: {error.reason}")
    found = engine(row.pack).compare(observations, open_reference(row), cohort(row.pack, person.pk))
    if found.score is None:
        unusable(f"{video}: no usable face / 没有可用的人脸")
    score, point = comparison.deciding(found, engine(row.pack).pack)
    decision = comparison.anchored(comparison.decide(score, point), found, point.uncertain)
    click.echo(f"{decision}  {comparison.similarity(score, point.same)} / 100  ({row.pack})")
    for language in LANGUAGES:
        click.echo(evidence_in_words(comparison.evidence(score, point), language))
    raise SystemExit({Decision.SAME: 0, Decision.NOT_SAME: 1, Decision.UNCERTAIN: 2}[decision])


def _person(number: str):
    import django

    django.setup()
    from jianzai.registry.models import Beneficiary

    person = Beneficiary.objects.filter(personal_number=number).first()
    if person is None:
        unusable(f"nobody has the personal number {number} / 没有个人编号 {number}")
    return person
