"""Policies know whether colours of the screen are looked for on faces; the cycles there are do without."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("certification", "0014_newer_text")]
    operations = [
        migrations.RunSQL(
            """UPDATE certification_cycle SET policy = jsonb_build_object('light', 'off') || policy;""",
            """UPDATE certification_cycle SET policy = policy - 'light';""",
        )
    ]
