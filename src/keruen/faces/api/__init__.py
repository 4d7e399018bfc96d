"""The HTTP API, version 1: submit documents and actions, ask for status, trace and the journal."""
