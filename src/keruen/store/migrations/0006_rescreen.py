from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("keruen", "0005_cases"),
    ]

    operations = [
        migrations.AddField("WatchlistEdition", "touched", models.JSONField(default=list)),
        migrations.AddField("WatchlistEdition", "rescreened_at", models.DateTimeField(null=True)),
    ]
