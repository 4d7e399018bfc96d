"""Many clients at once on PostgreSQL: nothing is overdrawn, nothing is done twice, nobody is left in a deadlock."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from books import amounts, check_books, tables_of
from builders import (
    BUYER,
    CABLE,
    IMPORTER,
    KZ,
    NOON,
    OFFICER,
    OTHER_OFFICER,
    TRADER,
    TestClock,
    a_document,
    a_waybill,
    act,
    an_application,
    an_entry,
    an_invoice,
    filed,
    filer,
    goods,
    made,
    party,
)
from keruen.model.actor import SYSTEM
from keruen.model.document import Command
from keruen.model.outcome import Outcome, Verdict
from keruen.workflow.gather import Gatherer
from keruen.workflow.submit import Office, submit

if TYPE_CHECKING:
    from keruen.store.postgres import PostgresStore

pytestmark = pytest.mark.postgres

CLIENTS = 8


@pytest.fixture
def books(postgres: PostgresStore) -> Office:
    return Office(postgres, KZ, TestClock(), lambda: b"s" * 16)


def at_once(work: Sequence[Callable[[], list[Outcome]]]) -> list[list[Outcome]]:
    """Run each in a thread with a connection of its own, all beginning together; what one raises is raised here."""
    from django.db import connections

    start = threading.Barrier(len(work))
    found: list[Any] = [None] * len(work)

    def run(index: int) -> None:
        try:
            start.wait(10)
            found[index] = work[index]()
        except BaseException as error:  # noqa: BLE001 - a thread's failure must fail the test
            found[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a client hangs"
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return found


def client(office: Office, batches: Sequence[Sequence[Command]]) -> Callable[[], list[Outcome]]:
    """Submits batch after batch."""
    return lambda: [outcome for batch in batches for outcome in submit(office, batch)]


def verdicts(found: Sequence[Sequence[Outcome]]) -> Counter[str]:
    return Counter(each.problem.code if each.problem else each.verdict.value for outcomes in found for each in outcomes)


def test_one_lot_hammered_by_many_is_never_overdrawn(books: Office) -> None:
    submit(books, [filed(an_entry("ED-1", made("205")))])
    found = at_once(
        [
            client(books, [[filed(a_waybill(f"WB-{who}-{turn}", goods("10")), filer(IMPORTER))] for turn in range(6)])
            for who in range(CLIENTS)
        ]
    )
    assert verdicts(found) == {"accepted": 20, "not_covered": CLIENTS * 6 - 20}
    assert amounts(books.store, IMPORTER) == {"ED-1/1": 5}
    check_books(books.store)


def test_what_was_accepted_is_what_moved(books: Office) -> None:
    submit(books, [filed(an_entry("ED-1", made("100"), made("100", CABLE)))])

    def commands(who: int) -> list[list[Command]]:
        return [
            [
                filed(a_waybill(f"WB-{who}-{turn}", goods("7"), goods("3", CABLE)), filer(IMPORTER)),
                act(f"WB-{who}-{turn}", "confirm", filer(TRADER), quantities={1: "5", 2: "3"}),
            ]
            for turn in range(4)
        ]

    found = at_once([client(books, commands(who)) for who in range(CLIENTS)])
    moved = sum(
        1 for outcomes in found for each in outcomes if each.verdict == Verdict.ACCEPTED and each.state == "confirmed"
    )
    assert amounts(books.store, TRADER) == {"ED-1/1": 5 * moved, "ED-1/2": 3 * moved}
    assert moved >= 18
    check_books(books.store)


def test_two_firms_that_send_each_other_the_same_lots_do_not_deadlock(books: Office) -> None:
    """Each confirmation takes from the one's balance and gives to the other's, both ways at once."""
    submit(books, [filed(an_entry("ED-1", made("100"))), filed(an_entry("ED-2", made("100")))])
    submit(
        books,
        [
            filed(a_waybill("WB-0", goods("50", lot="ED-1/1"), goods("50", lot="ED-2/1")), filer(IMPORTER)),
            act("WB-0", "confirm", filer(TRADER)),
        ],
    )

    def commands(who: int) -> list[list[Command]]:
        sender, receiver = (IMPORTER, TRADER) if who % 2 else (TRADER, IMPORTER)
        lots = ("ED-1/1", "ED-2/1") if who % 4 < 2 else ("ED-2/1", "ED-1/1")
        return [
            [each]
            for turn in range(6)
            for each in (
                filed(
                    a_waybill(
                        f"WB-{who}-{turn}", *(goods("2", lot=lot) for lot in lots), sender=sender, receiver=receiver
                    ),
                    filer(sender),
                ),
                act(f"WB-{who}-{turn}", "confirm", filer(receiver)),
            )
        ]

    before = deadlocks()
    found = at_once([client(books, commands(who)) for who in range(CLIENTS)])
    assert verdicts(found) == {"accepted": CLIENTS * 12}
    assert amounts(books.store, IMPORTER) == {"ED-1/1": 50, "ED-2/1": 50}
    check_books(books.store)
    assert deadlocks() == before, "locks are taken in one order, so nobody waits for another in a circle"


def deadlocks() -> int:
    from keruen.store.rows import raw_connection

    raw_connection().execute("SELECT pg_stat_clear_snapshot()")
    row = (
        raw_connection().execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    )
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("quantity", ["40", "60", "100"])
def test_a_document_sent_by_many_at_once_is_accepted_once_and_answered_alike(books: Office, quantity: str) -> None:
    """Of sixty there is not enough for a second one: the twin must be known before the goods are looked at."""
    submit(books, [filed(an_entry())])
    waybill = filed(a_waybill("WB-1", goods(quantity)), filer(IMPORTER))
    found = at_once([client(books, [[waybill]])] * CLIENTS)
    assert verdicts(found) == {"accepted": 1, "repeated": CLIENTS - 1}
    assert {each.state for outcomes in found for each in outcomes} == {"sent"}
    check_books(books.store)


def test_an_action_sent_by_many_at_once_is_done_once_and_answered_alike(books: Office) -> None:
    submit(books, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
    found = at_once([client(books, [[act("WB-1", "confirm", filer(TRADER))]])] * CLIENTS)
    assert verdicts(found) == {"accepted": 1, "repeated": CLIENTS - 1}
    assert amounts(books.store, TRADER) == {"ED-1/1": 40}
    check_books(books.store)


def test_a_correction_sent_by_many_at_once_is_done_once_and_answered_alike(books: Office) -> None:
    submit(books, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
    correction = filed(a_waybill("WB-1", goods("70"), version=2), filer(IMPORTER))
    found = at_once([client(books, [[correction]])] * CLIENTS)
    assert verdicts(found) == {"accepted": 1, "repeated": CLIENTS - 1}
    check_books(books.store)


def test_one_key_with_many_contents_is_accepted_once(books: Office) -> None:
    found = at_once([client(books, [[filed(an_entry("ED-1", made(str(1 + who))))]]) for who in range(CLIENTS)])
    assert verdicts(found) == {"accepted": 1, "key_conflict": CLIENTS - 1}
    check_books(books.store)


def test_confirm_and_decline_at_once_end_in_one_of_the_two(books: Office) -> None:
    submit(
        books,
        [filed(an_entry()), filed(a_waybill(), filer(IMPORTER)), filed(an_invoice(waybill="WB-1"), filer(IMPORTER))],
    )
    found = at_once(
        [
            client(books, [[act("WB-1", name, who)]])
            for name, who in (
                ("confirm", filer(TRADER)),
                ("decline", filer(TRADER)),
                ("revoke", filer(IMPORTER)),
                ("confirm_by_authority", OFFICER),
                ("decline_by_authority", OTHER_OFFICER),
                ("lapse", SYSTEM),
            )
        ]
    )
    assert verdicts(found) == {"accepted": 1, "transition_closed": 5}
    check_books(books.store)


def test_an_approval_is_never_used_beyond_what_it_grants(books: Office) -> None:
    submit(
        books,
        [
            filed(an_entry()),
            filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER)),
            filed(an_application(), filer(IMPORTER)),
            act("EA-1", "approve", OFFICER),
        ],
    )
    found = at_once(
        [
            client(
                books,
                [
                    [
                        filed(
                            a_waybill(
                                f"WB-{who}",
                                goods("15", application_line=1),
                                movement="export",
                                receiver=BUYER,
                                country="UZ",
                                application="EA-1",
                                destination_country="UZ",
                            ),
                            filer(IMPORTER),
                        )
                    ]
                ],
            )
            for who in range(CLIENTS)
        ]
    )
    assert Counter(outcomes[0].state for outcomes in found) == {"released": 2, "declined_by_authority": CLIENTS - 2}
    check_books(books.store)


def test_exits_returns_and_declarations_on_one_waybill_at_once(books: Office) -> None:
    """They lock the waybill and its dependants from both ends: whoever is chosen to give way tries again."""
    submit(books, [filed(an_entry("ED-1", made("100", CABLE)))])
    waybill = a_waybill(
        "WB-X", goods("80", CABLE), movement="export", receiver=BUYER, country="UZ", destination_country="UZ"
    )
    submit(books, [filed(waybill, filer(IMPORTER)), filed(an_exit("EX-0", "30"), OFFICER)])
    submit(
        books,
        [
            filed(
                a_document(
                    "return",
                    f"RT-{turn}",
                    [a_line("2")],
                    waybill="WB-X",
                    reason="buyer_refused",
                    **party("exporter", IMPORTER),
                ),
                filer(IMPORTER),
            )
            for turn in range(8)
        ],
    )
    submit(
        books,
        [
            filed(
                a_document(
                    "export_declaration",
                    f"XD-{turn}",
                    [made("5", CABLE, waybill_line=1)],
                    waybill="WB-X",
                    destination_country="UZ",
                    **party("exporter", IMPORTER),
                    **party("consignee", BUYER, "UZ"),
                ),
                filer(IMPORTER),
            )
            for turn in range(8)
        ],
    )
    found = at_once(
        [
            *(
                client(books, [[filed(an_exit(f"EX-{who}-{turn}", "5"), OFFICER)] for turn in range(3)])
                for who in range(3)
            ),
            *(
                client(books, [[act(f"RT-{turn}", "approve", OFFICER)] for turn in range(start, 8, 2)])
                for start in range(2)
            ),
            *(
                client(books, [[act(f"XD-{turn}", "invalidate", OTHER_OFFICER)] for turn in range(start, 8, 2)])
                for start in range(2)
            ),
        ]
    )
    assert verdicts(found)["accepted"] >= 3 * 3 + 8
    rows = check_books(books.store)
    assert sum(each.quantity for each in rows.postings if each.to_status == "exit") == 30 + 45
    assert sum(each.quantity for each in rows.postings if each.from_status == "exit") == 16


def a_line(quantity: str) -> dict[str, Any]:
    return {"waybill_line": 1, "quantity": Decimal(quantity), "unit": "H87"}


def an_exit(id: str, quantity: str) -> Any:
    return a_document(
        "exit_notice", id, [a_line(quantity)], waybill="WB-X", exit_place="KZ-1", exited_on=date(2025, 3, 4)
    )


def test_the_first_commands_of_a_month_make_its_partitions_once(books: Office) -> None:
    assert isinstance(books.clock, TestClock)
    books.clock.now = NOON.replace(year=2031, month=7)
    at_once([client(books, [[filed(an_entry(f"ED-{who}", issued_on=date(2031, 7, 1)))]]) for who in range(CLIENTS)])
    assert len(tables_of(books.store).lots) == CLIENTS
    check_books(books.store)


def test_batches_of_many_lots_in_any_order_do_not_deadlock(books: Office) -> None:
    submit(books, [filed(an_entry(f"ED-{lot}", made("1000"))) for lot in range(6)])

    def batch(who: int, turn: int) -> list[Command]:
        order = range(6) if who % 2 else range(5, -1, -1)
        return [
            filed(a_waybill(f"WB-{who}-{turn}-{lot}", goods("1", lot=f"ED-{lot}/1")), filer(IMPORTER)) for lot in order
        ]

    before = deadlocks()
    found = at_once([client(books, [batch(who, turn) for turn in range(4)]) for who in range(CLIENTS)])
    assert verdicts(found) == {"accepted": CLIENTS * 4 * 6}
    assert deadlocks() == before
    check_books(books.store)


def test_a_connection_lost_between_two_filings_costs_neither(books: Office) -> None:
    """The thread that submits serves no web request, so nobody but the store looks after its connection."""
    gatherer = Gatherer(books)
    verdicts = []
    for number in range(3):
        verdicts.append(gatherer.submit_one(filed(an_entry(f"ED-{number}"))).verdict)
        end_other_connections()
    assert verdicts == [Verdict.ACCEPTED] * 3


def end_other_connections() -> None:
    from keruen.store.rows import raw_connection

    ended = raw_connection().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
    )
    assert ended.fetchall(), "nobody else was connected"
