"""Ranking by risk: a model over declared features, judged walk-forward, kept as editions, with reasons."""
