"""Whom two officers met is certified once the second has signed."""

import django.db.models.deletion
from django.db import migrations, models


def staff():
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.staff"
    )


class Migration(migrations.Migration):
    dependencies = [("visit", "0003_helpers"), ("offline", "0001_keys")]
    operations = [
        migrations.AddField(
            "homevisit",
            "met_at",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="visit.appointment",
            ),
        ),
        migrations.AddField("homevisit", "first", staff()),
        migrations.AddField("homevisit", "second", staff()),
        migrations.AddField("homevisit", "denied_by", staff()),
        migrations.AddField("homevisit", "document", models.CharField(blank=True, max_length=100)),
        migrations.AddField("homevisit", "note", models.CharField(blank=True, max_length=500)),
        migrations.AddField(
            "homevisit",
            "arrival",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="offline.arrival",
            ),
        ),
        migrations.AddConstraint(
            "homevisit",
            models.CheckConstraint(
                condition=models.Q(second=None)
                | models.Q(met_at__isnull=False, first__isnull=False) & ~models.Q(first=models.F("second")),
                name="two_officers_met_the_person",
            ),
        ),
    ]
