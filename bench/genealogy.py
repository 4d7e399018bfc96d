"""Trace over a genealogy of a million edges: 550,000 lots, ten productions deep, some 1,650 lots in reach.

Lots stand in eleven levels; each above the first has two parents near its own place in the level below, so that
lineages meet again, as they do where many goods are made of few imports. Asked are the edges above lots of the
last level, those below lots of the first, and the whole trace (lineage, lots, moves, stays and balances of up to
500 lots) of lots half-way. The peer is a walk over Python lists in memory, which checks nothing and reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import psycopg

from bench.ground import Ground
from bench.measure import Findings, at_most, quantile, timed
from bench.papers import NOON
from keruen.workflow.trace import EDGE_LIMIT, trace

LEVELS = 11
SPREAD = 330
"""How far a parent stands from its child's place; sets how soon lineages meet, and so the reach."""
MILLISECOND = 1e-3
LIMIT_S = 60.0
LOTS = """
INSERT INTO keruen_lot (lot_id, commodity_code, unit, origin_country, manufacture_country, manufacturer, description,
    birth, document_id, line, owner, born_on, recorded_at, jurisdiction, entered)
SELECT lot, '8542311001', 'H87', 'CN', 'KZ', '', 'a part', CASE level WHEN 0 THEN 'entry' ELSE 'production' END,
    'MNF-' || lot, 1, '040140000016', date '2025-01-01' + 30 * level, at, 'KZ', 100
FROM bench_lot
"""
BIRTHS = """
INSERT INTO keruen_posting (recorded_at, event_id, seq, lot_id, quantity, unit, from_holder, from_status, to_holder,
    to_status, document_id, line, effective_at, reverses)
SELECT at, 'MNF-' || lot || '@1', 9, lot, 100, 'H87', 'world', CASE level WHEN 0 THEN 'entry' ELSE 'production' END,
    '040140000016', 'free', 'MNF-' || lot, 1, at, ''
FROM bench_lot ORDER BY at
"""
USES = """
INSERT INTO keruen_posting (recorded_at, event_id, seq, lot_id, quantity, unit, from_holder, from_status, to_holder,
    to_status, document_id, line, effective_at, reverses)
SELECT recorded_at, document_id || '@1', component, parent, quantity, unit, '040140000016', 'free', 'world',
    'consumption', document_id, component, recorded_at, ''
FROM keruen_lot_edge ORDER BY recorded_at
"""
BALANCES = """
INSERT INTO keruen_balance (lot_id, holder, commodity_code, free, reserved, in_transit, held, seized)
SELECT lot, '040140000016', '8542311001', 50, 0, 0, 0, 0 FROM bench_lot
"""


def run(ground: Ground, found: Findings) -> None:
    """Build it and ask."""
    ground.empty()
    width = ground.size(5_000, 50_000)
    parents = _parents(width)
    children: list[list[int]] = [[] for _ in range(width * LEVELS)]
    for child, above in enumerate(parents):
        for parent in above:
            children[parent].append(child)
    with ground.connect() as raw:
        _build(ground, raw, width, parents)
    edges = sum(map(len, parents))
    found.facts |= {"lots": width * LEVELS, "edges": edges}
    _lineages(ground, found, width, parents, children)
    _traces(ground, found, width, parents, children)
    ground.empty()


def _lineages(
    ground: Ground, found: Findings, width: int, parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]]
) -> None:
    store, random, count = ground.store, Random(1), ground.size(60, 300)
    for way, level, near in (("up", LEVELS - 1, parents), ("down", 0, children)):
        asked = [level * width + random.randrange(width) for _ in range(count)]
        ground.show(f"lineage {way}")
        reach: list[int] = []

        def ask(index: int, asked: Sequence[int] = asked, way: str = way, reach: list[int] = reach) -> None:
            reach.append(len(store.lineage([_name(asked[index])], up=way == "up", limit=EDGE_LIMIT)))

        ask(0)
        reach.clear()
        took = timed(count, LIMIT_S, ask)
        plain = timed(len(took), LIMIT_S, _walk(near, asked))
        lots = quantile([len(_reached(near, each)) for each in asked[:20]], 0.5)
        for share, target in ((0.5, None), (0.95, at_most(25.0))):
            found.add(
                f"lineage {way}, p{share * 100:.0f}",
                quantile(took, share) / MILLISECOND,
                "ms",
                peer=quantile(plain, share) / MILLISECOND,
                peer_name="in memory",
                target=target,
                note=f"{found.facts['edges']:,} edges in the book, {quantile(reach, 0.5):,.0f} edges and "
                f"{lots:,.0f} lots in reach",
            )
        found.facts[f"lineage_{way}_p95_ms"] = quantile(took, 0.95) / MILLISECOND


def _traces(
    ground: Ground, found: Findings, width: int, parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]]
) -> None:
    store, random, count = ground.store, Random(2), ground.size(20, 100)
    asked = [LEVELS // 2 * width + random.randrange(width) for _ in range(count)]
    ground.show("whole traces")
    lots: list[int] = []
    trace(store, _name(asked[0]))
    took = timed(count, LIMIT_S, lambda index: lots.append(trace(store, _name(asked[index])).lots_total))
    both = [
        a + b
        for a, b in zip(
            timed(len(took), LIMIT_S, _walk(parents, asked)),
            timed(len(took), LIMIT_S, _walk(children, asked)),
            strict=False,
        )
    ]
    for share in (0.5, 0.95):
        found.add(
            f"whole trace of a lot half-way, p{share * 100:.0f}",
            quantile(took, share) / MILLISECOND,
            "ms",
            peer=quantile(both, share) / MILLISECOND,
            peer_name="in memory, the lineages alone",
            note=f"{quantile(lots, 0.5):,.0f} lots in reach, up to 500 shown with their moves",
        )


def _parents(width: int) -> list[tuple[int, ...]]:
    """Lot by number, level after level, to its parents."""
    random = Random(0)
    found: list[tuple[int, ...]] = [()] * width
    for level in range(1, LEVELS):
        below = (level - 1) * width
        for place in range(width):
            one = (place + random.randint(-SPREAD, SPREAD)) % width
            two = (place + random.randint(-SPREAD, SPREAD)) % width
            found.append((below + one, below + (two if two != one else (one + 1) % width)))
    return found


def _name(lot: int) -> str:
    # Scattered like real ids: neighbours in a lineage are no neighbours in an index.
    return f"MNF-{lot * 0x9E3779B1 % (1 << 32):08X}/1"


def _build(ground: Ground, raw: psycopg.Connection[Any], width: int, parents: Sequence[Sequence[int]]) -> None:
    ground.show("lots and edges")
    raw.execute("CREATE TEMP TABLE bench_lot (lot text, level int, at timestamptz)")
    with raw.cursor().copy("COPY bench_lot FROM STDIN") as copy:
        for lot in range(len(parents)):
            copy.write_row((_name(lot), lot // width, NOON))
    raw.execute("UPDATE bench_lot SET at = at + level * interval '1 month'")
    # A level a month, so that the postings of a lineage lie in several partitions.
    raw.execute(
        "SELECT keruen_ensure_month((date '2025-03-01' + level * interval '1 month')::date) "
        "FROM generate_series(0, %s) AS level",
        (LEVELS,),
    )
    raw.execute(LOTS)
    columns = "child, parent, component, quantity, unit, share_numerator, share_denominator, document_id, recorded_at"
    with raw.cursor().copy(f"COPY keruen_lot_edge ({columns}) FROM STDIN") as copy:
        for child, above in enumerate(parents):
            name = _name(child)
            for component, parent in enumerate(above, 1):
                copy.write_row((name, _name(parent), component, 5, "H87", 1, 1, f"MNF-{name}", NOON))
    raw.execute("UPDATE keruen_lot_edge e SET recorded_at = b.at FROM bench_lot b WHERE b.lot = e.child")
    ground.show("postings and balances")
    raw.execute(BIRTHS)
    raw.execute(USES)
    raw.execute(BALANCES)
    for name in ("lot", "lot_edge", "posting", "balance"):
        ground.show(f"VACUUM ANALYZE {name}")
        raw.execute(f"VACUUM ANALYZE keruen_{name}")


def _walk(near: Sequence[Sequence[int]], asked: Sequence[int]) -> Callable[[int], int]:
    return lambda index: len(_reached(near, asked[index]))


def _reached(near: Sequence[Sequence[int]], start: int) -> set[int]:
    seen, border = {start}, [start]
    while border:
        border = [each for each in {far for lot in border for far in near[lot]} if each not in seen]
        seen.update(border)
    return seen
