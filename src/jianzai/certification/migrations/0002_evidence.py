from django.db import migrations, models
from django.utils import timezone

from jianzai.audit.protection import append_only


class Migration(migrations.Migration):
    dependencies = [("certification", "0001_initial"), ("audit", "0002_chain")]

    operations = [
        migrations.AddField(
            model_name="attempt", name="on", field=models.DateField(default=timezone.localdate), preserve_default=False
        ),
        append_only("certification_certification"),
        append_only("certification_obligationevent"),
    ]
