"""Balances at any time, both as true then and as known then, computed from postings alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from keruen.model.lot import Posting
from keruen.model.quantity import ZERO

Accounts = dict[tuple[str, str, str], Decimal]
"""(lot, holder, status) to amount; world accounts are negative where they gave."""


def accounts_at(
    postings: Iterable[Posting], *, true_at: datetime | None = None, known_at: datetime | None = None
) -> Accounts:
    """Sum postings into accounts.

    Args:
        postings: Of the lots asked about, in any order.
        true_at: Count what had happened by then; None means whenever.
        known_at: Count what we had been told by then; None means by now.

    Returns:
        Every account that any counted posting touched; they sum to nought for each lot.
    """
    accounts: Accounts = {}
    for posting in postings:
        if true_at is not None and posting.effective_at > true_at:
            continue
        if known_at is not None and posting.recorded_at > known_at:
            continue
        source = (posting.lot_id, posting.from_holder, posting.from_status)
        target = (posting.lot_id, posting.to_holder, posting.to_status)
        accounts[source] = accounts.get(source, ZERO) - posting.quantity
        accounts[target] = accounts.get(target, ZERO) + posting.quantity
    return accounts


def least_from(postings: Iterable[Posting], holder: str, day: date) -> Decimal:
    """The least a holder had of a lot at the end of any day from one on, as true then, whatever its status.

    Args:
        postings: Of one lot, in any order.
        holder: Whose goods.
        day: The first day looked at (UTC); what came and went on one day is taken together.
    """
    changes: dict[date, Decimal] = {day: ZERO}
    for posting in postings:
        if posting.from_holder == posting.to_holder or holder not in {posting.from_holder, posting.to_holder}:
            continue
        on = max(day, posting.effective_at.astimezone(UTC).date())
        sign = 1 if posting.to_holder == holder else -1
        changes[on] = changes.get(on, ZERO) + sign * posting.quantity
    had = least = None
    for on in sorted(changes):
        had = changes[on] if had is None else had + changes[on]
        least = had if least is None else min(least, had)
    assert least is not None
    return least
