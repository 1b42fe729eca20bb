from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("benefits", "0003_sweeps_by_the_worker")]

    operations = [
        migrations.AddField("death", "document_on", models.DateField(null=True)),
    ]
