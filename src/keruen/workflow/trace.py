"""Trace a lot, a document line or a consignment: back to its entries, forward to its exits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from keruen.errors import NotFound
from keruen.ledger.trace import LotView, Trace, carried, embodied, moves_of, stays_of
from keruen.model.lot import Balance, Edge, Lot, Posting
from keruen.model.quantity import plain
from keruen.workflow.ports import Reader

EDGE_LIMIT = 20_000
"""Edges walked either way; a lineage beyond it is cut and says so."""
LOT_LIMIT = 500
"""Lots shown with all their moves."""


def trace(reader: Reader, asked: str, *, lot_limit: int = LOT_LIMIT) -> Trace:
    """Trace what was asked about both ways, through production.

    Args:
        reader: The books.
        asked: A lot id (`<document>/<line>`), a document id, or a line of a document
            (`<document>#<line>`); a document stands for every lot it entered or moved.
        lot_limit: Lots given with their moves, those asked about first, then the nearest.

    Raises:
        NotFound: The books know no lot by that name.
    """
    start = _asked_lots(reader, asked)
    up = reader.lineage(start, up=True, limit=EDGE_LIMIT)
    down = reader.lineage(start, up=False, limit=EDGE_LIMIT)
    ids = list(dict.fromkeys([*start, *(edge.parent for edge in up), *(edge.child for edge in down)]))
    lots = reader.lots(ids)
    amounts = {lot_id: Fraction(lots[lot_id].entered) for lot_id in start}
    above, below = embodied(amounts, up, lots), carried(amounts, down, lots)
    shown = ids[:lot_limit]
    postings, balances = _by_lot(reader, shown)
    views = []
    for lot_id in shown:
        relation = "asked" if lot_id in amounts else "ancestor" if lot_id in above else "descendant"
        amount = amounts.get(lot_id) or above.get(lot_id) or below.get(lot_id) or Fraction(0)
        moves = moves_of(postings.get(lot_id, ()))
        views.append(LotView(lots[lot_id], relation, amount, moves, stays_of(moves), tuple(balances.get(lot_id, ()))))
    order = {"ancestor": 0, "asked": 1, "descendant": 2}
    views.sort(key=lambda view: (order[view.relation], view.lot.born_on, view.lot.lot_id))
    kept = set(shown)
    edges = tuple(dict.fromkeys(edge for edge in (*up, *down) if edge.parent in kept and edge.child in kept))
    return Trace(asked, tuple(views), edges, len(ids))


def _asked_lots(reader: Reader, asked: str) -> list[str]:
    if reader.lots([asked]):
        return [asked]
    document, _, line = asked.partition("#")
    if line and not line.isdigit():
        raise NotFound(f"{asked} is no line of a document: write <document>#<line>", code="unknown_trace", found=asked)
    found = reader.lots_moved_by(document, int(line) if line else None)
    if not line:
        found = list(dict.fromkeys([*found, *(lot.lot_id for lot in reader.lots_of_document(document))]))
    if not found:
        raise NotFound(
            f"the books know no lot, document or document line {asked} that moved goods",
            code="unknown_trace",
            found=asked,
        )
    return found


def _by_lot(reader: Reader, lot_ids: list[str]) -> tuple[dict[str, list[Posting]], dict[str, list[Balance]]]:
    postings: dict[str, list[Posting]] = {}
    for posting in reader.postings_of_lots(lot_ids):
        postings.setdefault(posting.lot_id, []).append(posting)
    balances: dict[str, list[Balance]] = {}
    for balance in reader.balances_of(lot_ids):
        balances.setdefault(balance.lot_id, []).append(balance)
    return postings, balances


def as_data(found: Trace) -> dict[str, Any]:
    """A trace as JSON-able data: quantities as text, shares as `numerator/denominator`."""
    return {
        "asked": found.asked,
        "lots_total": found.lots_total,
        "lots": [_lot_data(view) for view in found.lots],
        "edges": [_edge_data(edge) for edge in found.edges],
    }


def _lot_data(view: LotView) -> dict[str, Any]:
    lot: Lot = view.lot
    return {
        "lot": lot.lot_id,
        "relation": view.relation,
        "amount": str(view.amount),
        "commodity_code": lot.commodity_code,
        "description": lot.description,
        "unit": lot.unit,
        "entered": plain(lot.entered),
        "origin_country": lot.origin_country,
        "manufacture_country": lot.manufacture_country,
        "manufacturer": lot.manufacturer,
        "birth": str(lot.birth),
        "document": lot.document_id,
        "line": lot.line,
        "owner": lot.owner,
        "born_on": lot.born_on.isoformat(),
        "moves": [
            {
                "from": move.source,
                "to": move.target,
                "quantity": plain(move.quantity),
                "unit": move.unit,
                "document": move.document_id,
                "line": move.line,
                "effective_at": move.effective_at.isoformat(),
                "recorded_at": move.recorded_at.isoformat(),
                "reversal": move.reversal,
            }
            for move in view.moves
        ],
        "stays": [
            {
                "holder": stay.holder,
                "since": stay.since.isoformat(),
                "until": stay.until.isoformat() if stay.until else None,
                "most": plain(stay.most),
            }
            for stay in view.stays
        ],
        "balances": [
            {
                "holder": row.holder,
                "free": plain(row.free),
                "reserved": plain(row.reserved),
                "in_transit": plain(row.in_transit),
                "held": plain(row.held),
                "seized": plain(row.seized),
            }
            for row in view.balances
        ],
    }


def _edge_data(edge: Edge) -> dict[str, Any]:
    return {
        "child": edge.child,
        "parent": edge.parent,
        "component": edge.component,
        "quantity": plain(edge.quantity),
        "unit": edge.unit,
        "share": f"{edge.share_numerator}/{edge.share_denominator}",
        "document": edge.document_id,
    }
