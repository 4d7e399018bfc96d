"""Tracing: from any lot back to where it came from and forward to where it went.

Built from lots, edges and postings alone. Quantities along a lineage are exact rationals:
how much of an ancestor is embodied in what was asked about, and how much of what was asked
about went into each descendant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from keruen.model.lot import WORLD, Balance, Edge, Lot, Posting
from keruen.model.quantity import ZERO


class Stay(NamedTuple):
    """A holder had some of a lot, from when to when (None: still)."""

    holder: str
    since: datetime
    until: datetime | None
    most: Decimal
    """The most it had at a time, in the lot's unit."""


class Move(NamedTuple):
    """Goods changed hands, entered, were used up or left: several postings of one document line as one."""

    lot_id: str
    quantity: Decimal
    unit: str
    source: str
    """A holder, or `world:entry`, `world:production`, `world:exit` …."""
    target: str
    document_id: str
    line: int
    effective_at: datetime
    recorded_at: datetime
    reversal: bool


class LotView(NamedTuple):
    """One lot in a trace."""

    lot: Lot
    relation: str
    """`asked`, `ancestor` or `descendant`."""
    amount: Fraction
    """Asked: the quantity asked about. Ancestor: how much of it is embodied there, in its own unit.
    Descendant: how much of what was asked about went into it, in the asked lot's unit."""
    moves: tuple[Move, ...]
    stays: tuple[Stay, ...]
    balances: tuple[Balance, ...]


class Trace(NamedTuple):
    """A lineage with what happened to each lot of it."""

    asked: str
    lots: tuple[LotView, ...]
    """Ancestors oldest first, then what was asked about, then descendants."""
    edges: tuple[Edge, ...]
    lots_total: int
    """Lots in the whole lineage; more than `lots` where the trace was cut."""


def place(holder: str, status: str) -> str:
    """An account's place in a trace: the holder, or the world account by name."""
    return f"world:{status}" if holder == WORLD else holder


def moves_of(postings: Iterable[Posting]) -> tuple[Move, ...]:
    """Postings that change hands, in the order they were true; those within one holder are left out."""
    found = [
        Move(
            row.lot_id,
            row.quantity,
            row.unit,
            place(row.from_holder, row.from_status),
            place(row.to_holder, row.to_status),
            row.document_id,
            row.line,
            row.effective_at,
            row.recorded_at,
            bool(row.reverses),
        )
        for row in postings
        if row.from_holder != row.to_holder
    ]
    return tuple(sorted(found, key=lambda move: (move.effective_at, move.recorded_at)))


def stays_of(moves: Sequence[Move]) -> tuple[Stay, ...]:
    """Who had the lot, from when to when, read off its moves in order."""
    amount: dict[str, Decimal] = {}
    opened: dict[str, tuple[datetime, Decimal]] = {}
    stays: list[Stay] = []
    for move in moves:
        for holder, change in ((move.source, -move.quantity), (move.target, move.quantity)):
            if holder.startswith("world:"):
                continue
            before = amount.get(holder, ZERO)
            now = before + change
            amount[holder] = now
            if before <= 0 < now:
                opened[holder] = (move.effective_at, now)
            elif now > 0 and holder in opened:
                since, most = opened[holder]
                opened[holder] = (since, max(most, now))
            elif now <= 0 and holder in opened:
                since, most = opened.pop(holder)
                stays.append(Stay(holder, since, move.effective_at, most))
    stays += [Stay(holder, since, None, most) for holder, (since, most) in opened.items()]
    return tuple(sorted(stays, key=lambda stay: (stay.since, stay.holder)))


def embodied(asked: Mapping[str, Fraction], edges: Iterable[Edge], lots: Mapping[str, Lot]) -> dict[str, Fraction]:
    """How much of each ancestor is embodied in the lots asked about.

    A parent's part is what of the child was asked about, times what one unit of the child took
    of the parent. Where a production had by-products, each output counts the inputs whole.

    Args:
        asked: Lot to quantity asked about.
        edges: All edges above the lots asked about.
        lots: All lots of the lineage.

    Returns:
        Ancestor to its quantity, in its own unit.
    """
    return _spread(asked, edges, lots, near="child", far="parent")


def carried(asked: Mapping[str, Fraction], edges: Iterable[Edge], lots: Mapping[str, Lot]) -> dict[str, Fraction]:
    """How much of the lots asked about went into each descendant, in the asked lots' unit."""
    return _spread(asked, edges, lots, near="parent", far="child")


def _spread(
    asked: Mapping[str, Fraction], edges: Iterable[Edge], lots: Mapping[str, Lot], *, near: str, far: str
) -> dict[str, Fraction]:
    """Follow edges from their near to their far side, handing on the part that was asked about."""
    leaving: dict[str, list[Edge]] = {}
    for edge in edges:
        leaving.setdefault(getattr(edge, near), []).append(edge)
    amounts = dict(asked)
    for lot_id in depth_order(asked, leaving, far):
        part = amounts.get(lot_id, Fraction(0)) / Fraction(lots[lot_id].entered)
        for edge in leaving.get(lot_id, ()):
            other = getattr(edge, far)
            amounts[other] = amounts.get(other, Fraction(0)) + part * Fraction(edge.quantity)
    return {lot_id: amount for lot_id, amount in amounts.items() if lot_id not in asked}


def depth_order(start: Iterable[str], edges: Mapping[str, Sequence[Edge]], far_side: str) -> list[str]:
    """Lots reachable from the start so that each comes after all it is reached from."""
    order: list[str] = []
    done: set[str] = set()
    for root in start:
        stack: list[tuple[str, bool]] = [(root, False)]
        while stack:
            lot_id, left = stack.pop()
            if left:
                order.append(lot_id)
                continue
            if lot_id in done:
                continue
            done.add(lot_id)
            stack.append((lot_id, True))
            stack += [
                (getattr(edge, far_side), False)
                for edge in edges.get(lot_id, ())
                if getattr(edge, far_side) not in done
            ]
    order.reverse()
    return order
