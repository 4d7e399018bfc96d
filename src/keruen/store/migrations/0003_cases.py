from pathlib import Path

from django.db import migrations

CASES = (Path(__file__).parent / "0003_cases.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("keruen", "0002_watchlists"),
    ]

    operations = [migrations.RunSQL(CASES, migrations.RunSQL.noop)]
