"""Production: inside the recipe, out of free goods, with exact shares of every parent."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal is compared with the whole number it should be.

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.errors import Conflict
from keruen.ledger.allocation import Shortage
from keruen.ledger.production import Component, produce
from keruen.model.lot import Birth, Lot
from ledger_bench import CABLE, FIRM, Bench, a_line

RECIPE = [Component(1, "8542311000", "H87", Decimal(1), Decimal(2))]


def an_output(bench: Bench, line: int = 9, quantity: str = "10") -> Lot:
    return bench.a_lot(f"PR-1/{line}", quantity, commodity_code="8517620003", birth=Birth.PRODUCTION)


def make(
    bench: Bench,
    *inputs: dict[str, Any],
    recipe: list[Component] | None = None,
    output: str = "10",
    by_products: int = 0,
) -> bool:
    outputs = [an_output(bench, quantity=output), *(an_output(bench, 10 + index) for index in range(by_products))]
    return produce(
        bench.book, bench.context("PR-1"), FIRM, inputs, outputs, RECIPE if recipe is None else recipe, Decimal(output)
    )


def test_inputs_are_used_up_and_the_product_is_born() -> None:
    bench = Bench()
    bench.stock()
    assert make(bench, a_line("15")) is True
    assert (bench.row()[0], bench.row("PR-1/9")[0]) == (85, 10)
    assert [row.to_status for row in bench.book.changes.postings] == ["consumption", "free"]


def test_a_named_lot_was_not_chosen_by_us() -> None:
    bench = Bench()
    bench.stock()
    assert make(bench, a_line("15", lot="ED-1/1")) is False


def test_each_parent_has_its_exact_share() -> None:
    bench = Bench()
    bench.stock("ED-1/1", "5")
    bench.stock("ED-2/1", "10")
    make(bench, a_line("15"))
    assert [(edge.parent, edge.share, edge.quantity) for edge in bench.book.changes.edges] == [
        ("ED-1/1", Fraction(1, 3), 5),
        ("ED-2/1", Fraction(2, 3), 10),
    ]


def test_one_lot_on_two_lines_is_one_edge() -> None:
    bench = Bench()
    bench.stock()
    make(bench, a_line("7"), a_line("8", line=2))
    assert [(edge.share, edge.quantity) for edge in bench.book.changes.edges] == [(1, 15)]


def test_a_by_product_descends_from_the_same_parents() -> None:
    bench = Bench()
    bench.stock()
    make(bench, a_line("15"), by_products=1)
    assert [(edge.child, edge.share) for edge in bench.book.changes.edges] == [("PR-1/9", 1), ("PR-1/10", 1)]


@pytest.mark.parametrize("quantity", ["10", "20"])
def test_the_bounds_themselves_are_inside(quantity: str) -> None:
    bench = Bench()
    bench.stock()
    make(bench, a_line(quantity))


OPEN = [Component(1, "8542311000", "H87", Decimal(0), Decimal(2))]


@pytest.mark.parametrize(
    ("inputs", "recipe", "code", "text"),
    [
        (
            [a_line("9.999999")],
            RECIPE,
            "outside_recipe",
            "10 of the product take 10 to 20 H87 of 8542311000 by the recipe, 9.999999 stated",
        ),
        (
            [a_line("12"), a_line("8.000001", line=2)],
            RECIPE,
            "outside_recipe",
            "10 of the product take 10 to 20 H87 of 8542311000 by the recipe, 20.000001 stated",
        ),
        ([], RECIPE, "outside_recipe", "10 of the product take 10 to 20 H87 of 8542311000 by the recipe, 0 stated"),
        (
            [a_line("10"), a_line("1", commodity_code=CABLE)],
            RECIPE,
            "not_in_recipe",
            "8544200000 in H87 is not in the recipe",
        ),
        ([a_line("10", unit="KGM")], OPEN, "not_in_recipe", "8542311000 in KGM is not in the recipe"),
        ([], OPEN, "nothing_consumed", "10 of the product are made of nothing; state the inputs that went into them"),
        ([], [], "nothing_consumed", "10 of the product are made of nothing; state the inputs that went into them"),
    ],
)
def test_a_refusal_says_what_the_recipe_takes_and_what_was_stated(
    inputs: list[dict[str, Any]], recipe: list[Component], code: str, text: str
) -> None:
    bench = Bench()
    bench.stock()
    with pytest.raises(Conflict) as caught:
        make(bench, *inputs, recipe=recipe)
    assert (caught.value.code, caught.value.text) == (code, text)


def test_inputs_that_are_not_free_are_refused() -> None:
    bench = Bench()
    bench.stock(free="14")
    with pytest.raises(Shortage, match="has 14 free, 15 asked"):
        make(bench, a_line("15"))


AMOUNT = st.decimals(min_value=Decimal("0.000001"), max_value=Decimal(9999999999), places=6)


@given(stock=st.lists(AMOUNT, min_size=1, max_size=6))
def test_shares_sum_to_one_whatever_the_quantities(stock: list[Decimal]) -> None:
    bench = Bench()
    for index, free in enumerate(stock):
        bench.stock(f"ED-{index}/1", str(free))
    total = sum(stock, Decimal(0))
    make(bench, a_line(str(total)), recipe=[Component(1, "8542311000", "H87", Decimal(0), total)], output="1")
    assert sum(edge.share for edge in bench.book.changes.edges) == 1
    assert sum(edge.quantity for edge in bench.book.changes.edges) == total
