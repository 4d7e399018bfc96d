from pathlib import Path

from django.db import migrations

CASES = (Path(__file__).parent / "0005_cases.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("keruen", "0004_rules"),
    ]

    operations = [migrations.RunSQL(CASES, migrations.RunSQL.noop)]
