"""A person's falling scores propose a new model."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0012_growing")]
    operations = [
        migrations.AddField("referenceface", "falling_since", models.DateField(null=True)),
        migrations.AddIndex(
            "referenceface",
            models.Index(
                fields=["falling_since"],
                condition=models.Q(("falling_since__isnull", False)),
                name="references_to_make_anew",
            ),
        ),
        migrations.AddConstraint(
            "referenceface",
            models.CheckConstraint(
                condition=models.Q(("falling_since__isnull", True), ("state", "active"), _connector="OR"),
                name="only_scores_of_a_reference_in_use_fall",
            ),
        ),
    ]
