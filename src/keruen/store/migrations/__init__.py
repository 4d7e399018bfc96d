"""Migrations: the tables as they grew."""
