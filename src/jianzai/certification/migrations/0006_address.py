from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0005_newcomers")]

    operations = [
        migrations.AddField("capturesession", "address", models.GenericIPAddressField(null=True)),
    ]
