"""Tells Django that the store is one of its applications."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import orjson
import psycopg
from django.apps import AppConfig
from django.db.backends.signals import connection_created
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.json import set_json_loads
from psycopg.types.string import TextLoader

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.backends.postgresql.base import DatabaseWrapper

TIMESTAMPTZ = "timestamptz"


class StoreConfig(AppConfig):
    """The tables of Keruen; their label is `keruen`, so that they read `keruen_lot`, not `store_lot`."""

    name = "keruen.store"
    label = "keruen"
    verbose_name = "Keruen"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have every new connection read times and JSON by compiled code, and give times in one form."""
        connection_created.connect(_read_fast, dispatch_uid="keruen.store")


class UtcLoader(Loader):
    """Times as psycopg's compiled loader reads them, which in a session in UTC are times in UTC.

    Django's loader is in Python, for sessions in other time zones than Django's; it took two thirds of reading a
    lineage. Ours are in UTC, as `TIME_ZONE` says. Django asks a loader for its time zone, which the compiled one lacks.
    """

    timezone = UTC

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        compiled = psycopg.adapters.get_loader(oid, Format.TEXT)
        assert compiled is not None
        # psycopg takes the bound method once a result and calls it for each value: nothing of ours is in between.
        self.load = compiled(oid, context).load  # type: ignore[method-assign]

    def load(self, data: Buffer) -> datetime:
        """Stands for the compiled loader's method, which each instance has."""
        raise AssertionError(data)


def _read_fast(connection: DatabaseWrapper, **_others: object) -> None:
    if connection.vendor == "postgresql" and connection.timezone is UTC:
        raw = connection.connection
        raw.adapters.register_loader(TIMESTAMPTZ, UtcLoader)
        # Of `json`, which our own SQL uses; Django's fields are `jsonb` and are given to it as text.
        set_json_loads(orjson.loads, raw)
        raw.adapters.register_loader("jsonb", TextLoader)
        # A server of one's own may be told to write 31.12.2026; the store reads some times as text.
        if not (raw.info.parameter_status("DateStyle") or "").startswith("ISO"):
            raw.execute("SET DateStyle TO ISO")
