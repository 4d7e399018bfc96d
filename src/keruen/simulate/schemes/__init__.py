"""Planted schemes: known ways in which controlled goods slip out, each in many shapes.

A scheme has its own firms, goods, numbers and draws, so planting it changes nothing in honest
trade. Shapes (who, what, where to, how fast, how hidden) are drawn for each instance and never twice
the same within a run while any is left.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keruen.errors import InvalidInput
from keruen.simulate.economy import Firm, Registry
from keruen.simulate.papers import LANES, Numbers
from keruen.simulate.schemes import disguise, fronts, people, permits, routes, stock
from keruen.simulate.schemes.case import LISTED, Case, Ground

if TYPE_CHECKING:
    from keruen.simulate.truth import Instance

Plant = Callable[[Case], None]
# The place in this table is the scheme's lane of numbers: append, never reorder.
SCHEMES: dict[str, Plant] = {
    "new_front_company": fronts.new_front_company,
    "old_company_new_codes": fronts.old_company_new_codes,
    "sudden_jump": fronts.sudden_jump,
    "disguised_code": disguise.disguised_code,
    "split_loads": routes.split_loads,
    "stock_from_nothing": stock.stock_from_nothing,
    "write_off_then_export": stock.write_off_then_export,
    "false_transit": routes.false_transit,
    "origin_swap": disguise.origin_swap,
    "resale_chain": routes.resale_chain,
    "licence_overdraw": permits.licence_overdraw,
    "return_fraud": permits.return_fraud,
    "listed_party": people.listed_party,
    "shared_details": people.shared_details,
    "waved_through": people.waved_through,
}
NAMES = tuple(SCHEMES)
FEW, SEVERAL, MOST = 2, 3, 60
SMALL, LINES_AN_INSTANCE = 5_000, 50_000
assert len(NAMES) < LANES

__all__ = ["NAMES", "Ground", "Plants", "chosen", "plant"]


@dataclass(frozen=True, slots=True)
class Plants:
    """What was planted."""

    instances: list[Instance]
    registries: list[Registry]

    @property
    def firms(self) -> list[Firm]:
        """Every firm of the schemes; whole only once the run is over."""
        return [firm for registry in self.registries for firm in registry.firms]

    def listed_parties(self) -> str:
        """The invented list that `listed_party` and `shared_details` are made from, ready for `watchlist load`."""
        table = io.StringIO()
        out = csv.writer(table, lineterminator="\n")
        out.writerow(["id", "name", "aliases", "countries", "kind", "addresses", "remarks", "programmes"])
        out.writerows(
            [each.id, each.name, "|".join(each.aliases), each.country, each.kind, each.address, each.phone, "KRN-TEST"]
            for each in LISTED
        )
        return table.getvalue()


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """Names of schemes as asked for, in the order of the table.

    Raises:
        InvalidInput: A name is unknown; the message lists those there are.
    """
    wanted = [part for name in names for part in name.split(",") if part]
    if wanted == ["all"]:
        return NAMES
    if wanted in (["none"], []):
        return ()
    unknown = [name for name in wanted if name not in SCHEMES]
    if unknown:
        raise InvalidInput(
            f"no scheme {unknown[0]!r}; there are all, none, {', '.join(NAMES)}",
            code="simulate_scheme",
            found=unknown[0],
            expected=", ".join(NAMES),
        )
    return tuple(name for name in NAMES if name in wanted)


def count_of(lines: int) -> int:
    """How many instances of each scheme go with so many lines."""
    return FEW if lines < SMALL else min(MOST, SEVERAL + lines // LINES_AN_INSTANCE)


def plant(names: Sequence[str], ground: Ground) -> Plants:
    """Plant instances of some schemes; their scripts file while the run goes on."""
    instances, registries = [], []
    for name in names:
        lane = NAMES.index(name) + 1
        registry = Registry(ground.seed, lane, LANES)
        used: set[tuple[str, ...]] = set()
        numbers = Numbers(ground.seed, lane)
        for number in range(1, count_of(ground.lines) + 1):
            case = Case(ground, name, number, registry, used, numbers)
            SCHEMES[name](case)
            instances.append(case.instance)
        registries.append(registry)
    return Plants(instances, registries)
