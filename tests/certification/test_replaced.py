"""A personal number that a roster gives to somebody else takes no face along."""

import pytest

from jianzai.audit.models import AuditEntry
from jianzai.certification.models import CaptureSession
from jianzai.certification.queries import active_reference
from jianzai.certification.services import valid_consent
from jianzai.registry.services import identity_number, import_roster
from tests.console import office
from tests.people import DISTRICT, make_person, make_staff, resident_number

pytestmark = pytest.mark.django_db
HEADER = "personal_number,name,identity_number,area_code,monthly_pension"


def roster(person, *, name=None, number=None) -> bytes:
    cells = (person.personal_number, name or person.name, number or identity_number(person), DISTRICT, "3000")
    return f"{HEADER}\n{','.join(cells)}\n".encode()


@pytest.fixture
def modelled():
    person = make_person(name="王桂兰")
    office.reference(person)
    return person


def test_another_name_with_another_document_needs_a_new_model(modelled):
    supervisor = make_staff("supervisor")
    capture = CaptureSession.objects.create(
        person=modelled, purpose="verify", pack="embedded", channel="online", opened="2026-08-03T00:00Z"
    )
    content = roster(modelled, name="赵德柱", number=resident_number(999))
    dry = import_roster("r.csv", content, supervisor, dry_run=True)
    assert [(one.row, one.column, one.code) for one in dry.warnings] == [
        (2, "personal_number", "registry.person_replaced")
    ]
    assert active_reference(modelled)
    done = import_roster("r.csv", content, supervisor, dry_run=False)
    assert (done.changed, done.written, len(done.warnings)) == (1, True, 1)
    assert active_reference(modelled) is None
    assert valid_consent(modelled) is None
    old = modelled.references.get()
    assert (old.state, old.templates, old.picture) == ("replaced", None, None)
    capture.refresh_from_db()
    assert capture.state == CaptureSession.State.ABANDONED
    entry = AuditEntry.objects.get(act="certification.face_parted")
    assert (entry.actor, entry.subject) == (f"staff:{supervisor.user.username}", str(modelled.key))


def test_no_clerk_certifies_the_new_person_by_the_old_ones_attempt(modelled):
    case = office.case(modelled)
    import_roster("r.csv", roster(modelled, name="赵德柱", number=resident_number(999)), None, dry_run=False)
    case.refresh_from_db()
    assert case.state == "overtaken"


@pytest.mark.parametrize("change", [{"name": "王桂蓝"}, {"number": resident_number(999)}, {}])
def test_a_name_or_a_number_put_right_keeps_the_model(modelled, change):
    report = import_roster("r.csv", roster(modelled, **change), None, dry_run=False)
    assert (report.written, report.warnings) == (True, [])
    assert active_reference(modelled)
    assert valid_consent(modelled)
