"""Entries are linked into the chain as their transactions commit, and neither can be changed.

The link is made by a deferred trigger: the lock that keeps the chain linear is held only for the commit
itself, so a long transaction stops nobody and no order of locks can deadlock on it.
"""

import django.db.models.deletion
from django.db import migrations, models

from jianzai.audit.protection import REFUSE_FUNCTION, append_only

# 0x6A7A6175 is "jzau": the advisory lock of this chain.
LINK = migrations.RunSQL(
    """
    CREATE FUNCTION audit_link_entry() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        last record;
        place bigint;
        before bytea;
    BEGIN
        PERFORM pg_advisory_xact_lock(x'6A7A6175'::bigint);
        SELECT position, hash INTO last FROM audit_chainlink ORDER BY position DESC LIMIT 1;
        place := coalesce(last.position, 0) + 1;
        before := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
        INSERT INTO audit_chainlink (position, entry_id, previous, hash)
        VALUES (place, NEW.id, before,
                sha256(before || int8send(place) || int8send(NEW.id) || NEW.digest));
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER audit_entry_linked AFTER INSERT ON audit_auditentry
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link_entry();
    CREATE FUNCTION audit_only_linked() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION 'links of the audit chain are made by the database alone'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER audit_link_made_by_trigger BEFORE INSERT ON audit_chainlink
        FOR EACH ROW EXECUTE FUNCTION audit_only_linked();
    """,
    """
    DROP TRIGGER audit_link_made_by_trigger ON audit_chainlink;
    DROP FUNCTION audit_only_linked();
    DROP TRIGGER audit_entry_linked ON audit_auditentry;
    DROP FUNCTION audit_link_entry();
    """,
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RemoveField("auditentry", "previous"),
        migrations.RemoveField("auditentry", "hash"),
        migrations.AddField(
            "auditentry", "digest", models.BinaryField(default=b"", max_length=32), preserve_default=False
        ),
        migrations.CreateModel(
            name="ChainLink",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("previous", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="link",
                        to="audit.auditentry",
                    ),
                ),
            ],
            options={"ordering": ["position"]},
        ),
        REFUSE_FUNCTION,
        append_only("audit_auditentry"),
        append_only("audit_chainlink"),
        LINK,
    ]
