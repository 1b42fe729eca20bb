"""The console's walk over the record."""

import pytest

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor, export_head, heads_folder, record
from tests.audit.test_tampering import tamper
from tests.people import make_staff


@pytest.mark.django_db(transaction=True)
def test_the_record_is_held_against_the_newest_head(signed_in, settings, tmp_path):
    settings.HOME = tmp_path
    auditor = signed_in(make_staff("auditor"))
    record("last", Actor.SYSTEM)
    export_head(heads_folder())
    assert 'class="success"' in verify(auditor)
    last = AuditEntry.objects.latest("id").pk
    tamper("DELETE FROM audit_chainlink WHERE entry_id = %s", last)
    tamper("DELETE FROM audit_auditentry WHERE id = %s", last)
    assert 'class="error"' in verify(auditor)


def verify(client) -> str:
    return client.post("/console/audit/verify", follow=True).content.decode()
