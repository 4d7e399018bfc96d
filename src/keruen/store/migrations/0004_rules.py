from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("keruen", "0003_memories"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleEdition",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("edition", models.CharField(max_length=80)),
                ("sha256", models.CharField(max_length=64)),
                ("body", models.TextField()),
                ("state", models.CharField(max_length=12)),
                ("note", models.TextField(blank=True)),
                ("drafted_by", models.CharField(max_length=150)),
                ("drafted_at", models.DateTimeField()),
                ("reviewed_by", models.CharField(blank=True, max_length=150)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("published_by", models.CharField(blank=True, max_length=150)),
                ("published_at", models.DateTimeField(null=True)),
                ("in_force", models.BooleanField(default=False)),
                ("shadow", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "keruen_rule_edition",
                "constraints": [
                    models.UniqueConstraint(fields=("name", "edition"), name="keruen_rule_edition_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("in_force", True)),
                        fields=("in_force",),
                        name="keruen_one_rule_edition_in_force",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("shadow", True)),
                        fields=("shadow",),
                        name="keruen_one_rule_edition_in_shadow",
                    ),
                ],
            },
        ),
    ]
