"""Every clerk's address of other offices' records, for ``tests/channels/test_access.py``."""

from __future__ import annotations

from jianzai.audit.services import Actor
from jianzai.channels.matching import services
from jianzai.channels.matching.models import Case
from jianzai.registry.access import Permission as May
from tests.channels.matching import office
from tests.registry.access_matrix import Route

M = "/console/matching"
ROUTES = {
    "cases": Route(f"{M}/cases", May.REVIEW),
    "case": Route(f"{M}/cases/{{case}}", May.REVIEW),
    "answer": Route(f"{M}/cases/{{case}}/answer", May.REVIEW, "post"),
    "death": Route(f"{M}/cases/{{case}}/death", May.RECORD_DEATH, "post"),
    "object": Route(f"{M}/people/{{person}}/object", May.REVIEW, "post"),
    "sources": Route(f"{M}/sources", May.MANAGE_SOURCES),
    "source": Route(f"{M}/sources/{{source}}", May.MANAGE_SOURCES),
    "upload": Route(f"{M}/sources/{{source}}/files", May.MANAGE_SOURCES, "post"),
    "example": Route(f"{M}/sources/{{source}}/example", May.MANAGE_SOURCES),
    "file": Route(f"{M}/files/{{file}}", May.MANAGE_SOURCES),
    "brought": Route(f"{M}/files/{{file}}/records/exact", May.MANAGE_SOURCES),
    "problems": Route(f"{M}/files/{{file}}/problems", May.MANAGE_SOURCES),
}
TESTED_ELSEWHERE = {}


def rows(person) -> dict:
    """A death that a record of the person's area hints at, and a file of the same source."""
    source = office.source("dead", area=person.area)
    office.bring(source, office.row_of(person))
    file = services.receive(source, "more.csv", office.table(), None, Actor.SYSTEM)
    return {"case": Case.objects.get(person=person).pk, "source": source.pk, "file": file.pk}
