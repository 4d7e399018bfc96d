"""Keeps what the workflow's ports promise: PostgreSQL, memory for tests, and the log on disk."""
