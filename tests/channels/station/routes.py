"""Every clerk's address of stations and former employers, for ``tests/channels/test_access.py``."""

from __future__ import annotations

from datetime import timedelta

from jianzai.certification.queries import current_obligation
from jianzai.channels.station.cards.fields import ReadField
from jianzai.channels.station.models import CardReading, Helper, Mandate, Sample, SeenList, SeenPerson
from jianzai.clock import today
from jianzai.registry.access import Permission as May
from jianzai.registry.models import ServicePoint
from tests.channels.station.office import EMPLOYER
from tests.registry.access_matrix import Route
from tests.registry.people import staff

S = "/console/station"
ROUTES = {
    "lists": Route(f"{S}/lists", May.SIGN_LISTS),
    "list-new": Route(f"{S}/lists/new", May.SIGN_LISTS),
    "list": Route(f"{S}/lists/{{list}}", May.SIGN_LISTS),
    "list-sign": Route(f"{S}/lists/{{list}}/sign", May.SIGN_LISTS, "post"),
    "list-withdraw": Route(f"{S}/lists/{{list}}/withdraw", May.SIGN_LISTS, "post"),
    "met": Route(f"{S}/samples/{{sample}}/met", May.CERTIFY_IN_PERSON),
    "helper-new": Route(f"{S}/people/{{person}}/helpers/new", May.CERTIFY_IN_PERSON),
    "helper-end": Route(f"{S}/helpers/{{mandate}}/end", May.CERTIFY_IN_PERSON, "post"),
    "card-read": Route(f"{S}/card", May.CERTIFY_IN_PERSON),
    "card-of": Route(f"{S}/people/{{person}}/card", May.CERTIFY_IN_PERSON),
    "card": Route(f"{S}/card/{{card}}", May.CERTIFY_IN_PERSON),
    "card-correct": Route(f"{S}/card/{{card}}/correct", May.CERTIFY_IN_PERSON, "post"),
    "card-decide": Route(f"{S}/card/{{card}}/decide", May.CERTIFY_IN_PERSON, "post"),
    "unusual": Route(f"{S}/unusual", May.SEE_UNUSUAL),
    "points": Route(f"{S}/points", May.MANAGE_POINTS),
    "point": Route(f"{S}/points/{{point}}", May.MANAGE_POINTS),
}
TESTED_ELSEWHERE = {"card-person": May.CERTIFY_IN_PERSON}


def rows(person) -> dict:
    """A service point, a list that waits with the person on it, and one signed by which they were drawn."""
    person.employer = EMPLOYER
    person.save()
    point = ServicePoint.objects.create(area=person.area, name="站", address="路", phone="1", hours="周一")
    sent, _ = _list(person)
    _, seen = _list(person, state="signed", second=staff("employer", person.area), ended_on=today())
    sample = Sample.objects.create(seen=seen, person=person, answer_by=today())
    mandate = Mandate.objects.create(
        helper=Helper.objects.create(identity_lookup=person.key.bytes * 2),
        person=person,
        name="李红",
        relation="child",
        code=person.key.bytes * 2,
        given_on=today(),
        before=sent.first,
    )
    card = CardReading(person=person, staff=sent.first, read_on=today(), by_chip=True)
    card.keep({"name": ReadField(person.name)})
    card.save()
    return {
        "point": point.pk,
        "list": sent.pk,
        "sample": sample.pk,
        "mandate": mandate.pk,
        "card": card.pk,
    }


def _list(person, **ended) -> tuple[SeenList, SeenPerson]:
    sent = SeenList.objects.create(
        employer=EMPLOYER,
        area=person.area,
        day=today(),
        first=staff("employer", person.area),
        holds_until=today() + timedelta(days=14),
        **ended,
    )
    duty = current_obligation(person)
    return sent, SeenPerson.objects.create(seen_list=sent, person=person, obligation=duty, waiting=not ended)
