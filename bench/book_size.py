"""The same pages on a small book and on one a hundred times as large: what a page costs must not grow with the book.

Both books span twelve months. The queue of held documents is as long on both, since officers work it off; a typical
firm is one in the middle of the firms by what they trade. Ours is the median on the large book, the peer the median
on the small one. The page of the largest firm is shown too, whose list itself grew a hundredfold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from bench.fill import fill
from bench.ground import Ground
from bench.measure import Findings, quantile, ratio_at_most, timed
from keruen.ledger.history import accounts_at
from keruen.workflow.ports import Query
from keruen.workflow.trace import trace

MOST = 1.5
MILLISECOND = 1e-3
LIMIT_S = 60.0
Page = Callable[[int], object]


def run(ground: Ground, found: Findings) -> None:
    """Fill both books and turn the pages."""
    small, large = ground.size(10_000, 100_000), ground.size(1_000_000, 10_000_000)
    medians: dict[str, list[float]] = {}
    tails: dict[str, list[float]] = {}
    for size in (small, large):
        groups = fill(ground, size)
        for name, page in _pages(ground, groups):
            ground.show(f"{name} on {size:,} postings")
            for index in range(10):
                page(index)
            took = timed(ground.size(100, 300), LIMIT_S, page)
            medians.setdefault(name, []).append(quantile(took, 0.5) / MILLISECOND)
            tails.setdefault(name, []).append(quantile(took, 0.95) / MILLISECOND)
    for name, (before, after) in medians.items():
        found.add(
            f"{name}, median on {large:,} postings",
            after,
            "ms",
            peer=before,
            peer_name=f"on {small:,}",
            note=f"p95 {tails[name][1]:.2f} ms, was {tails[name][0]:.2f} ms",
            target=None if "largest" in name else ratio_at_most(MOST),
        )
    found.facts |= {"small": small, "large": large, "medians_ms": medians, "p95_ms": tails}
    ground.empty()


def _pages(ground: Ground, groups: int) -> Iterator[tuple[str, Page]]:
    """Each page by name, as a function of the sample's number."""
    store, random = ground.store, Random(groups)
    with ground.connect() as raw:
        lots = [
            row[0]
            for row in raw.execute(
                "SELECT lot_id FROM keruen_lot TABLESAMPLE SYSTEM (%s) REPEATABLE (1) LIMIT 5000",
                (_percent(groups * 4),),
            )
        ]
        documents = [
            row[0]
            for row in raw.execute(
                "SELECT id FROM keruen_document TABLESAMPLE SYSTEM (%s) REPEATABLE (1) LIMIT 5000",
                (_percent(groups * 3),),
            )
        ]
        firms = [
            row[0]
            for row in raw.execute(
                "SELECT holder FROM keruen_document WHERE holder <> '' GROUP BY 1 ORDER BY count(*) DESC, 1"
            )
        ]
        row = raw.execute(
            "SELECT min(recorded_at) + (max(recorded_at) - min(recorded_at)) / 2 FROM keruen_document"
        ).fetchone()
    assert row is not None
    random.shuffle(lots)
    random.shuffle(documents)
    middle = firms[len(firms) * 4 // 10 : len(firms) * 6 // 10]

    def document(index: int) -> None:
        """What the page of a document reads."""
        asked = documents[index % len(documents)]
        stored = store.document(asked)
        assert stored is not None
        store.events_of(asked)
        store.postings_of_document(asked)
        store.lots_of_document(asked)
        store.names([stored.filer, *(str(stored.document.header[f"{role}_id"]) for role in ("sender", "receiver"))])

    yield "queue of held documents", lambda index: store.page(Query(attention=True, offset=50 * (index % 5)))
    yield "newest documents", lambda _index: store.page(Query())
    yield "a document with its history", document
    yield "a lot with its trace", lambda index: trace(store, lots[index % len(lots)])
    yield "a typical firm's documents", lambda index: store.page(Query(organisation=middle[index % len(middle)]))
    yield "the largest firm's documents", lambda _index: store.page(Query(organisation=firms[0]))
    yield (
        "a lot's balances half a year ago",
        lambda index: accounts_at(store.postings_of_lots([lots[index % len(lots)]]), true_at=row[0], known_at=row[0]),
    )


def _percent(rows: int) -> float:
    """How much of a table to sample for some thousand rows."""
    return min(100.0, 100.0 * 20_000 / max(rows, 1))
