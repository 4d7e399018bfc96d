"""Who may read what: the one place where reads of what belongs to others are refused.

Whoever decides, audits or analyses for the administration sees all. Everybody else sees the documents
in which their organisation is a party or which it filed, and the lots it brought in, made, has or had.
What a face does with a refusal is its own business; `faces.desk` answers as if nothing were there,
so that ids cannot be tried out, and writes the attempt down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keruen.documents.states import capacities
from keruen.model.actor import Role
from keruen.model.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keruen.ledger.trace import Trace
    from keruen.model.actor import Actor
    from keruen.model.document import StoredDocument
    from keruen.model.lot import Lot, Posting
    from keruen.model.profile import Profile


CRITERIA = frozenset({"rule", "rules_not_evaluated", "random_selection", "queue_full", "countersign_needed"})
"""Findings that would teach how selection works; they are for those who decide."""


class Allowed(NamedTuple):
    """The read may go ahead."""

    because: str


class Refused(NamedTuple):
    """The read may not go ahead."""

    reason: str


def may_read(actor: Actor, stored: StoredDocument, profile: Profile) -> Allowed | Refused:
    """Whether an actor may read a document.

    Args:
        actor: Who wants to read.
        stored: The document.
        profile: Says which of its fields are parties.
    """
    if actor.sees_all:
        return Allowed("sees_all")
    if not actor.organisation:
        return Refused("no_organisation")
    if stored.filer == actor.organisation:
        return Allowed("filer")
    # A gateway acts for anybody it names when it files, but reads only as itself.
    standing = (
        frozenset() if actor.role == Role.GATEWAY else capacities(profile.kind(stored.kind), stored.document, actor)
    )
    if standing - {"partner"}:
        return Allowed("party")
    return Refused("other_organisation")


def may_read_lot(actor: Actor, lot: Lot, postings: Iterable[Posting]) -> Allowed | Refused:
    """Whether an actor may read a lot.

    Args:
        actor: Who wants to read.
        lot: The lot.
        postings: All of the lot's; who ever held it stands in them.
    """
    if actor.sees_all:
        return Allowed("sees_all")
    if not actor.organisation:
        return Refused("no_organisation")
    if lot.owner == actor.organisation:
        return Allowed("born_to")
    if any(actor.organisation in (row.from_holder, row.to_holder) for row in postings):
        return Allowed("held")
    return Refused("other_organisation")


def findings_seen(actor: Actor, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings as an actor may see them: who files learns that an officer looks, not by which rule or draw."""
    if actor.sees_all:
        return tuple(findings)
    kept = [each for each in findings if each.code not in CRITERIA]
    if any(each.code in CRITERIA and each.severity > Severity.NOTICE for each in findings):
        kept.append(Finding("officer_check", Severity.WARNING, "", {}))
    return tuple(kept)


def seen_by(actor: Actor, found: Trace) -> Trace:
    """The part of a trace an actor may see: own lots, own moves, own stays and balances.

    Who bought from one's buyer is the buyer's business; all-seeing roles get the trace as it is.
    """
    if actor.sees_all:
        return found
    own = actor.organisation
    views = []
    for view in found.lots:
        moves = tuple(move for move in view.moves if own in (move.source, move.target))
        if not own or not (moves or view.lot.owner == own):
            continue
        views.append(
            view._replace(
                moves=moves,
                stays=tuple(stay for stay in view.stays if stay.holder == own),
                balances=tuple(row for row in view.balances if row.holder == own),
            )
        )
    kept = {view.lot.lot_id for view in views}
    edges = tuple(edge for edge in found.edges if edge.child in kept and edge.parent in kept)
    return found._replace(lots=tuple(views), edges=edges, lots_total=len(views))
