"""Finding people."""

from __future__ import annotations

import hmac
import re

from django.db.models import F, Func, Q, QuerySet, TextField, Value

from jianzai.registry import identity, names
from jianzai.registry.access import within
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.people import identity_lookup

masked_name = names.masked


class Initials(Func):
    """The second word of ``pinyin``; the index ``initials_prefix`` stands on the same expression."""

    function = "split_part"
    output_field = TextField()

    def __init__(self) -> None:
        super().__init__(F("pinyin"), Value(" "), Value(2))


def find_person(name: str, identity_number: str) -> Beneficiary | None:
    """The person whose name and identity number these are, however they are typed.

    The same work is done whether the number is unknown, the name wrong or both right, so that the time
    taken tells nothing.
    """
    found = list(
        Beneficiary.objects.select_related("area").filter(identity_lookup=identity_lookup(identity_number))[
            :2
        ]
    )
    typed = names.comparable(name).encode()
    match = None
    for person in [*found, *[Beneficiary(name="无")] * (2 - len(found))]:
        same = hmac.compare_digest(names.comparable(person.name).encode(), typed)
        if same and person.pk:
            match = person
    return match


def search(staff: Staff, text: str) -> QuerySet[Beneficiary]:
    """People in the staff's area by the start of their name, pinyin, initials or personal number, or by
    their whole identity number; in the order of personal numbers. Empty text finds nobody.
    """
    name, typed = names.normalised(text), re.sub(r"[\s'’]", "", text)
    if not typed:
        return Beneficiary.objects.none()
    number = identity.normalised(text)
    matches = Q(personal_number__startswith=typed)
    if re.fullmatch(r"[A-Z0-9]{8,40}", number):
        matches |= Q(identity_lookup=identity_lookup(number))
    if not typed.isdigit():
        sound = names.comparable(text).replace("ü", "v")
        matches |= Q(name__startswith=name) | Q(pinyin__startswith=sound) | Q(initials__startswith=sound)
    people = Beneficiary.objects.select_related("area").alias(initials=Initials())
    return within(staff, people).filter(matches).order_by("personal_number")
