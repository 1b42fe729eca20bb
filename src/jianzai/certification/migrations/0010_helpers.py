"""Captures know who opened them for somebody else."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0009_lookalikes")]
    operations = [
        migrations.AddField("capturesession", "helper", models.PositiveIntegerField(null=True)),
    ]
