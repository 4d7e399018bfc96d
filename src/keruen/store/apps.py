"""Tells Django that the store is one of its applications."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The tables of Keruen; their label is `keruen`, so that they read `keruen_lot`, not `store_lot`."""

    name = "keruen.store"
    label = "keruen"
    verbose_name = "Keruen"
    default_auto_field = "django.db.models.BigAutoField"
