"""Certifications are numbered as their transactions commit, so that a payer's cursor misses none.

Neither a drawn id nor the transaction's number does: both are taken before the commit, in any order.
"""

import django.db.models.deletion
from django.db import migrations, models

from jianzai.audit.protection import append_only

# The advisory lock is the audit chain's: a transaction that certifies takes it for its entries anyway, and two
# locks could be taken in two orders.
NUMBER = migrations.RunSQL(
    """
    INSERT INTO certification_certificationplace (position, certification_id)
        SELECT id, id FROM certification_certification;
    CREATE FUNCTION certification_take_place() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(x'6A7A6175'::bigint);
        INSERT INTO certification_certificationplace (position, certification_id)
            SELECT coalesce(max(position), 0) + 1, NEW.id FROM certification_certificationplace;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER certification_takes_place AFTER INSERT ON certification_certification
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION certification_take_place();
    """,
    """
    DROP TRIGGER certification_takes_place ON certification_certification;
    DROP FUNCTION certification_take_place();
    """,
)


class Migration(migrations.Migration):
    dependencies = [("certification", "0002_evidence"), ("audit", "0002_chain")]

    operations = [
        migrations.CreateModel(
            name="CertificationPlace",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "certification",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="place",
                        to="certification.certification",
                    ),
                ),
            ],
            options={"ordering": ["position"]},
        ),
        NUMBER,
        append_only("certification_certificationplace"),
    ]
