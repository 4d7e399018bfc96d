"""From which score on a match is an alert."""

from __future__ import annotations

from typing import Final

ALERT: Final = 0.5
"""The one threshold at which screening is measured; chosen on folds 1 to 4 of the labelled pairs."""
