"""Visits know who asked for them, acting for the person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("visit", "0002_capacity")]
    operations = [
        migrations.AddField("homevisit", "helper", models.PositiveIntegerField(null=True)),
    ]
