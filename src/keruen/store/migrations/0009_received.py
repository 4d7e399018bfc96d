from django.db import migrations

# When goods of a lot last came to a holder, as true then: a paper dated before is looked at closely, others are not.
# Balances of before are filled from the postings.
FORWARD = """
ALTER TABLE keruen_balance ADD COLUMN received_at timestamptz;
UPDATE keruen_balance b SET received_at = p.at FROM (
    SELECT lot_id, to_holder, max(effective_at) AS at FROM keruen_posting WHERE to_holder <> from_holder GROUP BY 1, 2
) AS p WHERE p.lot_id = b.lot_id AND p.to_holder = b.holder;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("keruen", "0008_lists"),
    ]

    operations = [
        migrations.RunSQL(FORWARD, "ALTER TABLE keruen_balance DROP COLUMN received_at"),
    ]
