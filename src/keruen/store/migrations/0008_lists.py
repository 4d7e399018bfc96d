from django.db import migrations

# A firm's list counts what it is the other side of and does not hold itself: with the holder in the index, counting
# reads the index alone.
FORWARD = """
DROP INDEX keruen_document_counterparty;
CREATE INDEX keruen_document_counterparty ON keruen_document (counterparty, recorded_at DESC) INCLUDE (holder)
    WHERE counterparty <> '';
"""
BACKWARD = """
DROP INDEX keruen_document_counterparty;
CREATE INDEX keruen_document_counterparty ON keruen_document (counterparty, recorded_at DESC) WHERE counterparty <> '';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("keruen", "0007_stocked"),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
