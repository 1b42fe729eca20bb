"""One person's row: built, sealed and opened. Adding one by hand and adding a roster share it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from jianzai.registry import identity, names
from jianzai.registry.models import IDENTITY, Beneficiary
from jianzai.vault import vault


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is known of a person, in the forms that are kept (``names``, ``identity``, ``areas``)."""

    personal_number: str
    name: str
    sex: str
    birth_date: date
    identity_kind: str
    identity_number: str
    area_id: str
    monthly_fen: int
    phone: str = ""
    address: str = ""
    employer: str = ""
    retired_on: date | None = None

    def apply(self, person: Beneficiary, leave: Collection[str] = ()) -> bool:
        """Write them into ``person`` (unsaved) and say whether anything became different.

        leave: columns of somebody known that nothing is said about here.
        """
        changed = False
        for column in COLUMNS:
            if column in leave and person.pk:
                continue
            if getattr(person, column) != (value := getattr(self, column)):
                setattr(person, column, value)
                changed = True
        if (reading := names.pinyin(self.name)) != person.pinyin:
            person.pinyin = reading
            changed = True
        lookup = identity_lookup(self.identity_number)
        if bytes(person.identity_lookup or b"") != lookup:
            person.identity_lookup = lookup
            person.identity_sealed = vault().seal(
                self.identity_number.encode(), owner=str(person.key), purpose=IDENTITY
            )
            changed = True
        return changed


COLUMNS = (
    "personal_number",
    "name",
    "sex",
    "birth_date",
    "identity_kind",
    "area_id",
    "monthly_fen",
    "phone",
    "address",
    "employer",
    "retired_on",
)
"""Columns of Beneficiary that are taken over as they are."""


def identity_number(person: Beneficiary) -> str:
    """The person's identity number in the clear."""
    return vault().open(person.identity_sealed, owner=str(person.key), purpose=IDENTITY).decode()


def identity_lookup(number: str) -> bytes:
    """What a number is found by, however it is written."""
    return vault().lookup(identity.normalised(number))
