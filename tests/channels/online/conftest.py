"""A person of one district, with an open cycle, for every test of the retiree's site."""

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.models import Attempt, CaptureSession, ReferenceFace
from jianzai.certification.queries import active_reference, current_obligation
from jianzai.certification.services import certify, give_consent, open_cycle
from jianzai.certification.services.reviews import open_case
from jianzai.faces.models import packs
from jianzai.faces.records import to_json
from jianzai.faces.types import Comparison
from jianzai.registry.models import Area, ServicePoint
from jianzai.registry.services import add_person
from tests.browser import browse, cameras, chromium, playwright_driver  # noqa: F401

NAME = "张秀兰"
NUMBER = "430102195003126620"


@pytest.fixture
def district(db):
    Area.objects.create(code="430000000000", name="湖南省")
    Area.objects.create(code="430100000000", name="长沙市")
    return Area.objects.create(code="430102000000", name="芙蓉区")


@pytest.fixture
def person(district):
    return add_person("43010200001", NAME, NUMBER, district, monthly_fen=320000, phone="0731-8000001")


@pytest.fixture
def cycle(person):
    return open_cycle(clock.today().year, Actor.SYSTEM)


@pytest.fixture
def service_point(district):
    return ServicePoint.objects.create(
        area=district,
        name="定王台街道人力资源和社会保障服务站",
        address="芙蓉区解放西路 1 号",
        phone="0731-8000002",
        hours="周一至周五 9:00-17:00",
    )


@pytest.fixture
def signed_in(client, cycle):
    client.post("/sign-in", {"name": NAME, "number": NUMBER})
    return client


@pytest.fixture
def modelled(person, cycle):
    """The person's consent and reference, as a counter leaves them."""
    consent = give_consent(person, "zh", Actor.SYSTEM)
    ReferenceFace.objects.create(
        person=person,
        pack="embedded",
        state=ReferenceFace.State.ACTIVE,
        templates=b"sealed",
        clips=[5],
        quality=80,
        consent=consent,
    )
    return person


def finish(
    capture: CaptureSession,
    decision: str = "same",
    live: bool = True,
    reasons=(),
    case=False,
    margin: float | None = None,
) -> Attempt:
    """End ``capture`` as its last batch would have, with the certification that follows.

    ``margin``: its score, over the threshold.
    """
    score = margin and margin * packs()[capture.pack].drawn.same
    compared = margin and to_json(Comparison(capture.pack, (0.5,), 0.5, score, 3000, None, drawn=True))
    attempt = Attempt.objects.create(
        session=capture,
        person=capture.person,
        reference=active_reference(capture.person) if margin else None,
        on=clock.today(),
        decision=decision,
        live=live,
        similarity=80 if decision == "same" else 20,
        reasons=list(reasons),
        voices={},
        comparison=compared or {},
        policy={},
    )
    certification = None
    if decision == "same" and live:
        obligation = current_obligation(capture.person)
        certification = certify(obligation, "online", Actor("person"), evidence={}, attempt=attempt)
    if case:
        open_case(
            capture.person, current_obligation(capture.person), "uncertain", Actor("person"), attempt=attempt
        )
    capture.state = CaptureSession.State.DECIDED
    capture.save()
    outcome = {
        "certified": certification is not None,
        "decision": decision,
        "live": live,
        "similarity": attempt.similarity,
        "reasons": list(reasons),
        "case": case,
        "certification": certification and certification.serial,
    }
    capture.batches.create(
        sequence=0, received=1.0, answered=1.1, observations={}, answer={"outcome": outcome}
    )
    return attempt


def open_capture(client) -> CaptureSession:
    """Press "I am ready"; the capture that opened."""
    response = client.post("/capture")
    assert response.status_code == 302, response.content.decode()
    return CaptureSession.objects.get(pk=response["Location"].rsplit("/", 1)[1])


@pytest.fixture
def matched(signed_in, modelled):
    """A visit in which the person's face was matched."""
    capture = open_capture(signed_in)
    finish(capture)
    signed_in.get(f"/capture/{capture.pk}/result")
    return signed_in
