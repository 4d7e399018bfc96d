"""Documents: from untrusted fields to a document, its states, deadlines and what a correction may change."""
