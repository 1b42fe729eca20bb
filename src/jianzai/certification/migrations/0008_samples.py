"""Cases of samples nobody answered; policies know the share of samples and how many people a helper acts for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0007_matching")]
    operations = [
        migrations.AlterField(
            model_name="reviewcase",
            name="kind",
            field=models.CharField(
                choices=[
                    ("failed_attempt", "Failed Attempt"),
                    ("uncertain", "Uncertain"),
                    ("new_reference", "New Reference"),
                    ("sample", "Sample"),
                ],
                max_length=16,
            ),
        ),
        migrations.RunSQL(
            """
            UPDATE certification_cycle
            SET policy = jsonb_build_object('employer_sample_percent', 10, 'helper_people_most', 5) || policy;
            """,
            "UPDATE certification_cycle SET policy = policy - 'employer_sample_percent' - 'helper_people_most';",
        ),
    ]
