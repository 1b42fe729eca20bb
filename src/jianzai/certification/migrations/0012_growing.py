"""References grow by certifications."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0011_modelled_files")]
    operations = [
        migrations.AddField("referenceface", "grown", models.BinaryField(null=True)),
        migrations.AddField("referenceface", "grown_from", models.JSONField(default=list)),
        migrations.AddConstraint(
            "referenceface",
            models.CheckConstraint(
                condition=models.Q(("grown__isnull", True), ("state", "active"), _connector="OR"),
                name="only_a_reference_in_use_has_grown",
            ),
        ),
    ]
