"""Journal entries: what each accepted command did, in bytes that are written once and hashed.

An entry tells everything needed to replay the ledger (lots, edges, postings) and who decided
what, but not the document's text: of that it holds the hash, salted, so that the text can be
given to whoever may see it and be proved, or be destroyed, without touching the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from keruen.errors import IntegrityFailure
from keruen.ledger.book import Changes, Context
from keruen.model.document import StoredDocument
from keruen.model.finding import Decision
from keruen.model.lot import Birth, Posting
from keruen.model.quantity import plain
from keruen.workflow.judge import facts_hash
from keruen.workflow.ports import Leaf

VERSION = 1
ENTRY_LIMIT = 65_535
"""C2SP tlog-tiles: an entry's length is sixteen bits."""
_ROOM = 60_000


def body_hash(salt: bytes, body: bytes) -> str:
    """The salted hash of a document that stands in the journal, as hex."""
    return hashlib.sha256(salt + body).hexdigest()


def entries(
    context: Context,
    stored: StoredDocument,
    *,
    transition: str,
    reason: str,
    changed: list[tuple[str, str, str]],
    decision: Decision | None,
    changes: Changes,
    since: tuple[int, ...],
) -> list[Leaf]:
    """The journal entries of one command, usually one.

    Args:
        context: The command.
        stored: The document it acted on, as it is now.
        transition: What was done to it.
        reason: Why, where one was given.
        changed: (document, from state, to state) of all it moved.
        decision: What was decided, or None.
        changes: Of the batch.
        since: Lengths of the batch's lots, edges and postings before the command.
    """
    head: dict[str, Any] = {
        "v": VERSION,
        "event": context.event_id,
        "transition": transition,
        "kind": stored.kind,
        "document": stored.id,
        "version": stored.document.version,
        "body": body_hash(stored.salt, stored.body),
        "states": changed,
        "actor": list(context.actor),
        "effective_at": context.effective_at.isoformat(),
        "recorded_at": context.recorded_at.isoformat(),
    }
    if reason:
        head["reason"] = reason
    if decision is not None:
        head["decision"] = {
            "channel": decision.channel.value,
            "author": decision.author,
            "rules": decision.rules_version,
            "editions": dict(decision.editions),
            "findings": [[finding.name, finding.severity.name, finding.path] for finding in decision.findings],
            **({"facts": facts_hash(decision.facts)} if decision.facts else {}),
            **({"scores": {name: row["score"] for name, row in decision.ranking.items()}} if decision.ranking else {}),
            **({"selection": decision.selection} if decision.selection else {}),
        }
    lots = [
        [
            lot.lot_id,
            lot.commodity_code,
            lot.unit,
            plain(lot.entered),
            lot.origin_country,
            lot.manufacture_country,
            Birth(lot.birth).value,
            lot.owner,
            lot.line,
            lot.manufacturer,
        ]
        for lot in changes.lots[since[0] :]
    ]
    edges = [
        [edge.child, edge.parent, edge.component, plain(edge.quantity), edge.share_numerator, edge.share_denominator]
        for edge in changes.edges[since[1] :]
    ]
    postings = [posting_row(posting) for posting in changes.postings[since[2] :]]
    whole = orjson.dumps({**head, "lots": lots, "edges": edges, "postings": postings})
    if len(whole) <= ENTRY_LIMIT:
        return [Leaf(context.event_id, 0, context.recorded_at, whole)]
    tables: dict[str, list[Any]] = {"lots": lots, "edges": edges, "postings": postings}
    if decision is not None:
        # Every line may have its finding: they are cut like the rows, or a long document had no entry at all.
        tables["findings"] = head["decision"].pop("findings")
    return _parts(context, head, tables)


def posting_row(posting: Posting) -> list[Any]:
    """A posting as it stands in the journal: seq, lot, quantity, unit, from, to, line, what it reverses."""
    return [
        posting.seq,
        posting.lot_id,
        plain(posting.quantity),
        posting.unit,
        posting.from_holder,
        posting.from_status,
        posting.to_holder,
        posting.to_status,
        posting.line,
        posting.reverses,
    ]


def _parts(context: Context, head: Mapping[str, Any], tables: Mapping[str, list[list[Any]]]) -> list[Leaf]:
    """Cut a large command into several entries, each with its part of the rows."""
    chunks: list[dict[str, list[list[Any]]]] = [{}]
    room = _ROOM - len(orjson.dumps(head))
    if room < ENTRY_LIMIT // 4:
        raise IntegrityFailure(f"the head of {context.event_id} is too long for a journal entry", code="entry_size")
    left = room
    for name, rows in tables.items():
        for row in rows:
            size = len(orjson.dumps(row)) + 1
            if size > left:
                chunks.append({})
                left = room
            chunks[-1].setdefault(name, []).append(row)
            left -= size
    short = {key: head[key] for key in ("v", "event", "document", "kind", "recorded_at", "effective_at")}
    leaves = []
    for number, chunk in enumerate(chunks):
        part = {"part": number, "parts": len(chunks), **(head if number == 0 else short), **chunk}
        entry = orjson.dumps(part)
        if len(entry) > ENTRY_LIMIT:
            raise IntegrityFailure(f"{context.event_id}: a journal entry of {len(entry)} bytes", code="entry_size")
        leaves.append(Leaf(context.event_id, number, context.recorded_at, entry))
    return leaves
