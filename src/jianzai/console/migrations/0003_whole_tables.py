from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("console", "0002_rosters_by_the_worker")]

    operations = [
        migrations.AddField("rosterupload", "table", models.BinaryField(null=True)),
    ]
