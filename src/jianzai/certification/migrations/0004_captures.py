from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0003_places")]

    operations = [
        migrations.RemoveField("capturesession", "camera"),
        migrations.AddField("batch", "answered", models.FloatField(null=True)),
        migrations.RunSQL(
            "UPDATE certification_batch SET answered = received", reverse_sql=migrations.RunSQL.noop
        ),
        migrations.AlterField("batch", "answered", models.FloatField()),
    ]
