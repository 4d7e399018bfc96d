"""Rules over the facts of a document under way: what they find, and what memories take from a command.

The set in force decides; a shadow set is evaluated beside it and recorded, without effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from keruen.facts.gather import Situation, facts_of, officer_facts
from keruen.facts.history import Happening, after, drawn_keys, keys, looks_at_stock, lot_keys, read_keys, what
from keruen.model.document import Command, Document, Filing, StoredDocument
from keruen.model.finding import Channel, Finding, Severity
from keruen.model.quantity import plain
from keruen.rules.channels import day_key, drawn
from keruen.rules.engine import evaluate, findings
from keruen.rules.ruleset import RELEASE, RuleSet

CERTAIN = "1"
"""An officer looks, whatever the lot."""

if TYPE_CHECKING:
    from keruen.ledger.book import Book
    from keruen.model.fact import Facts
    from keruen.model.profile import Profile
    from keruen.risk.live import Ranking
    from keruen.workflow.effects import Run
    from keruen.workflow.ports import Compares, Describes, Transaction


class Rulings(NamedTuple):
    """What decides just now: the set in force, one in its shadow, and the key of the draw by lot.

    Without a secret nothing is drawn.
    """

    live: RuleSet
    shadow: RuleSet | None = None
    secret: bytes | None = None
    kinds: frozenset[str] = frozenset()
    """What either set looks at."""

    @classmethod
    def of(cls, live: RuleSet, shadow: RuleSet | None = None, secret: bytes | None = None) -> Rulings:
        """With what they look at worked out."""
        return cls(live, shadow, secret, live.kinds | (shadow.kinds if shadow is not None else frozenset()))


class Judgement(NamedTuple):
    """What rules said of one document."""

    findings: tuple[Finding, ...]
    facts: Facts
    shadow: tuple[str, ...]
    """Rules of the shadow set that fired."""
    ranking: Mapping[str, Any] = {}
    """What models said, as the decision keeps it."""


def kinds_of(profile: Profile) -> tuple[str, ...]:
    """Everything a rule may look at in a profile: kinds, waybills by what they move goods for, and releases."""
    found = [name for name in profile.kinds if name not in {"waybill", "action"}]
    if "waybill" in profile.kinds:
        found += [f"waybill/{movement}" for movement in ("entry", "transfer", "export")]
    return (*sorted(found), RELEASE)


class Informed(Protocol):
    """Whoever has what rules look at beside the books."""

    @property
    def describes(self) -> Describes | None:
        """Says how a description fits its code, or None."""

    @property
    def compares(self) -> Compares | None:
        """Holds a line against the trade statistics, or None."""


def judge(
    rulings: Rulings,
    run: Run,
    stored: StoredDocument,
    informed: Informed,
    prior: Document | None,
    ranking: Ranking | None = None,
) -> Judgement | None:
    """Evaluate the rules that look at a document now; None where none does.

    Args:
        rulings: What decides.
        run: The command under way, its lots chosen and its checks made.
        stored: The document.
        informed: Describes and compares lines.
        prior: The version a correction replaces.
        ranking: The models that rank, or None: the facts they give are then unknown.
    """
    document = stored.document
    kind = what(document)
    if kind not in rulings.kinds:
        return None
    situation = Situation(
        document,
        run.profile.union,
        run.context.recorded_at,
        run.book.memories,
        run.findings,
        {number: [lot for lot, _ in shares] for number, shares in run.shares.items()},
        run.book.documents,
        prior,
        run.screened,
        informed.describes,
        informed.compares,
    )
    facts = facts_of(situation)
    if ranking is None:
        return judged(rulings, kind, facts, run)
    ranked = ranking.of(facts)
    return judged(rulings, kind, {**facts, **ranked.facts}, run)._replace(ranking=ranked.record)


def judged(rulings: Rulings, kind: str, facts: Facts, run: Run) -> Judgement:
    """Evaluate both sets on facts."""
    on = run.context.recorded_at.astimezone(UTC).date()
    evaluation = evaluate(rulings.live, kind, facts, on)
    found = findings(evaluation, facts, rulings.live.version)
    shadow: tuple[str, ...] = ()
    if rulings.shadow is not None:
        shadow = tuple(rule.code for rule in evaluate(rulings.shadow, kind, facts, on).fired)
    return Judgement(tuple(found), facts, shadow)


def release(rulings: Rulings, run: Run, stored: StoredDocument, reason: str) -> Judgement:
    """Look at an officer's release before it takes effect."""
    actor = run.context.actor
    facts = officer_facts(
        run.book.memories.get(f"officer/{actor.user}", {}),
        stored.document,
        stored.recorded_at,
        run.context.recorded_at,
        reason,
    )
    return judged(rulings, RELEASE, facts, run)


def channel_for(
    rulings: Rulings, run: Run, stored: StoredDocument, found: list[Finding], transaction: Transaction
) -> Channel:
    """The channel of findings; changes them where a day is full, and draws by lot where all is green.

    Notes with the run how probable a look by an officer was before the lot fell: one for what is held, the share drawn
    for what is green. Whatever is learnt from what officers found is weighted by it.
    """
    table = rulings.live.table
    channel = table.channel(found)
    day = run.context.recorded_at.astimezone(UTC).date()
    limit = table.capacity(channel)
    if limit is not None and table.gives_way(found) and transaction.held_on(day).get(channel.value, 0) >= limit:
        found[:] = [
            each._replace(severity=Severity.NOTICE) if each.severity > Severity.NOTICE else each for each in found
        ]
        found.append(
            Finding(
                "queue_full",
                Severity.NOTICE,
                "",
                {"channel": channel.value, "capacity": str(limit), "day": day.isoformat()},
                rulings.live.version,
            )
        )
        channel = table.channel(found)
    run.selection = CERTAIN
    if channel == Channel.GREEN:
        run.selection = plain(table.random_red + table.random_yellow if rulings.secret is not None else Decimal(0))
    if channel == Channel.GREEN and rulings.secret is not None:
        lot = drawn(day_key(rulings.secret, day), stored.id, stored.document.version, table)
        if lot != Channel.GREEN:
            share = table.random_red if lot == Channel.RED else table.random_yellow
            severity = Severity.INSPECT if lot == Channel.RED else Severity.WARNING
            found.append(
                Finding(
                    "random_selection",
                    severity,
                    "",
                    {"share": str(share), "day": day.isoformat()},
                    rulings.live.version,
                )
            )
            channel = lot
    return channel


def facts_hash(facts: Facts) -> str:
    """Hash of facts as they stand with a decision, for the journal."""
    return hashlib.sha256(facts_bytes(facts)).hexdigest()


def facts_bytes(facts: Facts) -> bytes:
    """Facts in the one form that is kept and hashed."""
    return orjson.dumps(dict(facts), option=orjson.OPT_SORT_KEYS)


# -- memories ----------------------------------------------------------------------------------


def memory_keys(commands: Sequence[Command], book: Book) -> tuple[set[str], set[str]]:
    """Memories a batch may change, and those it only reads."""
    locked: set[str] = set()
    read: set[str] = set()
    stock = False
    for command in commands:
        if isinstance(command, Filing):
            # An action on it in the same batch changes no other memories than the filing, but for its officer's.
            documents: tuple[Document, ...] = (command.document,)
        else:
            stored = book.documents.get(command.document_id)
            documents = (stored.document,) if stored is not None else ()
        if command.actor.is_authority:
            locked.add(f"officer/{command.actor.user}")
        for document in documents:
            locked |= keys(document)
            read |= read_keys(document)
            stock = stock or looks_at_stock(document)
    if stock:
        read |= drawn_keys(book.lots.values())
    return locked | lot_keys(book.lots.values()), read


def take_in(run: Run, stored: StoredDocument, transition: str, before: str, since: int) -> None:
    """Change the memories as a command that was accepted asks for."""
    book, context = run.book, run.context
    book.remember(
        after(
            book.memories,
            Happening(
                transition,
                before,
                stored.state,
                stored.document,
                context.actor,
                context.recorded_at,
                stored.recorded_at,
                book.changes.postings[since:],
                book.lots,
            ),
        )
    )
