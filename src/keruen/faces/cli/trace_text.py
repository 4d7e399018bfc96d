"""A trace as text a person can read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from keruen.ledger.trace import LotView, Stay, Trace
from keruen.model.quantity import plain

RELATION = {"ancestor": "went into it", "asked": "asked about", "descendant": "made from it"}


def lines_of(found: Trace, names: Mapping[str, str]) -> Iterator[str]:
    """The lines of a trace: lots in order, for each where it came from, who had it, where it is."""
    yield f"Trace of {found.asked}: {len(found.lots)} of {found.lots_total} lots"
    parents: dict[str, list[str]] = {}
    for edge in found.edges:
        parents.setdefault(edge.child, []).append(
            f"{plain(edge.quantity)} {edge.unit} of {edge.parent} "
            f"({edge.share_numerator}/{edge.share_denominator} of component {edge.component})"
        )
    for view in found.lots:
        yield ""
        yield from _lot_lines(view, parents.get(view.lot.lot_id, []), names)


def _lot_lines(view: LotView, parents: list[str], names: Mapping[str, str]) -> Iterator[str]:
    lot = view.lot
    yield f"lot {lot.lot_id} — {RELATION[view.relation]}"
    yield (
        f"  {plain(lot.entered)} {lot.unit} of {lot.commodity_code} {lot.description}; origin {lot.origin_country}, "
        f"made in {lot.manufacture_country}" + (f" by {lot.manufacturer}" if lot.manufacturer else "")
    )
    if view.relation != "asked":
        yield f"  of it in this trace: {_fraction(view)}"
    for parent in parents:
        yield f"  from {parent}"
    for move in view.moves:
        back = " (reversal)" if move.reversal else ""
        yield (
            f"  {move.effective_at:%Y-%m-%d}  {plain(move.quantity):>14} {move.unit}  {_named(move.source, names)} → "
            f"{_named(move.target, names)}  by {move.document_id} line {move.line}{back}"
        )
    for stay in view.stays:
        yield f"  held {_days(stay)} by {_named(stay.holder, names)}, at most {plain(stay.most)} {lot.unit}"
    for row in view.balances:
        parts = [
            f"{plain(amount)} {name}"
            for name, amount in (
                ("free", row.free),
                ("reserved", row.reserved),
                ("in transit", row.in_transit),
                ("held", row.held),
                ("seized", row.seized),
            )
            if amount
        ]
        yield f"  now at {_named(row.holder, names)}: {', '.join(parts)}"


def _fraction(view: LotView) -> str:
    amount = view.amount
    if amount.denominator == 1:
        return str(amount.numerator)
    return f"{amount.numerator}/{amount.denominator}"


def _named(holder: str, names: Mapping[str, str]) -> str:
    if holder.startswith("world:"):
        return holder.removeprefix("world:").upper()
    return f"{names[holder]} ({holder})" if names.get(holder) else holder


def _days(stay: Stay) -> str:
    if stay.until is None:
        return f"since {stay.since:%Y-%m-%d}"
    return f"{_count(stay.since, stay.until)} days"


def _count(since: datetime, until: datetime) -> int:
    return max(0, (until - since).days)
