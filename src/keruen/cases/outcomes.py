"""What cases came to, told back to what opened them: how often each finding was right, and labels to learn from.

Precision of a code is the share of offences among the closed cases it stood in that were decided either way. What was
referred to others is not decided here and counts on neither side; a mistake in a paper is no offence. A finding is
labelled by its case: one that stood beside a true one is counted as true with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from keruen.cases.case import OFFENCES, Result


class Label(NamedTuple):
    """A finding of a closed case with what the case came to."""

    case: str
    subject_kind: str
    subject_key: str
    document_id: str
    version: int
    event_id: str
    code: str
    severity: str
    path: str
    source: str
    result: Result
    closed_at: datetime

    @property
    def is_offence(self) -> bool | None:
        """1 or 0 to learn from; None where it was not decided here."""
        return None if self.result == Result.REFERRED else self.result in OFFENCES


class Yield(NamedTuple):
    """How often findings of one code were right, counted by cases."""

    code: str
    cases: int
    offences: int
    errors: int
    nothing: int
    referred: int

    @property
    def precision(self) -> float | None:
        """Share of offences among those decided; None where none was."""
        decided = self.cases - self.referred
        return self.offences / decided if decided else None


COLUMNS = (*Label._fields, "offence")


def yields(labels: Iterable[Label]) -> list[Yield]:
    """Counts of each code, every case once; the codes with most cases first."""
    counted: dict[str, Counter[Result]] = {}
    for code, _, result in sorted({(each.code, each.case, each.result) for each in labels}):
        counted.setdefault(code, Counter())[result] += 1
    found = [
        Yield(
            code,
            counts.total(),
            sum(counts[each] for each in OFFENCES),
            counts[Result.DOCUMENT_ERROR],
            counts[Result.NO_FINDING],
            counts[Result.REFERRED],
        )
        for code, counts in counted.items()
    ]
    return sorted(found, key=lambda each: (-each.cases, each.code))


def row(label: Label) -> list[str]:
    """A label as a row of `COLUMNS`; `offence` is 1, 0 or empty."""
    offence = label.is_offence
    return [
        *(each.isoformat() if isinstance(each, datetime) else str(each) for each in label),
        "" if offence is None else str(int(offence)),
    ]
