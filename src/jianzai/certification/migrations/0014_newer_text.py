"""People who agreed to an older text are offered the newer one, once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0013_falling")]
    operations = [
        migrations.AddField("consent", "offered", models.CharField(blank=True, default="", max_length=20)),
        migrations.AddField("consent", "kept", models.DateTimeField(null=True)),
        migrations.AddField(
            "consent",
            "offered_after",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="certification.attempt",
            ),
        ),
    ]
