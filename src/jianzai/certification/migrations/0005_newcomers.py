"""Cycles know the day on which they were opened, and policies what time newcomers have."""

from django.db import migrations, models

POLICIES = migrations.RunSQL(
    """
    UPDATE certification_cycle SET policy = jsonb_build_object('newcomer_days', 60) || policy;
    """,
    "UPDATE certification_cycle SET policy = policy - 'newcomer_days';",
)


class Migration(migrations.Migration):
    dependencies = [("certification", "0004_captures")]
    operations = [
        migrations.AddField("cycle", "declared", models.DateField(null=True)),
        migrations.RunSQL("UPDATE certification_cycle SET declared = opened::date", migrations.RunSQL.noop),
        migrations.AlterField("cycle", "declared", models.DateField()),
        POLICIES,
    ]
