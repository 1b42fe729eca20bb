"""Faces modelled from an archive: one file a person, many people, as often as one likes.

What came of a file is known by its digest. So whoever starts again, after a kill or with more files, does
what is left: nothing is modelled twice, and what was refused is refused with the same reasons.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.faces.bulk import Modelled, model_files
from jianzai.registry.access import Permission, may
from jianzai.registry.models import Beneficiary, Staff

from ..models import ModelledFile, ReferenceFace
from .consents import face_refused, give_consent, valid_consent
from .references import keep_reference

_AHEAD = 500  # people looked up together
_IN_USE = (ReferenceFace.State.ACTIVE, ReferenceFace.State.PENDING)


@dataclass(frozen=True, slots=True)
class Terms:
    """In whose name files are modelled, and under which terms.

    consent_on_paper: everybody in them signed the consent, which the office keeps.
    ground: on which ``staff`` confirms every model; empty: each waits for a clerk.
    """

    staff: Staff
    consent_on_paper: bool = False
    ground: str = ""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What came of one file: a model where there are no ``reasons`` against it, made now or ``before``."""

    number: str
    file: Path
    reasons: tuple[str, ...] = ()
    before: bool = False


def model_from_files(
    files: Iterable[tuple[str, Path]], pack: str, terms: Terms, processes: int | None = None
) -> Iterator[FileOutcome]:
    """Model the people of ``files``, pairs of personal number and file; the outcome of each, as it comes.

    Whoever has a model of ``pack`` keeps it: files come in where there is none. On ``processes`` of the face
    engine (one for each core), each person a transaction in this one.
    """
    settled: deque[FileOutcome] = deque()
    for (person, file), modelled in model_files(pack, _to_model(files, pack, terms, settled), processes):
        while settled:
            yield settled.popleft()
        yield _keep(person, file, modelled, pack, terms)
    yield from settled


def _to_model(
    files: Iterable[tuple[str, Path]], pack: str, terms: Terms, settled: deque[FileOutcome]
) -> Iterator[tuple[tuple[Beneficiary, Path], Path]]:
    """Those whose file has to be looked at; what is known without goes to ``settled``."""
    met: set[str] = set()
    rest = iter(files)
    while part := list(islice(rest, _AHEAD)):
        numbers = [number for number, _ in part]
        people = Beneficiary.objects.select_related("area").in_bulk(numbers, field_name="personal_number")
        keys = [person.pk for person in people.values()]
        known: dict[int, dict[str, tuple[str, ...]]] = {}
        for row in ModelledFile.objects.filter(person__in=keys, pack=pack):
            known.setdefault(row.person_id, {})[row.sha256] = tuple(row.reasons)
        for number, file in part:
            person = people.get(number)
            if person is None:
                settled.append(FileOutcome(number, file, ("unknown_number",)))
            elif number in met:
                settled.append(FileOutcome(number, file, ("second_file",)))
            elif (digest := _digest(file, known.get(person.pk))) in known.get(person.pk, {}):
                settled.append(FileOutcome(number, file, known[person.pk][digest], before=True))
            elif reason := _against(person, pack, terms):
                settled.append(FileOutcome(number, file, (reason,)))
            else:
                yield (person, file), file
            met.add(number)


def _digest(file: Path, known: dict | None) -> str | None:
    """What the file is known by, where anything of its person is."""
    if not known:
        return None
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return None


def _against(person: Beneficiary, pack: str, terms: Terms) -> str | None:
    """Why nobody's face is modelled, whatever the file shows."""
    needed = [Permission.MODEL_FACES, *([Permission.REVIEW] if terms.ground else [])]
    if not all(may(terms.staff, permission, person.area_id) for permission in needed):
        return "not_your_area"
    if person.died_on:
        return "died"
    if person.references.filter(state__in=_IN_USE, pack=pack).exists():
        return "has_model"
    if face_refused(person) or not (terms.consent_on_paper or valid_consent(person)):
        return "no_consent"
    return None


@transaction.atomic
def _keep(person: Beneficiary, file: Path, modelled: Modelled, pack: str, terms: Terms) -> FileOutcome:
    if not modelled.sha256:  # could not be read: perhaps the next time
        return FileOutcome(person.personal_number, file, modelled.reasons)
    # Under the person's lock, since another run, a counter or a withdrawal may have come first.
    person = Beneficiary.objects.select_for_update(no_key=True, of=("self",)).get(pk=person.pk)
    known = person.modelled_files.filter(pack=pack, sha256=modelled.sha256).first()
    if known:
        return FileOutcome(person.personal_number, file, tuple(known.reasons), before=True)
    if reason := _against(person, pack, terms):
        return FileOutcome(person.personal_number, file, (reason,))
    actor, row = Actor.command_line(terms.staff), None
    if modelled.reference:
        consent = valid_consent(person) or give_consent(
            person, "zh", actor, taken_by=terms.staff, on_paper=terms.consent_on_paper
        )
        row = keep_reference(
            person,
            modelled.reference,
            modelled.picture,
            actor,
            consent=consent,
            made_by=terms.staff,
            confirmed_by=terms.staff if terms.ground else None,
            ground=terms.ground,
        )
    else:
        record("certification.modelling_refused", actor, person=person, reasons=list(modelled.reasons))
    ModelledFile.objects.create(
        person=person, pack=pack, sha256=modelled.sha256, reference=row, reasons=list(modelled.reasons)
    )
    return FileOutcome(person.personal_number, file, modelled.reasons)
