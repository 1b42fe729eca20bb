"""References are compared with everybody else's when they are made; those there are count as compared."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certification", "0008_samples"),
        ("registry", "0004_employers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lookalike",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("similarity", models.PositiveSmallIntegerField()),
                ("score", models.FloatField()),
            ],
            options={
                "ordering": ["-score"],
            },
        ),
        migrations.AddField(
            model_name="referenceface",
            name="searched",
            field=models.DateTimeField(default=django.utils.timezone.now, null=True),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="reviewcase",
            name="kind",
            field=models.CharField(
                choices=[
                    ("failed_attempt", "Failed Attempt"),
                    ("uncertain", "Uncertain"),
                    ("new_reference", "New Reference"),
                    ("lookalike", "Lookalike"),
                    ("sample", "Sample"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="referenceface",
            index=models.Index(
                condition=models.Q(("searched", None), ("state__in", ["pending", "active"])),
                fields=["made"],
                name="references_to_search",
            ),
        ),
        migrations.AddField(
            model_name="lookalike",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.beneficiary"
            ),
        ),
        migrations.AddField(
            model_name="lookalike",
            name="reference",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lookalikes",
                to="certification.referenceface",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookalike",
            constraint=models.UniqueConstraint(fields=("reference", "person"), name="one_lookalike_a_person"),
        ),
    ]
