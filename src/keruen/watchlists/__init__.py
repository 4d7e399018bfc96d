"""Sanctions and export-control lists: publishers' files to editions, and what makes an edition fit for use."""
