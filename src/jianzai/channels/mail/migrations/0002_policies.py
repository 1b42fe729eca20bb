"""Policies know how strong papers are that are no form of ours; cycles there are get what their preset has."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_initial"), ("certification", "0009_lookalikes")]
    operations = [
        migrations.RunSQL(
            """
            UPDATE certification_cycle
            SET policy = jsonb_build_object(
                'letter_strength', CASE WHEN policy ->> 'cycle_kind' = 'rolling' THEN 2 ELSE 3 END,
                'newspaper_strength', 1,
                'newspaper_days', 30
            ) || policy;
            """,
            "UPDATE certification_cycle SET policy = policy"
            " - 'letter_strength' - 'newspaper_strength' - 'newspaper_days';",
        )
    ]
