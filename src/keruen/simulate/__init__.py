"""A national economy with known diversion schemes in it, as the files that traders would hand in.

No public set of waybills exists, so Keruen makes its own: honest trade calibrated on published
statistics, honest mistakes, and planted schemes whose documents are written down in `truth.json`.
The same seed gives the same bytes; a scheme added or left out does not change honest trade.

`simulate` writes an economy to a folder; `score_schemes` says how many of its schemes a system
found and how often it stopped the honest.
"""

from __future__ import annotations

from keruen.simulate.run import Summary, simulate
from keruen.simulate.schemes import NAMES as SCHEMES
from keruen.simulate.score import score, score_schemes

__all__ = ["SCHEMES", "Summary", "score", "score_schemes", "simulate"]
