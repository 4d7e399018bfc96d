"""Submit a batch of commands: file documents, take them through transitions. One path for all.

A batch is one transaction. What it needs is loaded in three set-based rounds; each command is
then decided in order with pure functions on the working set, later ones seeing what earlier
ones did; everything that changed, with the journal entries and outbox rows, is written once.
A command that fails leaves no trace; a linked group stands or falls together. A single filing
over the API is a batch of one, a file of a million rows is a thousand batches of a thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import orjson

from keruen.documents.states import check_actor, check_correction, check_filer, find_transition, unknown_document
from keruen.errors import Conflict, Forbidden, IntegrityFailure, InvalidInput, KeruenError, NotFound, Unavailable
from keruen.ledger.allocation import Shortage
from keruen.ledger.book import Book, Context, DecisionRow
from keruen.model.actor import Actor
from keruen.model.document import Action, Command, Event, Filing, StoredDocument
from keruen.model.finding import Channel, Decision, Finding, Severity, channel_of
from keruen.model.lot import Reservation
from keruen.model.outcome import Outcome, Problem, Verdict
from keruen.model.profile import RESCREEN, Kind, Profile, Transition
from keruen.screening.screener import Screener
from keruen.workflow import effects, judge, needs
from keruen.workflow.checks import RULES_VERSION, check, editions
from keruen.workflow.effects import Run
from keruen.workflow.judge import Judgement
from keruen.workflow.leaves import entries
from keruen.workflow.ports import (
    Books,
    Clock,
    Compares,
    Describes,
    Leaf,
    OutboxRow,
    Ranks,
    Rules,
    Salts,
    Screens,
    Transaction,
)
from keruen.workflow.screen import newly_found, screened, stops

KIND_OF_ERROR = {InvalidInput: "invalid_input", Conflict: "conflict", NotFound: "not_found", Forbidden: "forbidden"}
DECIDED = frozenset({"waybill", "export_application", "write_off", "opening_balance", "correction", "return", "recipe"})
"""Kinds a channel is decided for."""
NOTHING = Judgement((), {}, ())
REFUSED_STATES = ("refused", "declined_by_authority")
CHANNELS = tuple(Channel)
"""From the lightest on."""
TRIES = 4
"""How often a batch is run again when another got in between."""
FUTURE = timedelta(days=1)
"""How far ahead of our clock a document may be dated: time zones differ by less than a day."""


@dataclass(frozen=True, slots=True)
class Office:
    """What every use case works with: the books, the profile, and the world's clock and salts."""

    store: Books
    profile: Profile
    clock: Clock
    salts: Salts
    screens: Screens | None = None
    """Gives the screener in force; None where nobody is to be screened."""
    rules: Rules | None = None
    """Gives the rules in force; None where only the law's checks decide."""
    describes: Describes | None = None
    """Says how descriptions fit their codes; None where nobody is asked."""
    ranks: Ranks | None = None
    """Gives the models that rank; None where nothing is ranked."""
    compares: Compares | None = None
    """Holds lines against the trade statistics; None where nobody is asked."""


class _Rollback(Exception):
    def __init__(self, outcomes: list[Outcome]) -> None:
        self.outcomes = outcomes


def submit(
    office: Office, commands: Sequence[Command], *, all_or_nothing: bool = False, dry_run: bool = False
) -> list[Outcome]:
    """Submit a batch in a transaction of its own.

    Args:
        office: The books and their profile.
        commands: In the order they are to be decided.
        all_or_nothing: One rejected command takes back the whole batch.
        dry_run: Decide everything, write nothing.

    Returns:
        One outcome each, in order. With `all_or_nothing` and a rejection nothing was written,
        whatever the other outcomes say they would have been.

    Raises:
        Unavailable: Other batches kept getting in between, or the store cannot be reached.
        IntegrityFailure: The books contradict themselves; nothing was written.
    """
    for attempt in range(TRIES):
        try:
            with office.store.transaction() as transaction:
                outcomes = submit_in(office, transaction, commands)
                if dry_run or (all_or_nothing and any(each.verdict == Verdict.REJECTED for each in outcomes)):
                    # The way out of a transaction that is not to be kept.
                    raise _Rollback(outcomes)  # noqa: TRY301
                return outcomes
        except _Rollback as rolled_back:
            return rolled_back.outcomes
        except Unavailable as error:
            # A connection lost on the way is opened anew once; if the batch was written after all, its keys say so.
            again = error.code == "retry" or (error.code == "database" and attempt == 0)
            if not again or attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def submit_in(office: Office, transaction: Transaction, commands: Sequence[Command]) -> list[Outcome]:
    """Submit a batch inside a transaction that the caller commits or rolls back."""
    profile, book = office.profile, Book()
    transaction.load_documents(book, needs.first_round(profile, commands))
    transaction.load_documents(book, needs.second_round(profile, commands, book))
    transaction.load_goods(book, needs.goods_round(profile, commands, book))
    transaction.load_memories(book, *judge.memory_keys(commands, book))
    batch = _Batch(office, transaction, book)
    outcomes = batch.decide_all(commands)
    transaction.save(book, batch.leaves, batch.outbox)
    return outcomes


class _Batch:
    """One batch being decided."""

    def __init__(self, office: Office, transaction: Transaction, book: Book) -> None:
        self.office = office
        self.profile = office.profile
        self.transaction = transaction
        self.book = book
        self.leaves: list[Leaf] = []
        self.outbox: list[OutboxRow] = []
        self.editions = editions(office.profile)
        self.screener: Screener | None = None
        self.rulings = office.rules() if office.rules is not None else None
        self.not_before: datetime | None = None
        """When the goods of the command under way were learnt of, where that is later than now."""
        self.rules_version = RULES_VERSION
        if self.rulings is not None:
            self.rules_version = f"{RULES_VERSION}; {self.rulings.live.version}"
            if self.rulings.shadow is not None:
                self.editions = {**self.editions, "shadow rules": self.rulings.shadow.version}
        self.ranking = office.ranks() if office.ranks is not None else None
        if self.ranking is not None:
            self.editions = {**self.editions, **self.ranking.editions}

    def decide_all(self, commands: Sequence[Command]) -> list[Outcome]:
        """Decide commands in order, linked ones as one."""
        outcomes: list[Outcome] = []
        split = _split_groups(commands)
        start = 0
        while start < len(commands):
            end = start + 1
            while commands[start].group and end < len(commands) and commands[end].group == commands[start].group:
                end += 1
            if commands[start].group in split:
                outcomes += map(_of_split_group, commands[start:end])
            else:
                outcomes += self._decide_group(commands[start:end])
            start = end
        return outcomes

    def _decide_group(self, commands: Sequence[Command]) -> list[Outcome]:
        mark, leaf_mark, outbox_mark = self.book.mark(), len(self.leaves), len(self.outbox)
        outcomes = [self._decide(command) for command in commands]
        failed = next((each for each in outcomes if each.verdict == Verdict.REJECTED), None)
        if failed is None or len(commands) == 1:
            return outcomes
        self.book.undo(mark)
        del self.leaves[leaf_mark:]
        del self.outbox[outbox_mark:]
        # What was accepted before stays accepted: a repeat takes nothing back.
        return [
            each
            if each.verdict != Verdict.ACCEPTED
            else Outcome(
                each.key,
                each.document_id,
                Verdict.REJECTED,
                problem=Problem(
                    "conflict",
                    "linked_failed",
                    f"taken back because {failed.key} of the same group was rejected",
                    "",
                    {"document": failed.key},
                ),
            )
            for each in outcomes
        ]

    def _decide(self, command: Command) -> Outcome:
        document_id = _document_of(command)
        seen = self.book.seen_keys.get(command.key)
        mark = self.book.mark()
        try:
            if seen is not None:
                return self._repeated(command, document_id, seen)
            return self._carry_out(command)
        except IntegrityFailure:
            raise
        except KeruenError as error:
            self.book.undo(mark)
            if isinstance(error, Shortage):
                error.explain(self._reservations(error))
            kind = next(name for type_, name in KIND_OF_ERROR.items() if isinstance(error, type_))
            return Outcome(
                command.key,
                document_id,
                Verdict.REJECTED,
                problem=Problem(
                    kind,
                    error.code,
                    error.text,
                    _path_of(error),
                    {name: str(value) for name, value in error.params.items()},
                ),
            )

    def _carry_out(self, command: Command) -> Outcome:
        """File or act. What it does to goods is learnt of no earlier than the goods themselves.

        Where it moved a lot that was learnt of later than now, because another machine's clock is ahead of ours or a
        history is not in order, it is done anew as of then.
        """
        mark, since, told = self.book.mark(), self._lengths()[2], (len(self.leaves), len(self.outbox))
        try:
            while True:
                outcome = self._file(command) if isinstance(command, Filing) else self._act(command)
                changes = self.book.changes
                moved = {posting.lot_id for posting in changes.postings[since:]}
                latest = max((self.book.lots[lot_id].recorded_at for lot_id in moved), default=None)
                if latest is None or latest <= changes.events[-1].recorded_at:
                    return outcome
                self.book.undo(mark)
                del self.leaves[told[0] :]
                del self.outbox[told[1] :]
                self.not_before = latest
        finally:
            self.not_before = None

    def _reservations(self, shortage: Shortage) -> list[Reservation]:
        lots, code = shortage.lots, shortage.commodity_code
        rows = (
            self.transaction.reservations_on(lots, shortage.holder)
            if lots
            else self.transaction.reservations_of(shortage.holder, code)
        )
        known = {row.key: row for row in rows}
        known.update(
            {
                row.key: row
                for row in self.book.reservations.values()
                if row.holder == shortage.holder
                and (row.lot_id in lots if lots else self.book.lots[row.lot_id].commodity_code == code)
            }
        )
        return list(known.values())

    def _repeated(self, command: Command, document_id: str, seen: tuple[bytes, str]) -> Outcome:
        """Answer a command given before: its state is told to those who might have given it.

        Raises:
            Forbidden: A stranger sends another's key and content, to learn how his document stands.
        """
        content, seen_document = seen
        if content != command.content_sha256 or seen_document != document_id:
            return Outcome(
                command.key,
                document_id,
                Verdict.REJECTED,
                problem=Problem(
                    "conflict",
                    "key_conflict",
                    f"{command.key} was filed before with other content; a correction takes the next version, "
                    f"another action another id",
                    "",
                    {"key": command.key},
                ),
            )
        stored = self.book.documents.get(document_id)
        if isinstance(command, Filing):
            check_filer(self.profile.kind(command.document.kind), command.document, command.actor)
        elif stored is not None:
            check_actor(self.profile.kind(stored.kind), stored, command.transition, command.actor)
        return Outcome(
            command.key,
            document_id,
            Verdict.REPEATED,
            state=stored.state if stored else "",
            channel=stored.channel if stored else "",
            findings=stored.decision.findings if stored and stored.decision else (),
        )

    # -- filing ------------------------------------------------------------------------------

    def _file(self, filing: Filing) -> Outcome:
        document, actor, book = filing.document, filing.actor, self.book
        kind = self.profile.kind(document.kind)
        check_filer(kind, document, actor)
        stored = book.documents.get(document.id)
        now = self._recorded_at(filing.filed_at, stored)
        effective = document.header.get("occurred_at") or datetime.combine(document.issued_on, time(), UTC)
        if effective > now + FUTURE:
            raise InvalidInput(
                f"{document.id} is dated {document.issued_on}, after today",
                code="future_date",
                document=document.id,
                found=str(document.issued_on),
            )
        run = self._run(filing.key, document.id, actor, effective, now)
        run.judging = not filing.draft
        run.prior = stored.document if stored is not None else None
        since = self._lengths()
        if stored is None:
            if document.version != 1:
                raise Conflict(
                    f"{document.id} is not in the books; its first version is 1, got {document.version}",
                    code="version_order",
                    document=document.id,
                    found=str(document.version),
                    expected="1",
                )
            relates_to = str(document.header.get(kind.relates_to, "")) if kind.relates_to else ""
            stored = StoredDocument(
                document,
                "",
                actor.organisation,
                actor.user,
                now,
                now,
                self.office.salts(),
                relates_to=relates_to,
                body=filing.body,
            )
            book.put(book.documents, document.id, stored)
            book.put(book.new_documents, document.id, None)
            if relates_to:
                self._relate(relates_to, document.id)
        else:
            self._supersede(run, kind, stored, filing)
        arrow = self._filing_arrow(kind, stored, draft=filing.draft)
        before = stored.state
        if not filing.draft:
            self._screen(run, stored)
        decision = self._take(run, kind, stored, arrow) if arrow is not None else None
        if arrow is None:
            run.enter_state(stored, stored.state or kind.initial, "file")
            decision = self._decided(run, stored) if stops(run.findings) else None
        return self._close(run, filing, stored, "file", before, "", since, decision)

    def _screen(self, run: Run, stored: StoredDocument) -> None:
        """Ask the lists in force about every party of a document that takes effect now."""
        screener = self.office.screens() if self.office.screens is not None else None
        if screener is None:
            return
        run.findings += screened(screener, stored.document, run.context.recorded_at.date())
        run.screened = bool(screener.editions)
        if screener is not self.screener:
            self.screener = screener
            self.editions = {**self.editions, **screener.editions}

    def _supersede(self, run: Run, kind: Kind, stored: StoredDocument, filing: Filing) -> None:
        check_correction(kind, stored, filing.document)
        if filing.draft and kind.then and stored.state != kind.initial:
            # Its goods would be let go while its state still says that they are on the way.
            raise InvalidInput(
                f"{stored.id} is {stored.state}: a new version takes effect at once and cannot be filed as a draft",
                code="draft_of_sent",
                document=stored.id,
                state=stored.state,
            )
        book = self.book
        if any(each.document_id == stored.id and each.returns for each in book.allowances.values()):
            # What left rests on the version it left by: its application and licence cannot be changed under it.
            raise Conflict(
                f"goods have left by {stored.id}: it is corrected no more; settle what is held and file another",
                code="correction_after_exit",
                document=stored.id,
                state=stored.state,
            )
        old = StoredDocument(
            stored.document,
            stored.state,
            stored.filer,
            stored.filed_by_user,
            stored.recorded_at,
            stored.updated_at,
            stored.salt,
            relates_to=stored.relates_to,
            body=stored.body,
            channel=stored.channel,
            decision=stored.decision,
        )
        book.changes.superseded.append(old)
        if book.reserved_by.get(stored.id):
            effects.apply(run, "unreserve", stored)
        book.set(stored, "document", filing.document)
        book.set(stored, "body", filing.body)
        book.set(stored, "salt", self.office.salts())
        book.set(stored, "earlier_filers", stored.earlier_filers | {stored.filed_by_user})
        book.set(stored, "filed_by_user", filing.actor.user)
        book.set(stored, "released_by", "")
        relates_to = str(filing.document.header.get(kind.relates_to, "")) if kind.relates_to else ""
        if relates_to != stored.relates_to:
            others = book.related.get(stored.relates_to)
            if others is not None:
                book.put(book.related, stored.relates_to, [each for each in others if each != stored.id])
            if relates_to:
                self._relate(relates_to, stored.id)
            book.set(stored, "relates_to", relates_to)

    def _relate(self, parent: str, document_id: str) -> None:
        """Note a dependant, in the order a store gives them: by id."""
        related = self.book.related
        self.book.put(related, parent, sorted([*related.get(parent, ()), document_id]))

    @staticmethod
    def _filing_arrow(kind: Kind, stored: StoredDocument, *, draft: bool) -> Transition | None:
        """What filing sets going: the kind's own effect, or its first transition, or nothing for a draft."""
        header = stored.document.header
        if not kind.then:
            return kind.on_file
        if draft or (stored.state == kind.initial and stored.document.version > 1):
            return None
        arrow = kind.transition(kind.then, kind.initial, header)
        if arrow is None:
            raise InvalidInput(f"a {kind.name} like {stored.id} cannot be sent", code="cannot_send", document=stored.id)
        return arrow

    # -- acting ------------------------------------------------------------------------------

    def _act(self, action: Action) -> Outcome:
        book, actor = self.book, action.actor
        stored = book.documents.get(action.document_id)
        if stored is None:
            raise unknown_document(action.document_id)
        kind = self.profile.kind(stored.kind)
        arrow = find_transition(kind, stored, action.transition, actor, action.reason)
        again = arrow.name == RESCREEN
        if not arrow.target and not stored.attention and not again:
            raise Conflict(
                f"{stored.id} is not up for attention: there is nothing to review",
                code="nothing_to_review",
                document=stored.id,
                state=stored.state,
            )
        now = self._recorded_at(action.filed_at, stored)
        effective = action.occurred_at or now
        if effective > now + FUTURE:
            raise InvalidInput(
                f"{action.id} is said to happen at {effective:%Y-%m-%d %H:%M}, after today",
                code="future_date",
                document=stored.id,
                found=effective.isoformat(),
            )
        run = self._run(action.key, stored.id, actor, effective, now)
        run.quantities = action.quantities
        since = self._lengths()
        before = stored.state
        if again:
            found = self._screened_again(run, stored)
            return self._close(run, action, stored, arrow.name, before, action.reason, since, found)
        if kind.then and arrow.name == kind.then:
            self._screen(run, stored)
            run.judging = True
        elif (second := self._second_look(run, stored, arrow, action.reason)) is not None:
            return self._close(run, action, stored, arrow.name, before, action.reason, since, second)
        decision = self._take(run, kind, stored, arrow)
        if actor.is_authority:
            book.set(stored, "attention", False)
            if arrow.second_person or stored.state in REFUSED_STATES:
                book.set(stored, "released_by", actor.user)
                channel = Channel.REFUSE if stored.state in REFUSED_STATES else Channel.GREEN
                findings = stored.decision.findings if stored.decision else ()
                decision = Decision(channel, findings, now, actor.user, self.rules_version, self.editions)
        run.cascade(stored, arrow)
        return self._close(run, action, stored, arrow.name, before, action.reason, since, decision)

    def _screened_again(self, run: Run, stored: StoredDocument) -> Decision:
        """Bring a pending document before an officer, for a list has changed and a party of it may be listed now.

        It stays in its state and its goods where they are: a likeness of names takes nobody's goods away. What was
        found before stands, and the channel never gets lighter.

        Raises:
            Conflict: The lists say nothing of it that its decision does not say already.
        """
        screener = self.office.screens() if self.office.screens is not None else None
        now = run.context.recorded_at
        new = newly_found(screener, stored, now.date()) if screener is not None else []
        if screener is None or not new:
            raise Conflict(f"the lists in force say nothing new of {stored.id}", code="nothing_new", document=stored.id)
        run.findings += new
        before = stored.decision.findings if stored.decision else ()
        findings = tuple(sorted((*new, *before), key=lambda finding: -finding.severity))
        table = self.rulings.live.table.channel if self.rulings is not None else channel_of
        was = Channel(stored.channel) if stored.channel else Channel.GREEN
        channel = max(was, table(findings), key=CHANNELS.index)
        editions = {**self.editions, **screener.editions}
        decision = Decision(channel, findings, now, "keruen", self.rules_version, editions)
        book = self.book
        book.set(stored, "channel", channel.value)
        book.set(stored, "decision", decision)
        book.set(stored, "attention", True)
        book.set(stored, "updated_at", now)
        book.set(stored, "last_event_id", run.context.event_id)
        book.touch_document(stored.id)
        return decision

    def _second_look(self, run: Run, stored: StoredDocument, arrow: Transition, reason: str) -> Decision | None:
        """Whether rules want another officer's hand on a release; the document then stays where it is.

        Who released first is noted as such, so that only another can complete it; a new version of the document
        takes the first signature away.
        """
        actor = run.context.actor
        if self.rulings is None or not arrow.second_person or not actor.is_authority or stored.released_by:
            return None
        found = judge.release(self.rulings, run, stored, reason)
        if not any(each.severity > Severity.NOTICE for each in found.findings):
            return None
        book = self.book
        book.set(stored, "released_by", actor.user)
        book.set(stored, "attention", True)
        book.set(stored, "updated_at", run.context.recorded_at)
        book.set(stored, "last_event_id", run.context.event_id)
        book.touch_document(stored.id)
        run.findings += [*found.findings, Finding("countersign_needed", Severity.WARNING, "", {"user": actor.user})]
        before = stored.decision.findings if stored.decision else ()
        kept = [
            each for each in before if each.params.get("rule") not in {one.params.get("rule") for one in run.findings}
        ]
        decision = Decision(
            Channel(stored.channel) if stored.channel else Channel.YELLOW,
            (*run.findings, *kept),
            run.context.recorded_at,
            "keruen",
            self.rules_version,
            self.editions,
            found.facts,
            found.shadow,
        )
        book.set(stored, "decision", decision)
        return decision

    # -- what both do ------------------------------------------------------------------------

    def _recorded_at(self, filed_at: datetime | None, stored: StoredDocument | None) -> datetime:
        """Now, but never before what we already knew of the document and its goods: a clock may run backwards."""
        now = self.office.clock.recorded_at(filed_at)
        known = stored.updated_at if stored is not None else now
        return max(now, known, self.not_before or now)

    def _run(self, key: str, document_id: str, actor: Actor, effective: datetime, now: datetime) -> Run:
        self.book.begin_event()
        past = self.office.store.postings_of_lots
        context = Context(key, document_id, actor, effective, now)
        return Run(self.book, self.profile, context, past=lambda lot_id: past([lot_id]))

    def _lengths(self) -> tuple[int, ...]:
        changes = self.book.changes
        return (len(changes.lots), len(changes.edges), len(changes.postings))

    def _take(self, run: Run, kind: Kind, stored: StoredDocument, arrow: Transition) -> Decision | None:
        """Take a document along an arrow, deciding on the way where the profile says so."""
        applies = all(stored.document.header.get(name) in values for name, values in arrow.when.items())
        if not arrow.target:
            # It stays where it is, and something was learnt of it.
            self.book.set(stored, "updated_at", run.context.recorded_at)
            self.book.touch_document(stored.id)
            return None
        if not arrow.decide:
            if applies:
                effects.apply(run, arrow.effect, stored)
            run.enter_state(stored, arrow.target, arrow.name)
            run.findings += check(run, kind, stored, "")
            self._judge(run, stored)
            if not run.findings:
                return None
            decision = self._decided(run, stored)
            # What is only worth knowing stands with the document; it is no decision to put on record.
            return decision if decision.channel != Channel.GREEN else None
        return self._decide_on(run, kind, stored, arrow, applies=applies)

    def _decide_on(self, run: Run, kind: Kind, stored: StoredDocument, arrow: Transition, *, applies: bool) -> Decision:
        """Check a document and send it where its gravest finding says: on, to an officer, or back."""
        mark = self.book.mark()
        run.tolerate_shortage = arrow.decide != "second_person"
        if arrow.decide == "export_application":
            effects.apply(run, "set_aside", stored)
        elif applies:
            effects.apply(run, arrow.effect, stored)
        for shortage in run.shortages.values():
            shortage.explain(self._reservations(shortage))
        run.findings += check(run, kind, stored, arrow.decide)
        self._judge(run, stored)
        channel = channel_of(tuple(run.findings))
        if self.rulings is not None and run.judging and channel != Channel.REFUSE:
            channel = judge.channel_for(self.rulings, run, stored, run.findings, self.transaction)
        run.channel = channel
        if channel == Channel.REFUSE or arrow.decide == "export_application":
            self.book.undo(mark)
        if channel == Channel.REFUSE:
            run.enter_state(stored, next(state for state in REFUSED_STATES if state in kind.states), arrow.name)
        elif channel == Channel.GREEN:
            completing = next(
                (each for each in kind.open_transitions("held", stored.document.header) if each.target == arrow.target),
                None,
            )
            if completing is not None:
                effects.apply(run, completing.effect, stored)
            run.enter_state(stored, arrow.target, arrow.name)
        else:
            run.enter_state(stored, "held", arrow.name)
        return self._decided(run, stored)

    def _judge(self, run: Run, stored: StoredDocument) -> None:
        """Let the rules look at a document that takes effect now."""
        if self.rulings is None or not run.judging:
            return
        run.judgement = judge.judge(self.rulings, run, stored, self.office, run.prior, self.ranking)
        if run.judgement is None:
            return
        listed = bool(run.judgement.facts.get("listed"))
        decided = stored.document.kind in DECIDED or listed
        # What could not be evaluated is told where something is decided; of other papers nothing is claimed.
        run.findings += [each for each in run.judgement.findings if decided or each.code == "rule"]

    def _decided(self, run: Run, stored: StoredDocument) -> Decision:
        findings = tuple(sorted(run.findings, key=lambda finding: -finding.severity))
        channel = channel_of(findings)
        if self.rulings is not None:
            channel = run.channel or self.rulings.live.table.channel(findings)
        # What is held, is looked at; what is green without a draw is not on record, or is never looked at.
        looked = judge.CERTAIN if self.rulings is not None and channel != Channel.GREEN else ""
        selection = run.selection or looked
        told = run.judgement or NOTHING
        decision = Decision(
            channel,
            findings,
            run.context.recorded_at,
            "keruen",
            self.rules_version,
            self.editions,
            told.facts,
            told.shadow,
            told.ranking,
            selection,
        )
        book = self.book
        book.set(stored, "channel", channel.value)
        book.set(stored, "decision", decision)
        refused = channel == Channel.REFUSE and stored.state in REFUSED_STATES
        book.set(stored, "attention", channel != Channel.GREEN and not refused)
        return decision

    def _close(
        self,
        run: Run,
        command: Command,
        stored: StoredDocument,
        transition: str,
        before: str,
        reason: str,
        since: tuple[int, ...],
        decision: Decision | None,
    ) -> Outcome:
        """Write the event, the decision, the journal entry and the outbox row of one command."""
        book, context, actor = self.book, run.context, run.context.actor
        book.changes.events.append(
            Event(
                context.event_id,
                stored.id,
                stored.document.version,
                transition,
                before,
                stored.state,
                actor.user,
                actor.organisation,
                actor.role.value,
                reason,
                context.effective_at,
                context.recorded_at,
                command.content_sha256,
            )
        )
        if decision is not None:
            book.changes.decisions.append(
                DecisionRow(stored.id, stored.document.version, context.event_id, decision, context.recorded_at)
            )
        book.put(book.seen_keys, command.key, (command.content_sha256, stored.id))
        judge.take_in(run, stored, transition, before, since[2])
        self.leaves += entries(
            context,
            stored,
            transition=transition,
            reason=reason,
            changed=run.changed,
            decision=decision,
            changes=book.changes,
            since=since,
        )
        for document_id, old, new in run.changed:
            self.outbox.append(
                OutboxRow(
                    context.event_id,
                    f"document.{new}",
                    document_id,
                    context.recorded_at,
                    orjson.dumps({"document": document_id, "from": old, "to": new, "transition": transition}),
                )
            )
        return Outcome(command.key, stored.id, Verdict.ACCEPTED, stored.state, stored.channel, tuple(run.findings))


def _path_of(error: KeruenError) -> str:
    """Where in the record the problem is, as far as the failure says."""
    line = error.params.get("line")
    if not line:
        return ""
    return f"lines/{line}/quantity" if isinstance(error, Shortage) else f"lines/{line}"


def _document_of(command: Command) -> str:
    return command.document.id if isinstance(command, Filing) else command.document_id


def _split_groups(commands: Sequence[Command]) -> set[str]:
    """Groups whose members do not stand side by side: decided apart, they could not fall together."""
    closed: set[str] = set()
    split: set[str] = set()
    before = ""
    for command in commands:
        if command.group != before:
            closed.add(before)
            before = command.group
            if before in closed and before:
                split.add(before)
    return split


def _of_split_group(command: Command) -> Outcome:
    return Outcome(
        command.key,
        _document_of(command),
        Verdict.REJECTED,
        problem=Problem(
            "invalid_input",
            "group_split",
            f"the commands of group {command.group} do not stand side by side; put them next to each other to be "
            f"decided as one",
            "",
            {"group": command.group, "document": command.key},
        ),
    )
