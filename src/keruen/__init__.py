"""Keruen follows controlled goods from entry to exit and proves what it decided on the way."""

__version__ = "0.1.0"
