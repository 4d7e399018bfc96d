"""People, their organisations and keys, and files taken in: the tables Django itself works with.

The books (documents, lots, postings, journal) are kept by `postgres.py` in plain SQL, because
they are partitioned and written by COPY; their tables stand in `migrations/0001_books.sql`.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from keruen.model.actor import Actor, Role


class Organisation(models.Model):
    """A firm or authority as it was first named in a document, or registered."""

    id = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=300)
    country = models.CharField(max_length=2)
    jurisdiction = models.CharField(max_length=2, default="KZ")
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=300, blank=True)
    director = models.CharField(max_length=300, blank=True)
    first_seen_at = models.DateTimeField()

    class Meta:
        db_table = "keruen_organisation"

    def __str__(self) -> str:
        """Name and id."""
        return f"{self.name} ({self.id})"


class User(AbstractUser):
    """A person or connected system that works for one organisation in one role."""

    organisation_id = models.CharField(max_length=40, default="")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role], default=Role.FILER)
    language = models.CharField(max_length=2, default="en")

    class Meta:
        db_table = "keruen_user"

    def actor(self) -> Actor:
        """The user as author of commands."""
        return Actor(self.username, self.organisation_id, Role(self.role))


class ApiKey(models.Model):
    """A key by which a program acts as a user; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "keruen_api_key"

    def __str__(self) -> str:
        """Owner and name."""
        return f"{self.user_id}: {self.name}"


class IntakeFile(models.Model):
    """A file as received; its bytes are kept under their hash before anything reads them."""

    id = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=300)
    size = models.BigIntegerField()
    user_name = models.CharField(max_length=150)
    organisation_id = models.CharField(max_length=40)
    accept = models.CharField(max_length=20)
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    accepted = models.IntegerField(default=0)
    repeated = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)

    class Meta:
        db_table = "keruen_intake_file"
        indexes: ClassVar = [models.Index(fields=["organisation_id", "-received_at"], name="keruen_intake_by_org")]

    def __str__(self) -> str:
        """Name and the start of its hash."""
        return f"{self.name} {self.sha256[:12]}"


class IntakeProblem(models.Model):
    """A row that was not taken, and why."""

    file = models.ForeignKey(IntakeFile, on_delete=models.CASCADE, related_name="problems")
    row = models.IntegerField()
    field = models.CharField(max_length=120)
    code = models.CharField(max_length=60)
    found = models.CharField(max_length=300)
    expected = models.CharField(max_length=300)
    text = models.TextField()
    document_id = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "keruen_intake_problem"

    def __str__(self) -> str:
        """Row and code."""
        return f"row {self.row}: {self.code}"


class ReadRefused(models.Model):
    """An attempt to read what belongs to another organisation."""

    at = models.DateTimeField()
    user_name = models.CharField(max_length=150)
    organisation_id = models.CharField(max_length=40)
    what = models.CharField(max_length=200)

    class Meta:
        db_table = "keruen_read_refused"

    def __str__(self) -> str:
        """Who wanted what."""
        return f"{self.user_name}: {self.what}"


class WatchlistEdition(models.Model):
    """One edition of a list: where its files are kept, what it changed, whether it is in force."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=80)
    name = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64)
    published_on = models.DateField(null=True)
    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=150)
    parties = models.IntegerField()
    files = models.JSONField()
    """Name and hash of each file, in the vault of lists."""
    diff = models.JSONField()
    """Counts of added, removed and changed parties against the edition before."""
    not_understood = models.JSONField()
    in_force = models.BooleanField()
    reason = models.TextField(blank=True)
    """Why it came into force against a refusal, or why it was taken back."""
    touched = models.JSONField(default=list)
    """Ids of entries that it added or changed against what was in force before."""
    rescreened_at = models.DateTimeField(null=True)
    """When pending documents were asked about again; None while they are not."""

    class Meta:
        db_table = "keruen_watchlist_edition"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source"], condition=models.Q(in_force=True), name="keruen_one_edition_in_force"
            )
        ]

    def __str__(self) -> str:
        """Its name, as decisions keep it."""
        return self.name


class PairVerdict(models.Model):
    """A person's word on a party and a listed one; never changed, a later one counts instead."""

    id = models.BigAutoField(primary_key=True)
    party = models.CharField(max_length=64)
    party_name = models.CharField(max_length=300)
    source = models.CharField(max_length=80)
    listed_id = models.CharField(max_length=300)
    verdict = models.CharField(max_length=10)
    entry = models.CharField(max_length=64)
    author = models.CharField(max_length=150)
    reason = models.TextField()
    decided_at = models.DateTimeField()
    expires_on = models.DateField(null=True)

    class Meta:
        db_table = "keruen_pair_verdict"
        indexes: ClassVar = [models.Index(fields=["party", "source", "listed_id"], name="keruen_pair_by_party")]

    def __str__(self) -> str:
        """Who is whom."""
        return f"{self.party_name} {self.verdict} {self.source} {self.listed_id}"


class RuleEdition(models.Model):
    """One edition of the rules: its bytes, who wrote, reviewed and published it, and whether it decides."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    edition = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    body = models.TextField()
    state = models.CharField(max_length=12)
    note = models.TextField(blank=True)
    drafted_by = models.CharField(max_length=150)
    drafted_at = models.DateTimeField()
    reviewed_by = models.CharField(max_length=150, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=150, blank=True)
    published_at = models.DateTimeField(null=True)
    in_force = models.BooleanField(default=False)
    shadow = models.BooleanField(default=False)

    class Meta:
        db_table = "keruen_rule_edition"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "edition"], name="keruen_rule_edition_once"),
            models.UniqueConstraint(
                fields=["in_force"], condition=models.Q(in_force=True), name="keruen_one_rule_edition_in_force"
            ),
            models.UniqueConstraint(
                fields=["shadow"], condition=models.Q(shadow=True), name="keruen_one_rule_edition_in_shadow"
            ),
        ]

    def __str__(self) -> str:
        """Its name and edition."""
        return f"{self.name} {self.edition}"
