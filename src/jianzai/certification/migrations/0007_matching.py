"""Policies know how strong signs of life from other offices must be together; in cycles there are, none certify."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("certification", "0006_address")]
    operations = [
        migrations.RunSQL(
            """
            UPDATE certification_cycle
            SET policy = jsonb_build_object('match_strength', 0, 'match_days', 90) || policy;
            """,
            "UPDATE certification_cycle SET policy = policy - 'match_strength' - 'match_days';",
        )
    ]
