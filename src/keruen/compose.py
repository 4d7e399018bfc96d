"""The one place that joins settings, stores and workflow."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from functools import cache

from keruen.errors import InvalidInput
from keruen.profiles import load as load_profile
from keruen.settings import Clock, Settings
from keruen.store import django_settings, embedded
from keruen.workflow.submit import Office


class SystemClock:
    """The machine's clock; what a record says of its own filing is not believed."""

    def recorded_at(self, filed_at: datetime | None) -> datetime:
        """Now, to the microsecond, whatever the record says."""
        del filed_at
        return datetime.now(UTC)


class ReplayClock:
    """For loading histories: a record is learnt of when it says it was filed."""

    def recorded_at(self, filed_at: datetime | None) -> datetime:
        """When the record says, else now."""
        return filed_at or datetime.now(UTC)


@cache
def connect(settings: Settings) -> None:
    """Find or start the database, tell Django of it, and bring the tables up to date. Once a process.

    Raises:
        Unavailable: No database answers.
        InvalidInput: The settings name a clock or profile that is not.
    """
    django_settings.configure(settings, embedded.url_for(settings))
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


@cache
def office(settings: Settings) -> Office:
    """The workflow's world, over the database of these settings."""
    connect(settings)
    from keruen.store.postgres import PostgresStore

    profile = load_profile(settings.profile)
    if profile.jurisdiction != settings.jurisdiction:
        raise InvalidInput(
            f"KERUEN_JURISDICTION is {settings.jurisdiction}, but profile {profile.id} is of {profile.jurisdiction}",
            code="jurisdiction",
            found=settings.jurisdiction,
            expected=profile.jurisdiction,
        )
    clock = ReplayClock() if settings.clock == Clock.REPLAY else SystemClock()
    return Office(PostgresStore(profile), profile, clock, lambda: secrets.token_bytes(16))
