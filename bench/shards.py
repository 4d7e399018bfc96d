"""How the simulated country would fall on 1 to 32 databases: a model computed from its real postings.

Nothing is timed here. Every command that moved goods is looked at with the lots its postings name, and each
lot is put on a shard by the hash of its lot id, of the document that gave it birth, of the document that gave
birth to its first ancestor (so that production stays where its largest input is), or of its owner at birth.
What is counted: commands that touch one shard alone, shards a crossing command touches, and how much more
than the mean the fullest shard gets, over the year and in windows of a thousand commands.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Any

from bench.ground import Ground
from bench.intake import load
from bench.measure import Findings, quantile

SHARDS = (1, 2, 4, 8, 16, 32)
WINDOW = 1000
PLACES = ("lot", "birth document", "first ancestor's document", "owner at birth")


def run(ground: Ground, found: Findings) -> None:
    """Compute the model."""
    load(ground)
    ground.show("the country on 1 to 32 shards")
    commands = _commands(ground)
    places = _places(ground)
    found.facts["commands"] = len(commands)
    found.facts["one_lot_share"] = sum(len(lots) == 1 for lots in commands) / len(commands)
    found.facts["placements"] = {
        name: [spread(commands, place, shards) for shards in SHARDS] for name, place in places.items()
    }
    for name, rows in found.facts["placements"].items():
        at = rows[SHARDS.index(8)]
        found.add(
            f"commands on one shard of 8, placed by {name}",
            at["single"] * 100,
            "%",
            note=f"hottest shard {at['skew_year']:.2f} of the mean over the year",
        )


def spread(commands: list[frozenset[str]], place: Callable[[str], str], shards: int) -> dict[str, Any]:
    """What a placement makes of the commands.

    Args:
        commands: The lots each command's postings name.
        place: Lot to what is hashed.
        shards: How many databases.

    Returns:
        `single`: share of commands on one shard. `touched`: shards a crossing command touches, on average.
        `skew_year`: load of the fullest shard over the mean. `skew_p99`, `skew_max`: the same in windows of
        a thousand commands, of which few fall on one shard by chance alone.
    """
    home: dict[str, int] = {}

    def shard(lot: str) -> int:
        found = home.get(lot)
        if found is None:
            found = int.from_bytes(hashlib.sha256(place(lot).encode()).digest()[:8]) % shards
            home[lot] = found
        return found

    single = crossing = touched = 0
    year: Counter[int] = Counter()
    window: Counter[int] = Counter()
    skews: list[float] = []
    for number, lots in enumerate(commands, 1):
        at = {shard(lot) for lot in lots}
        if len(at) == 1:
            single += 1
        else:
            crossing += 1
            touched += len(at)
        for each in at:
            year[each] += 1
            window[each] += 1
        if number % WINDOW == 0:
            skews.append(_skew(window, shards))
            window.clear()
    skews = skews or [_skew(year, shards)]
    return {
        "shards": shards,
        "single": single / len(commands),
        "touched": touched / crossing if crossing else 0.0,
        "skew_year": _skew(year, shards),
        "skew_p99": quantile(skews, 0.99),
        "skew_max": max(skews),
    }


def _skew(load_of: Counter[int], shards: int) -> float:
    return max(load_of.values()) * shards / sum(load_of.values())


def _commands(ground: Ground) -> list[frozenset[str]]:
    """The lots of every command that moved goods, in the order the commands came."""
    with ground.connect() as raw, raw.transaction(), raw.cursor("bench_commands") as cursor:
        cursor.execute(
            "SELECT array_agg(DISTINCT lot_id) FROM keruen_posting GROUP BY event_id ORDER BY min(posting_id)"
        )
        return [frozenset(row[0]) for row in cursor]


def _places(ground: Ground) -> dict[str, Callable[[str], str]]:
    with ground.connect() as raw:
        owner: dict[str, str] = dict(raw.execute("SELECT lot_id, owner FROM keruen_lot").fetchall())
        parent: dict[str, str] = dict(
            raw.execute(
                "SELECT DISTINCT ON (child) child, parent FROM keruen_lot_edge ORDER BY child, quantity DESC, parent"
            ).fetchall()
        )

    def ancestor(lot: str) -> str:
        for _ in islice(iter(int, 1), 1000):  # A lineage is no circle; if it were, we would not walk it for ever.
            above = parent.get(lot)
            if above is None:
                break
            lot = above
        return birth(lot)

    def birth(lot: str) -> str:
        return lot.rpartition("/")[0]

    named: tuple[Callable[[str], str], ...] = (
        lambda lot: lot,
        birth,
        ancestor,
        lambda lot: owner.get(lot, ""),
    )
    return dict(zip(PLACES, named, strict=True))
