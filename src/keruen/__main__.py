"""`python -m keruen`: the command line, where its script is not on the path."""

from __future__ import annotations

from keruen.faces.cli import main

if __name__ == "__main__":
    main()
