"""Frozen records of the field: documents, lots, findings, parties, profiles."""
