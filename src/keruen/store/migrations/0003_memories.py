from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("keruen", "0002_watchlists"),
    ]

    operations = [
        # What is remembered of firms, lots and officers, by key; changed in the transaction of the command.
        migrations.RunSQL(
            "CREATE TABLE keruen_memory (key text PRIMARY KEY, body json NOT NULL) WITH (fillfactor = 70)",
            "DROP TABLE keruen_memory",
        ),
    ]
