"""The invariants of DESIGN.md ("What must hold, always") as one function over either store.

It shares nothing with the code it checks but the records: every sum is made again here from
the rows a store gives, so that a mistake in `ledger/` is not made twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson

from keruen.model.document import Document, Event, StoredDocument
from keruen.model.lot import RETURN, WORLD, Allowance, Balance, Birth, Edge, Lot, Posting, Reservation, Status
from keruen.profiles import load
from keruen.store.memory import MemoryStore
from keruen.workflow.ports import Leaf

ZERO = Decimal(0)
KZ = load("kz")
SOURCES = frozenset({"entry", "production", "opening", "correction"})
"""World accounts that only give."""
STATUSES = ("free", "reserved", "in_transit", "held", "seized")


@dataclass(frozen=True, slots=True)
class Tables:
    """Every row of the books, whichever store keeps them; postings and leaves in the order they were made."""

    keys: dict[str, tuple[bytes, str]]
    documents: dict[str, StoredDocument]
    superseded: tuple[tuple[str, int, str, bytes], ...]
    events: tuple[Event, ...]
    decisions: tuple[tuple[str, int, str, str, str], ...]
    lots: dict[str, Lot]
    edges: tuple[Edge, ...]
    postings: tuple[Posting, ...]
    balances: dict[tuple[str, str], tuple[Decimal, ...]]
    received: dict[tuple[str, str], datetime | None]
    reservations: dict[tuple[str, int, str], Reservation]
    allowances: dict[tuple[str, int, str], Allowance]
    leaves: tuple[Leaf, ...]
    outbox: tuple[tuple[str, str, str, bytes], ...]
    memories: dict[str, Any]


def tables_of(store: Any) -> Tables:
    """Read a whole store."""
    return _memory(store) if isinstance(store, MemoryStore) else _postgres()


def check_books(store: Any) -> Tables:
    """Assert everything that must hold, always.

    Args:
        store: The memory store or the PostgreSQL store, with nothing else writing to it.

    Returns:
        The rows, for tests that look further.
    """
    rows = tables_of(store)
    accounts = _no_account_below_nought_at_any_prefix(rows)
    _each_lot_balances(rows, accounts)
    _balances_are_the_sum_of_postings(rows, accounts)
    _reservations_are_the_balance_set_aside(rows)
    _papers_hold_what_they_say(rows)
    _allowances_are_used_by_what_draws_on_them(rows)
    _every_lot_descends_from_an_authorised_birth(rows)
    _shares_sum_to_one(rows)
    _reversals_name_what_they_take_back(rows)
    _every_command_stands_once(rows)
    _the_journal_tells_the_same(rows)
    _nothing_lies_outside_its_documents_times(rows)
    _no_lot_is_moved_before_it_is_known(rows)
    return rows


# -- the invariants ------------------------------------------------------------------------------


def _nothing_lies_outside_its_documents_times(rows: Tables) -> None:
    """Events and postings of a document lie between its first version and its last change: reads look no further."""
    found: list[Event | Posting] = [*rows.events, *rows.postings]
    for row in found:
        stored = rows.documents[row.document_id]
        assert stored.recorded_at <= row.recorded_at <= stored.updated_at, (row, stored.recorded_at, stored.updated_at)


def _no_lot_is_moved_before_it_is_known(rows: Tables) -> None:
    """A posting is learnt of no earlier than its lot: reads of a lot's past begin there."""
    for row in rows.postings:
        assert row.recorded_at >= rows.lots[row.lot_id].recorded_at, (row, rows.lots[row.lot_id])


Accounts = dict[tuple[str, str, str], Decimal]


def _no_account_below_nought_at_any_prefix(rows: Tables) -> Accounts:
    accounts: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for posting in rows.postings:
        assert posting.quantity > 0, posting
        lot = rows.lots[posting.lot_id]
        assert posting.unit == lot.unit, (posting, lot)
        source = (posting.lot_id, posting.from_holder, str(posting.from_status))
        target = (posting.lot_id, posting.to_holder, str(posting.to_status))
        accounts[source] -= posting.quantity
        accounts[target] += posting.quantity
        if posting.from_holder != WORLD:
            assert accounts[source] >= 0, f"{posting.key} takes {source} to {accounts[source]}"
        # World sources give only, world sinks take only, but for what is reversed or comes back.
        for _, holder, status in (source, target):
            if holder == WORLD:
                amount = accounts[posting.lot_id, holder, status]
                assert amount <= 0 if status in SOURCES else amount >= 0, (posting, amount)
    return dict(accounts)


def _each_lot_balances(rows: Tables, accounts: Accounts) -> None:
    by_lot: dict[str, dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for (lot_id, holder, status), amount in accounts.items():
        by_lot[lot_id][holder, status] = amount
    reversed_births: defaultdict[str, Decimal] = defaultdict(Decimal)
    for posting in rows.postings:
        if posting.reverses and posting.to_holder == WORLD and posting.to_status in SOURCES:
            reversed_births[posting.lot_id] += posting.quantity
    for lot in rows.lots.values():
        mine = by_lot[lot.lot_id]
        assert sum(mine.values(), ZERO) == 0, f"{lot.lot_id} does not sum to nought: {mine}"
        on_hand = sum((amount for (holder, _), amount in mine.items() if holder != WORLD), ZERO)
        left = mine.get((WORLD, "exit"), ZERO)
        used_up = mine.get((WORLD, "consumption"), ZERO) + mine.get((WORLD, "loss"), ZERO)
        entered = lot.entered - reversed_births[lot.lot_id]
        assert entered == on_hand + left + used_up, f"{lot.lot_id}: {entered} entered, {on_hand}+{left}+{used_up} found"
        assert ZERO <= left <= entered, f"{lot.lot_id}: {left} left of {entered}"


def _balances_are_the_sum_of_postings(rows: Tables, accounts: Accounts) -> None:
    for (lot_id, holder), amounts in rows.balances.items():
        for status, amount in zip(STATUSES, amounts, strict=True):
            expected = accounts.get((lot_id, holder, status), ZERO)
            assert amount == expected, f"{lot_id} at {holder} {status}: {amount} kept, {expected} posted"
    for (lot_id, holder, status), amount in accounts.items():
        assert holder == WORLD or amount == 0 or (lot_id, holder) in rows.balances, (lot_id, holder, status)


def _reservations_are_the_balance_set_aside(rows: Tables) -> None:
    aside: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in rows.reservations.values():
        assert ZERO <= row.remaining <= row.allotted, row
        assert row.unit == rows.lots[row.lot_id].unit, row
        aside[row.lot_id, row.holder, str(row.status)] += row.remaining
    for (lot_id, holder), amounts in rows.balances.items():
        for status, amount in zip(STATUSES[1:], amounts[1:], strict=True):
            found = aside.pop((lot_id, holder, status), ZERO)
            assert found == amount, f"{lot_id} at {holder}: {amount} {status}, {found} of it by a document"
    assert not any(aside.values()), aside


def _papers_hold_what_they_say(rows: Tables) -> None:
    """A closed document holds nothing; an open one holds exactly what its lines say, no more and no less."""
    aside: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for row in rows.reservations.values():
        aside[row.document_id, row.line] += row.remaining
    gone = _exited_by_line(rows)
    for stored in rows.documents.values():
        kind = KZ.kind(stored.kind)
        movement, state = stored.document.movement, stored.state
        held = sum((amount for (document, _), amount in aside.items() if document == stored.id), ZERO)
        # An exit nobody allowed blocks what it can at the sender until an officer settles it.
        blocks = stored.kind == "exit_notice" and state == "posted"
        if blocks:
            continue
        if state in kind.final or state in {"draft", "posted", "left"}:
            assert held == 0, f"{stored.id} is {state} and still holds {held}"
            continue
        holds = (
            (stored.kind == "waybill" and (movement in {"transfer", "export"}))
            or (stored.kind == "write_off" and state == "held")
            or (
                stored.kind == "correction"
                and state == "held"
                and stored.document.header.get("direction") == "decrease"
            )
            or (stored.kind == "detention_order")
        )
        for line in stored.document.lines:
            promised = line["quantity"] - gone.get((stored.id, line["line"]), ZERO) if holds else ZERO
            found = aside.get((stored.id, line["line"]), ZERO)
            assert found == promised, (
                f"{stored.id} line {line['line']} is {state}: {promised} promised, {found} set aside"
            )


def _exited_by_line(rows: Tables) -> dict[tuple[str, int], Decimal]:
    """Waybill line to what left under it: what it granted to come back, over all its lots."""
    gone: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for row in rows.allowances.values():
        if row.purpose.startswith(RETURN):
            gone[row.document_id, row.line] += row.granted
    exits: defaultdict[str, Decimal] = defaultdict(Decimal)
    for posting in rows.postings:
        if posting.to_status == "exit" and not posting.reverses:
            exits[posting.lot_id] += posting.quantity
    returns: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows.allowances.values():
        if row.returns:
            returns[row.returns] += row.granted
    assert exits == returns, "what left and what may come back differ"
    return gone


def _allowances_are_used_by_what_draws_on_them(rows: Tables) -> None:  # noqa: C901 - one sum, made in one place
    """What is used of an application or licence is what waybills hold, moved or took abroad under it."""
    for allowance in rows.allowances.values():
        assert ZERO <= allowance.used <= allowance.granted, allowance
    used: defaultdict[tuple[str, int, str], Decimal] = defaultdict(Decimal)
    gone = _exited_by_line(rows)
    passed: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for posting in rows.postings:
        if posting.to_holder not in {WORLD, posting.from_holder}:
            passed[posting.document_id, posting.line] += posting.quantity
    to_itself: set[tuple[str, int, str]] = set()
    aside: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for row in rows.reservations.values():
        aside[row.document_id, row.line] += row.remaining
    for stored in rows.documents.values():
        if stored.kind != "waybill":
            continue
        for line in stored.document.lines:
            where = (stored.id, line["line"])
            engaged = aside.get(where, ZERO) + gone.get(where, ZERO) + passed.get(where, ZERO)
            for key in _draws(rows, stored.document, line):
                used[key] += engaged
                # A firm that sends goods to itself: what was confirmed looks like what came back.
                if stored.document.header["sender_id"] == stored.document.header["receiver_id"]:
                    to_itself.add(key)
    for key, allowance in rows.allowances.items():
        if not allowance.returns and key not in to_itself:
            assert allowance.used == used.get(key, ZERO), (
                f"{key}: {allowance.used} used, {used.get(key, ZERO)} drawn by waybills"
            )


def _draws(rows: Tables, document: Document, line: Any) -> list[tuple[str, int, str]]:
    keys: list[tuple[str, int, str]] = []
    licence, number = line.get("licence"), line.get("licence_line")
    application = rows.documents.get(document.header.get("application", ""))
    if application is not None and document.movement == "export":
        approved = application.document.line(line.get("application_line") or line["line"])
        if approved is not None:
            keys.append((application.id, approved["line"], "export"))
            licence = licence or approved.get("licence")
            number = number or approved.get("licence_line")
    if licence:
        keys.append((licence, number or 1, "licence"))
    return keys


def _every_lot_descends_from_an_authorised_birth(rows: Tables) -> None:
    parents: defaultdict[str, set[str]] = defaultdict(set)
    for edge in rows.edges:
        parents[edge.child].add(edge.parent)
    alive: defaultdict[str, Decimal] = defaultdict(Decimal)
    for posting in rows.postings:
        if posting.from_holder == WORLD and posting.from_status in SOURCES:
            alive[posting.lot_id] += posting.quantity
        if posting.to_holder == WORLD and posting.to_status in SOURCES:
            alive[posting.lot_id] -= posting.quantity
    expected_kind = {
        Birth.ENTRY: "entry_declaration",
        Birth.PRODUCTION: "production_report",
        Birth.OPENING: "opening_balance",
        Birth.CORRECTION: "correction",
    }
    for lot in rows.lots.values():
        document = rows.documents[lot.document_id]
        assert document.kind == expected_kind[Birth(lot.birth)], (lot, document.kind)
        line = document.document.line(lot.line)
        assert line is not None, lot
        assert line["quantity"] == lot.entered, lot
        assert document.state in {"released", "posted", "annulled"}, f"{lot.lot_id} was born by a {document.state}"
        assert (document.state == "annulled") == (alive[lot.lot_id] == 0), f"{lot.lot_id}: {alive[lot.lot_id]} alive"
        if lot.birth in {Birth.OPENING, Birth.CORRECTION}:
            assert _approved_by_another(rows, document), f"{lot.lot_id} was born by one person"
        seen, front = set(), {lot.lot_id}
        while front:
            lot_id = front.pop()
            assert lot_id in rows.lots, lot_id
            if lot_id in seen:
                continue
            seen.add(lot_id)
            if rows.lots[lot_id].birth == Birth.PRODUCTION:
                assert parents[lot_id], f"{lot_id} was made of nothing"
                front |= parents[lot_id]
            assert lot_id == lot.lot_id or lot_id not in parents or lot.lot_id not in parents[lot_id], "a circle"


def _approved_by_another(rows: Tables, document: StoredDocument) -> bool:
    filed = {event.user for event in rows.events if event.document_id == document.id and event.transition == "file"}
    approved = {
        event.user for event in rows.events if event.document_id == document.id and event.transition == "approve"
    }
    return bool(approved) and not approved & filed


def _shares_sum_to_one(rows: Tables) -> None:
    sums: defaultdict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for edge in rows.edges:
        assert edge.quantity > 0, edge
        assert edge.unit == rows.lots[edge.parent].unit, edge
        sums[edge.child, edge.component] += Fraction(edge.share_numerator, edge.share_denominator)
    for where, total in sums.items():
        assert total == 1, f"{where}: shares sum to {total}"
    # What went into a report's products is what its postings consumed, lot by lot.
    consumed: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for posting in rows.postings:
        if posting.to_status == "consumption" and not posting.reverses:
            consumed[posting.document_id, posting.lot_id] += posting.quantity
    taken: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for edge in rows.edges:
        taken[edge.document_id, edge.child, edge.parent] += edge.quantity
    for (document_id, _, parent), quantity in taken.items():
        assert quantity == consumed[document_id, parent], (document_id, parent, quantity)


def _reversals_name_what_they_take_back(rows: Tables) -> None:
    by_key = {posting.key: posting for posting in rows.postings}
    assert len(by_key) == len(rows.postings), "two postings of one name"
    undone = Counter(posting.reverses for posting in rows.postings if posting.reverses)
    for posting in rows.postings:
        if posting.reverses:
            first = by_key[posting.reverses]
            assert undone[posting.reverses] == 1, f"{posting.reverses} was taken back twice"
            assert (
                posting.lot_id,
                posting.quantity,
                posting.from_holder,
                posting.from_status,
                posting.to_holder,
                posting.to_status,
            ) == (
                first.lot_id,
                first.quantity,
                first.to_holder,
                first.to_status,
                first.from_holder,
                first.from_status,
            ), (posting, first)
    for stored in rows.documents.values():
        if stored.state == "annulled" and stored.kind != "exit_notice":
            left = [
                posting.key
                for posting in rows.postings
                if posting.document_id == stored.id and not posting.reverses and not undone[posting.key]
            ]
            assert not left, f"{stored.id} is annulled, but {left} stand"


def _every_command_stands_once(rows: Tables) -> None:
    names = Counter(event.event_id for event in rows.events)
    assert all(count == 1 for count in names.values()), [name for name, count in names.items() if count > 1]
    commands = {event.event_id for event in rows.events if event.content_sha256}
    assert commands == set(rows.keys), commands ^ set(rows.keys)
    for event in rows.events:
        if event.content_sha256:
            assert rows.keys[event.event_id] == (event.content_sha256, event.document_id), event
    states: dict[str, str] = {}
    for event in rows.events:
        assert states.get(event.document_id, "") == event.from_state, f"{event} follows {states.get(event.document_id)}"
        states[event.document_id] = event.to_state
    assert states == {stored.id: stored.state for stored in rows.documents.values()}


def _the_journal_tells_the_same(rows: Tables) -> None:
    parts: defaultdict[str, list[Leaf]] = defaultdict(list)
    for leaf in rows.leaves:
        parts[leaf.event_id].append(leaf)
    assert set(parts) == set(rows.keys), set(parts) ^ set(rows.keys)
    accounts: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    told: list[tuple[Any, ...]] = []
    states: dict[str, str] = {}
    born: set[str] = set()
    edges = 0
    for leaf in rows.leaves:
        assert len(leaf.entry) <= 65_535
        entry = orjson.loads(leaf.entry)
        assert entry.get("part", 0) == leaf.part
        assert entry.get("parts", 1) == len(parts[leaf.event_id]), leaf.event_id
        born |= {lot[0] for lot in entry.get("lots", ())}
        edges += len(entry.get("edges", ()))
        for document_id, before, after in entry.get("states", ()):
            assert states.get(document_id, "") == before, (leaf.event_id, document_id)
            states[document_id] = after
        for seq, lot_id, text, unit, from_holder, from_status, to_holder, to_status, line, reverses in entry.get(
            "postings", ()
        ):
            assert lot_id in born, f"{leaf.event_id} moves {lot_id} before it was born"
            told.append(
                (
                    leaf.event_id,
                    seq,
                    lot_id,
                    Decimal(text),
                    unit,
                    from_holder,
                    from_status,
                    to_holder,
                    to_status,
                    line,
                    reverses,
                )
            )
            accounts[lot_id, from_holder, from_status] -= Decimal(text)
            accounts[lot_id, to_holder, to_status] += Decimal(text)
            assert from_holder == WORLD or accounts[lot_id, from_holder, from_status] >= 0, leaf.event_id
    kept = [
        (
            posting.event_id,
            posting.seq,
            posting.lot_id,
            posting.quantity,
            posting.unit,
            posting.from_holder,
            posting.from_status,
            posting.to_holder,
            posting.to_status,
            posting.line,
            posting.reverses,
        )
        for posting in rows.postings
    ]
    assert sorted(told) == sorted(kept), "the journal's postings are not the books'"
    assert born == set(rows.lots)
    assert edges == len(rows.edges)
    assert states == {stored.id: stored.state for stored in rows.documents.values()}
    for (lot_id, holder), amounts in rows.balances.items():
        for status, amount in zip(STATUSES, amounts, strict=True):
            assert accounts[lot_id, holder, status] == amount, (lot_id, holder, status)


# -- reading -------------------------------------------------------------------------------------


def _memory(store: MemoryStore) -> Tables:
    state = store.state
    return Tables(
        keys=dict(state.keys),
        documents=dict(state.documents),
        superseded=tuple(sorted((old.id, old.document.version, old.state, old.body) for old in state.superseded)),
        events=tuple(state.events),
        decisions=tuple(
            sorted(
                (row.document_id, row.version, row.event_id, row.decision.channel.value, row.decision.author)
                for row in state.decisions
            )
        ),
        lots=dict(state.lots),
        edges=tuple(sorted(state.edges, key=_edge_key)),
        postings=tuple(state.postings),
        balances={key: amounts for key, amounts in state.balances.items() if any(amounts)},
        received={key: state.received.get(key) for key, amounts in state.balances.items() if any(amounts)},
        reservations=dict(state.reservations),
        allowances=dict(state.allowances),
        leaves=tuple(state.leaves),
        outbox=tuple((row.event_id, row.topic, row.document_id, row.payload) for row in state.outbox),
        memories={key: orjson.loads(body) for key, body in state.memories.items()},
    )


def _edge_key(edge: Edge) -> tuple[str, str, int]:
    return (edge.child, edge.parent, edge.component)


def _postgres() -> Tables:
    # Django is configured by whoever made the store; imported earlier, these modules would ask for it.
    from keruen.store.rows import DOCUMENT_READ, EDGE, EVENT, LOT, POSTING, raw_connection, stored_document

    run = raw_connection().execute
    documents = [stored_document(KZ, row) for row in run(f"SELECT {', '.join(DOCUMENT_READ)} FROM keruen_document")]
    replaced = run("SELECT document_id, array_agg(filed_by_user) FROM keruen_document_version GROUP BY document_id")
    earlier = {row[0]: frozenset(row[1]) for row in replaced}
    for stored in documents:
        stored.earlier_filers = earlier.get(stored.id, frozenset())
    columns = "lot_id, holder, free, reserved, in_transit, held, seized, received_at"
    stood = run(f"SELECT {columns} FROM keruen_balance").fetchall()
    balances = {(row[0], row[1]): tuple(row[2:7]) for row in stood}
    edges = [
        Edge._make((*row[:5], int(row[5]), int(row[6]), *row[7:]))
        for row in run(f"SELECT {', '.join(EDGE)} FROM keruen_lot_edge")
    ]
    leaves = run("SELECT event_id, part, recorded_at, entry FROM keruen_log_entry ORDER BY log_index").fetchall()
    leaves += run("SELECT event_id, part, recorded_at, entry FROM keruen_leaf ORDER BY id").fetchall()
    return Tables(
        keys={
            row[0]: (bytes(row[1]), row[2])
            for row in run("SELECT key, content_sha256, document_id FROM keruen_command_key")
        },
        documents={stored.id: stored for stored in documents},
        superseded=tuple(
            sorted(
                (row[0], row[1], row[2], bytes(row[3]))
                for row in run("SELECT document_id, version, state, body FROM keruen_document_version")
            )
        ),
        events=tuple(
            Event._make((*row[:12], bytes(row[12])))
            for row in run(f"SELECT {', '.join(EVENT)} FROM keruen_event ORDER BY seq")
        ),
        decisions=tuple(sorted(run("SELECT document_id, version, event_id, channel, author FROM keruen_decision"))),
        lots={row[0]: Lot._make(row) for row in run(f"SELECT {', '.join(LOT)} FROM keruen_lot")},
        edges=tuple(sorted(edges, key=_edge_key)),
        postings=tuple(
            Posting._make(row) for row in run(f"SELECT {', '.join(POSTING)} FROM keruen_posting ORDER BY posting_id")
        ),
        balances={key: amounts for key, amounts in balances.items() if any(amounts)},
        received={(row[0], row[1]): row[7] for row in stood if any(row[2:7])},
        reservations={
            (row[0], row[1], row[2]): Reservation(*row)
            for row in run(
                "SELECT document_id, line, lot_id, holder, unit, allotted, remaining, status, recorded_at "
                "FROM keruen_reservation"
            )
        },
        allowances={
            (row[0], row[1], row[2]): Allowance(*row)
            for row in run(
                "SELECT document_id, line, purpose, commodity_code, unit, granted, used, withdrawn "
                "FROM keruen_allowance"
            )
        },
        leaves=tuple(Leaf(row[0], row[1], row[2], bytes(row[3])) for row in leaves),
        outbox=tuple(
            (row[0], row[1], row[2], bytes(row[3]))
            for row in run("SELECT event_id, topic, document_id, payload FROM keruen_outbox ORDER BY id")
        ),
        memories=dict(run("SELECT key, body FROM keruen_memory")),
    )


def same_tables(one: Any, other: Any) -> None:
    """Assert that two stores hold the same rows, to the byte of every journal entry."""
    a, b = tables_of(one), tables_of(other)
    assert a.keys == b.keys
    assert {key: _document_row(row) for key, row in a.documents.items()} == {
        key: _document_row(row) for key, row in b.documents.items()
    }
    for name in (
        "superseded",
        "memories",
        "events",
        "decisions",
        "lots",
        "edges",
        "postings",
        "balances",
        "received",
        "reservations",
        "allowances",
        "leaves",
        "outbox",
    ):
        mine, theirs = getattr(a, name), getattr(b, name)
        if mine != theirs and name in {"reservations", "allowances"}:
            assert {key: row.row() for key, row in mine.items()} == {key: row.row() for key, row in theirs.items()}
        else:
            assert mine == theirs, name


def _document_row(stored: StoredDocument) -> tuple[Any, ...]:
    return tuple(getattr(stored, name) for name in StoredDocument.__slots__)


def amounts(store: Any, holder: str, status: Status = Status.FREE) -> dict[str, Decimal]:
    """Lot to what a holder has of it in one status."""
    place = STATUSES.index(status.value)
    return {lot: row[place] for (lot, who), row in tables_of(store).balances.items() if who == holder and row[place]}


def balance_rows(store: Any) -> list[Balance]:
    """Every balance that is not nought."""
    return [Balance(*key, *row) for key, row in sorted(tables_of(store).balances.items())]
