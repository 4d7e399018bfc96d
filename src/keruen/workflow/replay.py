"""Verify the journal and replay it: do its entries, and nothing else, give the books we have?

Every entry is proved against the signed checkpoint before it is read. Replaying follows each
lot's accounts at every step, so that a balance below nought is found where it happened, and
ends by comparing with the balances, documents and states of the database. Whatever differs was
changed behind the workflow's back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from keruen.journal.checkpoint import Checkpoint
from keruen.model.lot import WORLD
from keruen.model.quantity import ZERO, plain
from keruen.workflow.leaves import body_hash
from keruen.workflow.ports import WholeReader

SHOWN = 50
"""Problems named; more are only counted."""


@dataclass(slots=True)
class Report:
    """What a verification found."""

    checkpoint: Checkpoint
    entries: int = 0
    postings: int = 0
    lots: int = 0
    balances: int = 0
    documents: int = 0
    waiting: int = 0
    """Commands committed since the last checkpoint: not covered by this verification."""
    problem_count: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    """(code, English sentence), the first of them."""

    @property
    def sound(self) -> bool:
        """Whether nothing differs."""
        return self.problem_count == 0

    def add(self, code: str, text: str) -> None:
        """Note a problem."""
        self.problem_count += 1
        if len(self.problems) < SHOWN:
            self.problems.append((code, text))


STATUSES = ("free", "reserved", "in_transit", "held", "seized")
_SLOT = {name: index for index, name in enumerate(STATUSES)}


class Replay:
    """The ledger as the journal tells it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.accounts: dict[tuple[str, str], list[Decimal]] = {}
        self.entered: dict[str, Decimal] = {}
        self.states: dict[str, str] = {}
        self.bodies: dict[str, tuple[int, str]] = {}
        self.posted: set[str] = set()

    def take(self, index: int, entry: bytes) -> None:
        """Apply one entry."""
        report = self.report
        data: dict[str, Any] = orjson.loads(entry)
        report.entries += 1
        event = data["event"]
        if "body" in data:
            if event in self.posted:
                report.add("replay_event_twice", f"entry {index}: {event} stands in the journal twice")
            self.posted.add(event)
            self.bodies[data["document"]] = (data["version"], data["body"])
            for document_id, old, new in data["states"]:
                known = self.states.get(document_id, "")
                if known != old:
                    report.add(
                        "replay_state",
                        f"entry {index}: {event} takes {document_id} from {old!r}, but the journal left it {known!r}",
                    )
                self.states[document_id] = new
        for lot in data.get("lots", ()):
            if lot[0] in self.entered:
                report.add("replay_lot_twice", f"entry {index}: lot {lot[0]} is born twice")
            self.entered[lot[0]] = ZERO
            report.lots += 1
        for row in data.get("postings", ()):
            self._post(index, event, row)

    def _post(self, index: int, event: str, row: list[Any]) -> None:
        _, lot_id, text, _, from_holder, from_status, to_holder, to_status, _, _ = row
        quantity = Decimal(text)
        self.report.postings += 1
        if lot_id not in self.entered:
            self.report.add("replay_unborn", f"entry {index}: {event} moves lot {lot_id}, which was never born")
            return
        if from_holder != WORLD:
            account = self.accounts.setdefault((lot_id, from_holder), [ZERO] * 5)
            slot = _SLOT[from_status]
            account[slot] -= quantity
            if account[slot] < 0:
                self.report.add(
                    "replay_below_nought",
                    f"entry {index}: {event} takes {text} of lot {lot_id} from "
                    f"{from_holder} {from_status}, which leaves {account[slot]}",
                )
        if to_holder != WORLD:
            self.accounts.setdefault((lot_id, to_holder), [ZERO] * 5)[_SLOT[to_status]] += quantity


def verify(
    checkpoint: Checkpoint,
    entries: Iterable[tuple[int, bytes]],
    books: WholeReader,
    *,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> Report:
    """Replay proved entries and compare with the books.

    Args:
        checkpoint: The checkpoint the entries were proved against.
        entries: (index, entry) from nought on, each proved before it is given.
        books: The database; nothing may be written to it meanwhile, or differences show.
        on_progress: Called now and then with the count of entries read.
    """
    report = Report(checkpoint)
    replay = Replay(report)
    for index, entry in entries:
        replay.take(index, entry)
        if index % 5000 == 0:
            on_progress(index)
    on_progress(report.entries)
    if report.entries != checkpoint.size:
        report.add("replay_short", f"the checkpoint covers {checkpoint.size} entries, {report.entries} were read")
    report.waiting = books.waiting_count() + books.numbered_count() - checkpoint.size
    if books.numbered_count() < checkpoint.size:
        report.add(
            "log_ahead", f"the database numbered {books.numbered_count()} entries, the log has {checkpoint.size}"
        )
    if report.waiting <= 0:
        _compare_balances(report, replay, books)
        _compare_documents(report, replay, books)
    return report


def _compare_balances(report: Report, replay: Replay, books: WholeReader) -> None:
    told = {key: tuple(amounts) for key, amounts in replay.accounts.items() if any(amounts)}
    for lot_id, holder, amounts in books.all_balances():
        report.balances += 1
        expected = told.pop((lot_id, holder), None)
        if expected is None or any(a != b for a, b in zip(amounts, expected, strict=True)):
            report.add(
                "balance_differs",
                f"lot {lot_id} at {holder}: the database has {_amounts(amounts)}, "
                f"the journal gives {_amounts(expected or (ZERO,) * 5)}",
            )
    for (lot_id, holder), amounts in told.items():
        report.add(
            "balance_missing", f"lot {lot_id} at {holder}: the journal gives {_amounts(amounts)}, the database has none"
        )


def _compare_documents(report: Report, replay: Replay, books: WholeReader) -> None:
    seen = 0
    for row in books.all_documents():
        seen += 1
        report.documents += 1
        known = replay.bodies.get(row.document_id)
        if known is None or known != (row.version, body_hash(row.salt, row.body)):
            report.add("document_differs", f"document {row.document_id}: its text is not the one in the journal")
        if replay.states.get(row.document_id) != row.state:
            report.add(
                "state_differs",
                f"document {row.document_id} is {row.state} in the database, "
                f"{replay.states.get(row.document_id)} by the journal",
            )
    missing = len(replay.states) - seen
    if missing > 0:
        report.add("document_missing", f"{missing} documents of the journal are not in the database")


def _amounts(amounts: Iterable[Decimal]) -> str:
    return (
        ", ".join(f"{plain(amount)} {name}" for name, amount in zip(STATUSES, amounts, strict=True) if amount)
        or "nothing"
    )
