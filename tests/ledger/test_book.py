"""The working set: undone changes leave no trace, and nothing is posted that is not there."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.errors import IntegrityFailure, KeruenError
from keruen.ledger import allowances, moves
from keruen.ledger.allocation import Share, allocate
from keruen.ledger.book import Book
from keruen.model.lot import WORLD, Allowance, Status, World
from ledger_bench import CHIP, FIRM, OTHER, Bench, a_line


def picture(book: Book) -> dict[str, Any]:
    """Everything in a book, by value."""
    changes = book.changes
    return copy.deepcopy(
        {
            "lots": dict(book.lots),
            "balances": {key: row.row() for key, row in book.balances.items()},
            "by_code": {key: list(rows) for key, rows in book.by_code.items() if rows},
            "reservations": {key: row.row() for key, row in book.reservations.items()},
            "reserved_by": {key: [row.row() for row in rows] for key, rows in book.reserved_by.items()},
            "allowances": {key: row.row() for key, row in book.allowances.items()},
            "changes": [list(getattr(changes, name)) for name in changes.__slots__],
        }
    )


def test_a_posting_moves_between_two_accounts_and_names_its_place() -> None:
    bench = Bench()
    bench.stock()
    context = bench.context()
    for _ in range(2):
        bench.book.post(context, "ED-1/1", Decimal(10), 1, source=(FIRM, Status.FREE), target=(OTHER, Status.FREE))
    assert bench.row()[0] == 80
    assert bench.row(holder=OTHER)[0] == 20
    assert [row.key for row in bench.book.changes.postings] == ["WB-1@1#0", "WB-1@1#1"]


def test_what_is_not_there_is_not_posted() -> None:
    bench = Bench()
    bench.stock(free="5")
    before = picture(bench.book)
    with pytest.raises(IntegrityFailure, match="lot ED-1/1 at 040140001237: free would be -5"):
        bench.book.post(
            bench.context(), "ED-1/1", Decimal(10), 1, source=(FIRM, Status.FREE), target=(OTHER, Status.FREE)
        )
    assert picture(bench.book) == before


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_posting_is_above_nought(quantity: str) -> None:
    bench = Bench()
    bench.stock()
    with pytest.raises(IntegrityFailure, match=f"posting of {quantity} on lot ED-1/1"):
        bench.book.post(
            bench.context(), "ED-1/1", Decimal(quantity), 1, source=(FIRM, Status.FREE), target=(OTHER, Status.FREE)
        )


def test_a_balance_that_was_not_loaded_may_only_receive() -> None:
    bench = Bench()
    bench.stock()
    bench.book.post(bench.context(), "ED-1/1", Decimal(10), 1, source=(FIRM, Status.FREE), target=(OTHER, Status.FREE))
    assert ("ED-1/1", OTHER) not in bench.book.base, "the store adds to what it has; it does not replace it"


def test_reservations_of_a_document_stand_in_order_of_line_and_lot_however_they_were_made() -> None:
    bench = Bench()
    for lot in ("ED-1/1", "ED-2/1", "ED-3/1"):
        bench.stock(lot)
    moves.set_aside(bench.book, bench.context(), FIRM, 2, [Share("ED-1/1", Decimal(1))], status=Status.RESERVED)
    moves.set_aside(
        bench.book,
        bench.context(),
        FIRM,
        1,
        [Share("ED-3/1", Decimal(1)), Share("ED-2/1", Decimal(1))],
        status=Status.RESERVED,
    )
    assert [row.key for row in bench.book.reserved_by["WB-1"]] == [
        ("WB-1", 1, "ED-2/1"),
        ("WB-1", 1, "ED-3/1"),
        ("WB-1", 2, "ED-1/1"),
    ]


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("enter", "aside", "pass", "back", "restate", "grant", "draw", "give", "withdraw")),
        st.integers(1, 3),
        st.integers(0, 60),
    ),
    max_size=12,
)


def take(bench: Bench, step: Step) -> None:  # noqa: C901 - a table of steps
    """One step; refused ones are refused as the ledger refuses them."""
    name, which, amount = step
    book, quantity = bench.book, Decimal(amount)
    key = (f"EA-{which}", 1, "export")
    context = bench.context(f"WB-{which}", f"E-{len(book.changes.postings)}")
    if name == "enter":
        moves.enter(book, context, bench.a_lot(f"ED-{which}/1", str(amount)), world=World.ENTRY)
    elif name == "aside":
        shares, _ = allocate(book, FIRM, a_line(str(amount)))
        moves.set_aside(book, context, FIRM, which, shares, status=Status.RESERVED)
    elif name == "pass":
        target = (OTHER, Status.FREE) if which != 2 else (WORLD, World.EXIT)
        moves.pass_on(book, context, f"WB-{which}", target=target, quantities={which: quantity})
    elif name == "back":
        moves.take_back(book, context, f"WB-{which}")
    elif name == "restate":
        for row in tuple(book.reserved_by.get(f"WB-{which}", ())):
            moves.restate(book, context, row, status=Status.HELD)
    elif name == "grant":
        allowances.grant(book, Allowance(f"EA-{which}", 1, "export", CHIP, "H87", quantity))
    elif name == "draw":
        allowances.draw(book, key, quantity, "H87")
    elif name == "give":
        if key in book.allowances and quantity <= book.allowances[key].used:
            allowances.give_back(book, key, quantity)
    else:
        allowances.withdraw(book, f"EA-{which}")


@given(before=STEPS, after=STEPS)
def test_undo_puts_everything_back(before: list[Step], after: list[Step]) -> None:
    bench = Bench()
    bench.stock("ED-9/1")
    for step in before:
        mark = bench.book.mark()
        try:
            take(bench, step)
        except KeruenError:
            bench.book.undo(mark)
    seen, mark = picture(bench.book), bench.book.mark()
    for step in after:
        try:
            take(bench, step)
        except KeruenError:
            continue
    bench.book.undo(mark)
    assert picture(bench.book) == seen


@given(steps=STEPS)
def test_every_lot_sums_to_nought_and_no_account_is_below_it(steps: list[Step]) -> None:
    bench = Bench()
    bench.stock("ED-9/1")
    for step in steps:
        mark = bench.book.mark()
        try:
            take(bench, step)
        except KeruenError:
            bench.book.undo(mark)
    accounts: dict[tuple[str, str, str], Decimal] = {("ED-9/1", FIRM, "free"): Decimal(100)}
    for row in bench.book.changes.postings:
        source = (row.lot_id, row.from_holder, str(row.from_status))
        target = (row.lot_id, row.to_holder, str(row.to_status))
        accounts[source] = accounts.get(source, Decimal(0)) - row.quantity
        accounts[target] = accounts.get(target, Decimal(0)) + row.quantity
        assert row.from_holder == WORLD or accounts[source] >= 0
    for (lot, holder), balance in bench.book.balances.items():
        for status in Status:
            assert getattr(balance, status) == accounts.get((lot, holder, status.value), 0)
    for allowance in bench.book.allowances.values():
        assert 0 <= allowance.used <= allowance.granted
