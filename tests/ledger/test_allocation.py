"""Which lots a line draws on, and what is said when they do not suffice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.errors import Conflict, KeruenError, NotFound
from keruen.ledger.allocation import Share, Shortage, allocate, lot_of
from keruen.model.lot import Reservation
from ledger_bench import CABLE, FIRM, NOON, OTHER, Bench, a_line


def a_reservation(document: str, remaining: str, status: str = "reserved") -> Reservation:
    return Reservation(document, 1, "ED-1/1", FIRM, "H87", Decimal(100), Decimal(remaining), status, NOON)


def test_first_in_goes_out_first_then_by_lot() -> None:
    bench = Bench()
    bench.stock("ED-3/1", "10", born=date(2025, 1, 1))
    bench.stock("ED-2/1", "10", born=date(2025, 1, 2))
    bench.stock("ED-1/1", "10", born=date(2025, 1, 2))
    assert allocate(bench.book, FIRM, a_line("25")) == (
        [Share("ED-3/1", Decimal(10)), Share("ED-1/1", Decimal(10)), Share("ED-2/1", Decimal(5))],
        True,
    )


def test_a_named_lot_is_taken_and_nothing_was_chosen() -> None:
    bench = Bench()
    bench.stock("ED-1/1")
    bench.stock("ED-2/1")
    assert allocate(bench.book, FIRM, a_line(lot="ED-2/1")) == ([Share("ED-2/1", Decimal(40))], False)


@pytest.mark.parametrize("other", [{"unit": "KGM"}, {"commodity_code": CABLE}])
def test_goods_of_another_code_or_unit_are_never_mixed_in(other: dict[str, str]) -> None:
    bench = Bench()
    bench.stock("ED-1/1", "30")
    bench.stock("ED-2/1", "30", **other)
    with pytest.raises(Shortage):
        allocate(bench.book, FIRM, a_line("40"))


@pytest.mark.parametrize("name", ["origin_country", "manufacture_country"])
def test_a_line_that_states_where_from_draws_on_no_other(name: str) -> None:
    bench = Bench()
    bench.stock("ED-1/1", "30", **{name: "CN"})
    bench.stock("ED-2/1", "30", **{name: "MY"})
    assert allocate(bench.book, FIRM, a_line("30", **{name: "MY"}))[0] == [Share("ED-2/1", Decimal(30))]
    with pytest.raises(Shortage):
        allocate(bench.book, FIRM, a_line("31", **{name: "MY"}))


def test_what_another_firm_has_is_not_drawn_on() -> None:
    bench = Bench()
    bench.stock(holder=OTHER)
    with pytest.raises(Shortage):
        allocate(bench.book, FIRM, a_line("1"))


# What, how it is asked, and the whole sentence: what, where, the figures.
REFUSALS: list[tuple[dict[str, Any], type[KeruenError], str, str]] = [
    ({"quantity": Decimal(0)}, Conflict, "nothing_asked", "line 1 asks for nothing"),
    (
        {"quantity": Decimal(101), "lot": "ED-1/1"},
        Shortage,
        "not_covered",
        "lot ED-1/1 at firm 040140001237 has 100 free, 101 asked",
    ),
    ({"quantity": Decimal(101)}, Shortage, "not_covered", "lot ED-1/1 at firm 040140001237 has 100 free, 101 asked"),
    (
        {"commodity_code": CABLE},
        Shortage,
        "not_covered",
        "goods 8544200000 in H87 at firm 040140001237 has 0 free, 40 asked",
    ),
    ({"lot": "ED-7/1"}, NotFound, "unknown_lot", "line 1: no lot ED-7/1 in the books"),
    (
        {"lot": "ED-1/1", "commodity_code": CABLE},
        Conflict,
        "lot_differs",
        "line 1: commodity_code is 8544200000, but lot ED-1/1 has 8542311000",
    ),
    ({"lot": "ED-1/1", "unit": "KGM"}, Conflict, "lot_differs", "line 1: unit is KGM, but lot ED-1/1 has H87"),
    (
        {"lot": "ED-1/1", "origin_country": "MY"},
        Conflict,
        "lot_differs",
        "line 1: origin_country is MY, but lot ED-1/1 has CN",
    ),
    (
        {"lot": "ED-1/1", "manufacture_country": "MY"},
        Conflict,
        "lot_differs",
        "line 1: manufacture_country is MY, but lot ED-1/1 has CN",
    ),
]


@pytest.mark.parametrize(("line", "kind", "code", "text"), REFUSALS)
def test_a_refusal_says_what_where_and_how_much(
    line: dict[str, Any], kind: type[KeruenError], code: str, text: str
) -> None:
    bench = Bench()
    bench.stock()
    with pytest.raises(kind) as caught:
        allocate(bench.book, FIRM, {**a_line(), **line})
    assert (caught.value.code, caught.value.text) == (code, text)
    assert caught.value.params["line"] == "1"


def test_a_shortage_names_who_has_the_rest_most_first_and_no_more_than_five() -> None:
    bench = Bench()
    bench.stock(free="12.5")
    with pytest.raises(Shortage) as caught:
        allocate(bench.book, FIRM, a_line(lot="ED-1/1"))
    rows = [a_reservation(f"WB-{index}", str(index)) for index in range(8)]
    assert caught.value.explain(rows).text == (
        "lot ED-1/1 at firm 040140001237 has 12.5 free, 40 asked; 7 reserved by WB-7, 6 reserved by WB-6, "
        "5 reserved by WB-5, 4 reserved by WB-4, 3 reserved by WB-3"
    )
    assert str(caught.value) == caught.value.text
    assert caught.value.params["reserved"] == (
        "7 reserved by WB-7, 6 reserved by WB-6, 5 reserved by WB-5, 4 reserved by WB-4, 3 reserved by WB-3"
    )


@pytest.mark.parametrize(
    ("line", "lot"),
    [
        ({"lot": "ED-1/1"}, "ED-1/1"),
        ({"declaration": "ED-2", "declaration_line": 3}, "ED-2/3"),
        ({"lot": "ED-1/1", "declaration": "ED-2", "declaration_line": 3}, "ED-1/1"),
        ({"declaration": "ED-2"}, ""),
        ({}, ""),
    ],
)
def test_a_lot_is_named_outright_or_by_the_line_it_entered_by(line: dict[str, Any], lot: str) -> None:
    assert lot_of(line) == lot


AMOUNT = st.decimals(min_value=Decimal(0), max_value=Decimal(9999999999), places=6)


@given(
    stock=st.lists(st.tuples(AMOUNT, st.integers(0, 5), st.sampled_from(("CN", "MY"))), max_size=6),
    asked=AMOUNT,
    origin=st.sampled_from(("", "CN", "MY")),
)
def test_shares_sum_to_what_was_asked_or_all_that_fits_is_too_little(
    stock: list[tuple[Decimal, int, str]], asked: Decimal, origin: str
) -> None:
    bench = Bench()
    for index, (free, age, country) in enumerate(stock):
        bench.stock(f"ED-{index}/1", str(free), born=date(2025, 3, 4) - timedelta(days=age), origin_country=country)
    fitting = sum((free for free, _, country in stock if origin in {"", country}), Decimal(0))
    line = a_line(str(asked), **({"origin_country": origin} if origin else {}))
    if asked == 0:
        with pytest.raises(Conflict, match="asks for nothing"):
            allocate(bench.book, FIRM, line)
    elif asked > fitting:
        with pytest.raises(Shortage) as caught:
            allocate(bench.book, FIRM, line)
        assert (caught.value.free, caught.value.asked) == (fitting, asked)
    else:
        shares, ours = allocate(bench.book, FIRM, line)
        assert ours
        assert sum(share.quantity for share in shares) == asked
        assert all(0 < share.quantity <= bench.row(share.lot_id)[0] for share in shares)
        # Only the last lot may be left with a rest.
        assert all(share.quantity == bench.row(share.lot_id)[0] for share in shares[:-1])
        ages = [bench.book.lots[share.lot_id].born_on for share in shares]
        assert ages == sorted(ages)
