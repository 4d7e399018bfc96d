from django.db import migrations

# An index whose predicate reads `free` gets a new entry at every movement, in both indexes of the table. `stocked` changes
# only when the first goods come or the last ones go, so that most movements are written beside the old row (HOT).
FORWARD = """
ALTER TABLE keruen_balance ADD COLUMN stocked boolean GENERATED ALWAYS AS (free <> 0) STORED;
DROP INDEX keruen_balance_holder;
CREATE INDEX keruen_balance_holder ON keruen_balance (holder, commodity_code) WHERE stocked;
"""
BACKWARD = """
DROP INDEX keruen_balance_holder;
ALTER TABLE keruen_balance DROP COLUMN stocked;
CREATE INDEX keruen_balance_holder ON keruen_balance (holder, commodity_code) WHERE free <> 0;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("keruen", "0006_rescreen"),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
