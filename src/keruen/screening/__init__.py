"""Whether two names are one: scripts, words, likeness, and why."""
