"""One function a use case: each takes what came in, decides with pure functions, and writes once."""
