"""Series that a change of nomenclature cannot bend: codes that divide and join are compared together, or not at all.

A family is the smallest set of codes of HS 2017 and HS 2022 that hold the same goods. Codes of waste and of modules
that
took a piece of hundreds of others (8549, 8524, and any with more than `FAN_OUT` old codes) join no family: their own
growth is *not comparable*, which is an answer.

Source:
    UNSD correlation HS 2022 to HS 2017, through `codes.hs`.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from keruen.codes import hs
from keruen.lake.trade.series import Window

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

FAN_OUT = 20
WHOLE = 4000
"""A source with so many six-digit codes is taken to have all; one with fewer is an extract."""
BORN = "2022"


def edition_of(period: str) -> str:
    """The nomenclature of a period, of those held."""
    return "HS2022" if period[:4] >= BORN else "HS2017"


@cache
def families() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Name of a family (its first old code, or `new` and its code) to its codes in HS 2017 and in HS 2022."""
    links: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for code in hs.codes("HS2022"):
        links.setdefault(("HS2022", code), set())
        found = hs.carry(code, "HS2022", "HS2017")
        olders = (found.code,) if isinstance(found, hs.Carried) else found.candidates
        if len(olders) <= FAN_OUT:
            for older in olders:
                links["HS2022", code].add(("HS2017", older))
                links["HS2017", older].add(("HS2022", code))
    for code in hs.codes("HS2017"):
        links.setdefault(("HS2017", code), set())
    made: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    seen: set[tuple[str, str]] = set()
    for start in sorted(links):
        if start in seen:
            continue
        group, waiting = set(), [start]
        while waiting:
            here = waiting.pop()
            if here not in group:
                group.add(here)
                waiting.extend(links[here])
        seen |= group
        old = frozenset(code for edition, code in group if edition == "HS2017")
        new = frozenset(code for edition, code in group if edition == "HS2022")
        made[min(old) if old else f"new{min(new)}"] = (old, new)
    return made


def together(code: str) -> frozenset[str]:
    """Codes of both nomenclatures that six digits are summed with where they are compared; at least the code itself."""
    return next((old | new for old, new in families().values() if code in old | new), frozenset({code}))


@lru_cache(maxsize=16)
def table(covered: frozenset[str] | None = None) -> ibis.Table:
    """Six digits and their edition to the family, and whether the family can be compared.

    Args:
        covered: Codes that the source has anywhere; None: it has all. Families that it has no code of are left out.

    Returns:
        One row per (code, edition): code, edition, family, comparable.
    """
    rows = [
        (code, edition, family, comparable)
        for family, (old, new) in families().items()
        if covered is None or not (covered.isdisjoint(old) and covered.isdisjoint(new))
        for comparable in [bool(old and new) and (covered is None or (old | new) <= covered or old == new)]
        for edition, codes in (("HS2017", old), ("HS2022", new))
        for code in codes
    ]
    columns = list(zip(*sorted(rows), strict=True))
    return ibis.memtable(
        pa.table(
            {
                "code": pa.array(columns[0], pa.string()),
                "edition": pa.array(columns[1], pa.string()),
                "family": pa.array(columns[2], pa.string()),
                "comparable": pa.array(columns[3], pa.bool_()),
            }
        )
    )


def covered_by(lake: Lake, source: str) -> frozenset[str] | None:
    """Six-digit codes that a source has anywhere; None where it has nearly all."""
    facts = lake.facts(source)
    if source not in lake.known:
        products = facts.filter(facts.level >= 6).select("product").distinct()  # noqa: PLR2004 - codes of an edition
        lake.known[source] = frozenset(row["product"][:6] for row in lake.rows(products))
    return None if len(lake.known[source]) >= WHOLE else lake.known[source]


def crosses(before: Window, after: Window) -> bool:
    """Whether two windows are in different nomenclatures."""
    return edition_of(before.first) != edition_of(after.last)


def with_family(sums: ibis.Table, mapping: ibis.Table) -> ibis.Table:
    """Sums of six digits or more, told apart by `late`, with the `family` that both editions know, and `comparable`."""
    edition = ibis.ifelse(sums.late, "HS2022", "HS2017")
    keyed = sums.mutate(_hs6=sums.product.left(6), _edition=edition)
    joined = keyed.left_join(mapping, [keyed._hs6 == mapping.code, keyed._edition == mapping.edition])
    return joined.mutate(
        family=joined.family.fill_null(ibis.literal("unknown")), comparable=joined.comparable.fill_null(False)
    ).drop("_hs6", "_edition", "code", "edition")


def with_born(rows: ibis.Table) -> ibis.Table:
    """Rows with `born`: whether HS 2017 did not have the code's first six digits.

    A join, since five thousand codes in a condition cost more to plan than the question itself.
    """
    keyed = rows.mutate(_hs6=rows.product.left(6))
    joined = keyed.left_join(old_codes(), keyed._hs6 == old_codes().old_code)
    return joined.mutate(born=joined.old_code.isnull()).drop("_hs6", "old_code")


@cache
def old_codes() -> ibis.Table:
    """Six-digit codes of HS 2017: one row per `old_code`."""
    return ibis.memtable(pa.table({"old_code": sorted(hs.codes("HS2017"))}))
