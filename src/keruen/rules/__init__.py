"""Rules an officer can edit: read and checked, evaluated on facts, and turned into a channel."""
