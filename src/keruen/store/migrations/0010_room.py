from django.db import migrations

# A page of balances is filled to a half, so that a batch which moves every lot of it finds room beside the old rows (HOT):
# at 85 %, four in five went to another page and got a new entry in both indexes. The other half is taken by the first
# update and used again from then on. Pages written before keep what they have until they are emptied.
FORWARD = "ALTER TABLE keruen_balance SET (fillfactor = 50)"
BACKWARD = "ALTER TABLE keruen_balance SET (fillfactor = 85)"


class Migration(migrations.Migration):
    dependencies = [
        ("keruen", "0009_received"),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
