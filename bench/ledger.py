"""The ledger in bulk, from the whole workflow down to the bare movements, beside raw COPY of the same rows.

Three things that are often called by one name. `submit()` with prepared commands, a thousand a batch:
everything but reading and parsing a file (checks, allocation, postings, journal, history, outbox, commit).
The ledger in memory: a book and the two-phase moves on it, no store at all. Movements in bulk: the same
book, its balances loaded under lock and its balances, reservations and postings written and committed, as
a loader of movements would; no documents, no journal; by one loader, and by two processes that share the lots, which
keeps two cores busy where one waits for the server by turns. The peer is COPY of as many posting-like rows into
a plain table without index.
"""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from multiprocessing.synchronize import Barrier
from pathlib import Path

from bench.floors import plain_table, posting_rows, raw_copy
from bench.ground import Ground
from bench.measure import Findings, Stopwatch, at_least, calm
from bench.papers import CODES, DAY, GATEWAY, NOON, bin_number, trade
from keruen import compose
from keruen.ledger import moves
from keruen.ledger.allocation import Share
from keruen.ledger.book import Book, Context
from keruen.model.lot import WORLD, Birth, Lot, Status, World
from keruen.model.outcome import Verdict
from keruen.settings import Clock, Settings
from keruen.store.postgres import PostgresStore, PostgresTransaction
from keruen.workflow.ports import Wanted
from keruen.workflow.submit import submit

BATCH = 1000
LINES = 10
FIRMS = 200
GOAL = 30_000
LOADER_S = 600.0
ONE = Decimal(1)


def run(ground: Ground, found: Findings) -> None:
    """Measure all three."""
    ground.empty()
    copy = _copy(ground, found)
    _workflow(ground, found, copy)
    _in_memory(ground, found, copy)
    ground.empty()
    _movements(ground, found, copy)
    ground.empty()


def _copy(ground: Ground, found: Findings) -> float:
    ground.show("ledger: raw COPY beside it")
    rows = posting_rows(ground.size(50_000, 300_000))
    with ground.connect() as raw:
        plain_table(raw)
        rate = raw_copy(raw, rows)
        raw.execute("DROP TABLE bench_posting")
        raw.execute("SELECT keruen_ensure_month(%s)", (DAY,))
        real = raw_copy(raw, rows, "keruen_posting")
    ground.empty()
    found.add(
        "rows by COPY into the real posting table, indexed and parted",
        real,
        "/s",
        peer=rate,
        peer_name="rows by raw COPY",
        note="what the ledger in PostgreSQL cannot pass, however it is written",
    )
    return rate


def _workflow(ground: Ground, found: Findings, copy: float) -> None:
    count = ground.size(1500, 12_000)
    commands = iter(list(trade(count, LINES, FIRMS)))
    postings = 0
    took = 0.0
    with calm():
        while batch := list(islice(commands, BATCH)):
            watch = Stopwatch()
            outcomes = submit(ground.office, batch)
            took += watch.seconds
            postings += LINES * sum(each.verdict == Verdict.ACCEPTED for each in outcomes)
            ground.show("ledger: submit() of prepared commands", postings, count * 3 * LINES)
    assert postings == count * 3 * LINES, f"{count * 3 * LINES - postings} postings were refused"
    found.add(
        "postings by submit() of prepared commands, 1,000 a batch",
        postings / took,
        "/s",
        peer=copy,
        peer_name="rows by raw COPY",
        note=f"{postings / took / LINES:,.0f} documents and actions of ten lines /s",
    )
    found.facts["submit_postings_per_s"] = postings / took


def _in_memory(ground: Ground, found: Findings, copy: float) -> None:
    ground.show("ledger: in memory")
    count = ground.size(30_000, 200_000)
    postings = 0
    with calm():
        watch = Stopwatch()
        for start in range(0, count, BATCH):
            book = Book()
            _enter(book, start, min(BATCH, count - start))
            _move(book, start, min(BATCH, count - start))
            postings += len(book.changes.postings)
        took = watch.seconds
    found.add(
        "postings in memory: book and two-phase moves, no store",
        postings / took,
        "/s",
        peer=copy,
        peer_name="rows by raw COPY",
        target=at_least(GOAL),
    )
    found.facts["memory_postings_per_s"] = postings / took


def _movements(ground: Ground, found: Findings, copy: float) -> None:
    """Enter lots, then move a unit of each, batch by batch, one commit each; by one loader, then by two at once."""
    lots = ground.size(10_000, 50_000)
    for loaders, batch in ((1, BATCH), (1, 10 * BATCH), (2, BATCH)):
        ground.empty()
        ground.show(f"ledger: movements, {loaders} loaders, {batch} a commit")
        with ground.store.transaction() as transaction:
            transaction.raw.execute("SELECT keruen_ensure_month(%s)", (DAY,))
        enter_s, move_s = _loaded(ground.home, loaders, lots, batch)
        both = 4 * lots / (enter_s + move_s)
        found.add(
            f"postings of movements in bulk, {loaders} {'loader' if loaders == 1 else 'loaders at once'}, "
            f"{batch:,} lots a commit",
            both,
            "/s",
            peer=copy,
            peer_name="rows by raw COPY, one connection",
            target=at_least(GOAL),
            note=f"births {lots / enter_s:,.0f}/s, reserve and confirm {3 * lots / move_s:,.0f}/s",
        )
        found.facts[f"movements_{loaders}_{batch}_per_s"] = both


def _loaded(home: Path, loaders: int, lots: int, batch: int) -> tuple[float, float]:
    """Seconds of entering lots and of moving them, by loaders in processes of their own, each with its share of lots."""
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(loaders + 1)
    share = lots // loaders // batch * batch
    workers = [
        context.Process(target=_loader, args=(home, gate, number * share, share, batch)) for number in range(loaders)
    ]
    for worker in workers:
        worker.start()
    times = []
    for _ in range(2):
        gate.wait(LOADER_S)
        watch = Stopwatch()
        gate.wait(LOADER_S)
        times.append(watch.seconds * lots / (share * loaders))
    for worker in workers:
        worker.join(LOADER_S)
        assert worker.exitcode == 0, "a loader failed"
    return times[0], times[1]


def _loader(home: Path, gate: Barrier, first: int, count: int, batch: int) -> None:
    """Enter and move a share of the lots, waiting for the others before each."""
    found = Settings(home=home, clock=Clock.REPLAY)
    compose.connect(found)
    store = compose.office(found).store
    assert isinstance(store, PostgresStore)
    for load, work in ((None, _enter), (_load, _move)):
        gate.wait(LOADER_S)
        with calm():
            for start in range(first, first + count, batch):
                book = Book()
                with store.transaction() as transaction:
                    if load is not None:
                        load(transaction, book, start, batch)
                    work(book, start, batch)
                    transaction.save(book, (), ())
        gate.wait(LOADER_S)


def _context(number: int, kind: str) -> Context:
    at = NOON + timedelta(seconds=number)
    return Context(f"{kind}-{number:08d}@1", f"{kind}-{number:08d}", GATEWAY, at, at)


_NAMES = [bin_number(index) for index in range(FIRMS)]


def _enter(book: Book, start: int, count: int) -> None:
    for number in range(start, start + count):
        book.begin_event()
        context = _context(number, "DT")
        lot = Lot(
            f"{context.document_id}/1",
            CODES[number % 3],
            "H87",
            "CN",
            "CN",
            "",
            "Electronic circuits",
            Birth.ENTRY,
            context.document_id,
            1,
            _NAMES[number % FIRMS],
            DAY,
            context.recorded_at,
            "KZ",
            Decimal(100),
        )
        moves.enter(book, context, lot, world=World.ENTRY)


def _load(transaction: PostgresTransaction, book: Book, start: int, count: int) -> None:
    wanted = Wanted()
    wanted.balances.update((f"DT-{number:08d}/1", _NAMES[number % FIRMS]) for number in range(start, start + count))
    transaction.load_goods(book, wanted)


def _move(book: Book, start: int, count: int) -> None:
    """Reserve a unit of each lot, pass it on to another firm, and let a second one leave the country."""
    for number in range(start, start + count):
        book.begin_event()
        context, holder = _context(number, "SNT"), _NAMES[number % FIRMS]
        share = Share(f"DT-{number:08d}/1", ONE)
        moves.set_aside(book, context, holder, 1, [share], status=Status.RESERVED)
        moves.pass_on(book, context, context.document_id, target=(_NAMES[(number + 1) % FIRMS], Status.FREE))
        book.post(context, share.lot_id, ONE, 1, source=(holder, Status.FREE), target=(WORLD, World.EXIT))
