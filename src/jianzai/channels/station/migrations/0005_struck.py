from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("station", "0004_cards")]

    operations = [
        migrations.AddField("seenperson", "struck", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "seenperson",
            models.CheckConstraint(
                condition=models.Q(
                    ("struck", False),
                    models.Q(("certification", None), ("waiting", False)),
                    _connector="OR",
                ),
                name="struck_out_of_a_list",
            ),
        ),
    ]
