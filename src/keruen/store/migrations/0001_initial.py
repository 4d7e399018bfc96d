"""The first tables: people and intake by Django, the books by SQL."""

from __future__ import annotations

from importlib import resources
from typing import ClassVar

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

BOOKS = resources.files(__package__).joinpath("0001_books.sql").read_text(encoding="utf-8")
ROLES = [
    (role, role) for role in ("filer", "gateway", "officer", "supervisor", "auditor", "analyst", "partner", "system")
]


class Migration(migrations.Migration):
    """Begin."""

    initial = True
    dependencies: ClassVar = [("auth", "0012_alter_user_first_name_max_length")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                ("organisation_id", models.CharField(default="", max_length=40)),
                ("role", models.CharField(choices=ROLES, default="filer", max_length=20)),
                ("language", models.CharField(default="en", max_length=2)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={"db_table": "keruen_user"},
            managers=[("objects", django.contrib.auth.models.UserManager())],
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=300)),
                ("country", models.CharField(max_length=2)),
                ("jurisdiction", models.CharField(default="KZ", max_length=2)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("phone", models.CharField(blank=True, max_length=300)),
                ("director", models.CharField(blank=True, max_length=300)),
                ("first_seen_at", models.DateTimeField()),
            ],
            options={"db_table": "keruen_organisation"},
        ),
        migrations.CreateModel(
            name="ReadRefused",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("user_name", models.CharField(max_length=150)),
                ("organisation_id", models.CharField(max_length=40)),
                ("what", models.CharField(max_length=200)),
            ],
            options={"db_table": "keruen_read_refused"},
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="keys", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"db_table": "keruen_api_key"},
        ),
        migrations.CreateModel(
            name="IntakeFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sha256", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=300)),
                ("size", models.BigIntegerField()),
                ("user_name", models.CharField(max_length=150)),
                ("organisation_id", models.CharField(max_length=40)),
                ("accept", models.CharField(max_length=20)),
                ("received_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("accepted", models.IntegerField(default=0)),
                ("repeated", models.IntegerField(default=0)),
                ("rejected", models.IntegerField(default=0)),
            ],
            options={"db_table": "keruen_intake_file"},
        ),
        migrations.AddIndex(
            model_name="intakefile",
            index=models.Index(fields=["organisation_id", "-received_at"], name="keruen_intake_by_org"),
        ),
        migrations.CreateModel(
            name="IntakeProblem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.IntegerField()),
                ("field", models.CharField(max_length=120)),
                ("code", models.CharField(max_length=60)),
                ("found", models.CharField(max_length=300)),
                ("expected", models.CharField(max_length=300)),
                ("text", models.TextField()),
                ("document_id", models.CharField(blank=True, max_length=80)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="problems", to="keruen.intakefile"
                    ),
                ),
            ],
            options={"db_table": "keruen_intake_problem"},
        ),
        migrations.RunSQL(BOOKS, migrations.RunSQL.noop),
    ]
