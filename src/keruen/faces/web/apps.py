"""Tells Django that the console is one of its applications."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The console: templates, static files and template tags."""

    name = "keruen.faces.web"
    label = "keruen_web"
    verbose_name = "Keruen console"
