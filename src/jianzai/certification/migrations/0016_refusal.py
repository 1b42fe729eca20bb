"""A person may refuse the use of their face for good."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0015_light"), ("registry", "0005_fingerprint_service")]
    operations = [
        migrations.CreateModel(
            name="FaceRefusal",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="face_refusal",
                        serialize=False,
                        to="registry.beneficiary",
                    ),
                ),
                ("on", models.DateField()),
            ],
        ),
    ]
