"""Two-phase moves: what is set aside is passed on or comes back, each unit of it once."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal is compared with the whole number it should be.

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.errors import Conflict
from keruen.ledger import moves
from keruen.ledger.allocation import Share
from keruen.model.lot import Status, World
from ledger_bench import FIRM, OTHER, Bench


def aside(quantity: str = "40", line: int = 1) -> Bench:
    """A bench with so much of a hundred set aside by WB-1."""
    bench = Bench()
    bench.stock()
    moves.set_aside(
        bench.book, bench.context(), FIRM, line, [Share("ED-1/1", Decimal(quantity))], status=Status.RESERVED
    )
    return bench


def test_a_lot_is_born_at_its_owner() -> None:
    bench = Bench()
    moves.enter(bench.book, bench.context("ED-1"), bench.a_lot(), world=World.ENTRY)
    assert bench.row() == (100, 0, 0, 0, 0)
    posting = bench.book.changes.postings[0]
    assert (posting.from_holder, posting.from_status, posting.to_holder) == ("world", "entry", FIRM)


def test_a_lot_is_not_born_twice() -> None:
    bench = Bench()
    moves.enter(bench.book, bench.context("ED-1"), bench.a_lot(), world=World.ENTRY)
    with pytest.raises(Conflict, match=r"^lot ED-1/1 is in the books already$") as caught:
        moves.enter(bench.book, bench.context("ED-1"), bench.a_lot(), world=World.ENTRY)
    assert caught.value.code == "lot_exists"


@pytest.mark.parametrize("quantity", ["0", "-3"])
def test_a_lot_of_nothing_is_not_born(quantity: str) -> None:
    bench = Bench()
    with pytest.raises(Conflict, match=r"^line 1 enters nothing; leave it out or state how much$") as caught:
        moves.enter(bench.book, bench.context("ED-1"), bench.a_lot(quantity=quantity), world=World.ENTRY)
    assert caught.value.code == "nothing_asked"
    assert bench.book.lots == {}


def test_set_aside_twice_for_one_line_adds_up() -> None:
    bench = aside("40")
    moves.set_aside(bench.book, bench.context(), FIRM, 1, [Share("ED-1/1", Decimal(15))], status=Status.RESERVED)
    (row,) = bench.book.reserved_by["WB-1"]
    assert (row.allotted, row.remaining) == (55, 55)
    assert bench.row() == (45, 55, 0, 0, 0)


def test_all_is_passed_on_where_no_quantities_are_named() -> None:
    bench = aside()
    assert moves.pass_on(bench.book, bench.context(), "WB-1", target=(OTHER, Status.FREE)) == {1: 40}
    assert (bench.row(), bench.row(holder=OTHER)[0]) == ((60, 0, 0, 0, 0), 40)


def test_part_is_passed_on_and_the_rest_stays() -> None:
    bench = aside()
    assert moves.pass_on(
        bench.book, bench.context(), "WB-1", target=(OTHER, Status.FREE), quantities={1: Decimal("15.5")}
    ) == {1: Decimal("15.5")}
    assert bench.row() == (60, Decimal("24.5"), 0, 0, 0)


def test_lines_not_named_pass_nothing() -> None:
    bench = aside()
    assert moves.pass_on(bench.book, bench.context(), "WB-1", target=(OTHER, Status.FREE), quantities={}) == {}
    assert bench.row()[1] == 40


def test_what_comes_back_is_free_and_comes_back_once() -> None:
    bench = aside()
    for _ in range(2):
        moves.take_back(bench.book, bench.context(), "WB-1")
        assert bench.row() == (100, 0, 0, 0, 0)


def test_what_was_passed_on_does_not_come_back() -> None:
    bench = aside()
    moves.pass_on(bench.book, bench.context(), "WB-1", target=(OTHER, Status.FREE), quantities={1: Decimal(30)})
    moves.take_back(bench.book, bench.context(), "WB-1")
    assert (bench.row()[0], bench.row(holder=OTHER)[0]) == (70, 30)


def test_restating_moves_what_is_left_and_its_balance_alike() -> None:
    bench = aside()
    (row,) = bench.book.reserved_by["WB-1"]
    moves.restate(bench.book, bench.context(), row, status=Status.IN_TRANSIT)
    assert (row.status, bench.row()) == (Status.IN_TRANSIT, (60, 0, 40, 0, 0))
    count = len(bench.book.changes.postings)
    moves.restate(bench.book, bench.context(), row, status=Status.IN_TRANSIT)
    assert len(bench.book.changes.postings) == count, "to the status it has: nothing to post"


@pytest.mark.parametrize(
    ("quantities", "text", "line"),
    [
        ({1: Decimal(41)}, "WB-1 line 1 has 40 set aside, 41 asked", "1"),
        ({7: Decimal(1)}, "WB-1 line 7 has 0 set aside, 1 asked", "7"),
    ],
)
def test_more_than_is_set_aside_is_refused_with_the_figures(
    quantities: dict[int, Decimal], text: str, line: str
) -> None:
    bench = aside()
    with pytest.raises(Conflict) as caught:
        moves.pass_on(bench.book, bench.context(), "WB-1", target=(OTHER, Status.FREE), quantities=quantities)
    assert (caught.value.text, caught.value.code) == (text, "more_than_reserved")
    assert (caught.value.params["document"], caught.value.params["line"]) == ("WB-1", line)


def test_a_single_reservation_says_which_lot_fell_short() -> None:
    bench = aside()
    (row,) = bench.book.reserved_by["WB-1"]
    with pytest.raises(Conflict) as caught:
        moves.resolve(bench.book, bench.context(), row, Decimal(41), target=(OTHER, Status.FREE))
    assert caught.value.text == "WB-1 line 1 has 40 of lot ED-1/1 set aside, 41 asked"


@given(parts=st.lists(st.decimals(min_value=0, max_value=40, places=6), max_size=8))
def test_however_it_is_cut_up_what_was_set_aside_is_passed_on_or_comes_back(parts: list[Decimal]) -> None:
    bench = aside()
    passed = Decimal(0)
    for part in parts:
        mark = bench.book.mark()
        try:
            passed += sum(
                moves.pass_on(
                    bench.book, bench.context(), "WB-1", target=(OTHER, Status.FREE), quantities={1: part}
                ).values()
            )
        except Conflict:
            bench.book.undo(mark)
            assert passed + part > 40
    moves.take_back(bench.book, bench.context(), "WB-1")
    assert bench.row() == (100 - passed, 0, 0, 0, 0)
    if passed:
        assert bench.row(holder=OTHER)[0] == passed
