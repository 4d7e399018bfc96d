"""Allowances: drawn never below nought, given back no more than drawn."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal is compared with the whole number it should be.

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.errors import Conflict, KeruenError, NotFound
from keruen.ledger.allowances import draw, give_back, grant, withdraw
from keruen.model.lot import Allowance
from ledger_bench import CHIP, Bench

KEY = ("LI-1", 1, "licence")


def granted(quantity: str = "100") -> Bench:
    bench = Bench()
    grant(bench.book, an_allowance(quantity))
    return bench


def an_allowance(quantity: str = "100") -> Allowance:
    return Allowance("LI-1", 1, "licence", CHIP, "H87", Decimal(quantity))


def test_what_is_drawn_is_no_longer_left() -> None:
    bench = granted()
    draw(bench.book, KEY, Decimal("99.999999"), "H87")
    assert bench.book.allowances[KEY].left == Decimal("0.000001")


def test_a_second_grant_adds_to_the_first() -> None:
    bench = granted()
    draw(bench.book, KEY, Decimal(30), "H87")
    grant(bench.book, an_allowance("5"))
    assert bench.book.allowances[KEY].row()[5:] == (105, 30, False)


def test_a_withdrawn_allowance_keeps_what_was_used_and_gives_no_more() -> None:
    bench = granted()
    draw(bench.book, KEY, Decimal(30), "H87")
    withdraw(bench.book, "LI-1")
    assert (bench.book.allowances[KEY].used, bench.book.allowances[KEY].left) == (30, 0)
    with pytest.raises(Conflict, match="LI-1 line 1 has 0 H87 left of 100, 1 asked"):
        draw(bench.book, KEY, Decimal(1), "H87")


def test_only_the_document_s_own_are_withdrawn() -> None:
    bench = granted()
    grant(bench.book, Allowance("LI-2", 1, "licence", CHIP, "H87", Decimal(1)))
    withdraw(bench.book, "LI-2")
    assert bench.book.allowances[KEY].left == 100


@pytest.mark.parametrize(
    ("key", "quantity", "unit", "kind", "code", "text"),
    [
        (("LI-9", 1, "licence"), "1", "H87", NotFound, "no_allowance", "LI-9 line 1 grants nothing for licence"),
        (("LI-1", 2, "licence"), "1", "H87", NotFound, "no_allowance", "LI-1 line 2 grants nothing for licence"),
        (KEY, "1", "KGM", Conflict, "allowance_unit", "LI-1 line 1 is in H87, got KGM"),
        (
            KEY,
            "100.000001",
            "H87",
            Conflict,
            "allowance_exceeded",
            "LI-1 line 1 has 100 H87 left of 100, 100.000001 asked",
        ),
    ],
)
def test_a_refusal_says_which_line_of_what_and_the_figures(
    key: tuple[str, int, str], quantity: str, unit: str, kind: type[KeruenError], code: str, text: str
) -> None:
    bench = granted()
    with pytest.raises(kind) as caught:
        draw(bench.book, key, Decimal(quantity), unit)
    assert (caught.value.code, caught.value.text) == (code, text)
    assert bench.book.allowances[KEY].used == 0


def test_no_more_is_given_back_than_was_drawn() -> None:
    bench = granted()
    with pytest.raises(AssertionError):
        give_back(bench.book, KEY, Decimal(1))


@given(steps=st.lists(st.tuples(st.booleans(), st.decimals(min_value=0, max_value=60, places=6)), max_size=15))
def test_use_stays_between_nought_and_the_grant(steps: list[tuple[bool, Decimal]]) -> None:
    bench = granted()
    expected = Decimal(0)
    for drawing, quantity in steps:
        if drawing:
            try:
                draw(bench.book, KEY, quantity, "H87")
                expected += quantity
            except Conflict:
                assert expected + quantity > 100
        elif quantity <= expected:
            give_back(bench.book, KEY, quantity)
            expected -= quantity
    assert bench.book.allowances[KEY].used == expected
    assert 0 <= expected <= 100
