"""Who may take a document through which transition, and what a correction may change.

The tables are data of the profile; here are the questions asked of them. Each refusal says
which state the document is in and what is open to the asker instead.
"""

from __future__ import annotations

from keruen.errors import Conflict, Forbidden, InvalidInput, NotFound
from keruen.model.actor import Actor, Role
from keruen.model.document import Document, StoredDocument
from keruen.model.profile import Kind, Transition

SECOND_PERSON_FREE = frozenset({Role.SYSTEM})


def capacities(kind: Kind, document: Document, actor: Actor) -> frozenset[str]:
    """In which capacities an actor stands to a document: party roles, authority, system, partner."""
    found = {role for role, _ in kind.parties if document.header.get(f"{role}_id") == actor.organisation}
    if actor.is_authority:
        found.add("authority")
    elif actor.role == Role.SYSTEM:
        found.add("system")
    elif actor.role == Role.PARTNER:
        found.add("partner")
    elif actor.role == Role.GATEWAY:
        # It speaks for the parties whose records it carries, but decides for nobody.
        found |= {role for role, _ in kind.parties}
    elif actor.role in {Role.AUDITOR, Role.ANALYST}:
        found.clear()
    return frozenset(found)


def unknown_document(document_id: str) -> NotFound:
    """The answer for a document that is not there, or not for the one who asks; word for word the same."""
    return NotFound(f"no document {document_id} in the books", code="unknown_document", document=document_id, kind="")


def check_filer(kind: Kind, document: Document, actor: Actor) -> None:
    """Refuse a filing by someone the profile does not let file this kind for these parties.

    Raises:
        Forbidden: The actor is none of those who may file.
    """
    standing = capacities(kind, document, actor)
    if actor.role == Role.GATEWAY:
        # Records of the administration's own systems (declarations, exits) come through it too.
        standing |= {"authority"}
    if not standing & kind.filed_by:
        raise Forbidden(
            f"a {kind.name} is filed by {', '.join(sorted(kind.filed_by))}; {actor.organisation} is none of them "
            f"in {document.id}",
            code="may_not_file",
            kind=kind.name,
            allowed=", ".join(sorted(kind.filed_by)),
            organisation=actor.organisation,
            document=document.id,
        )


def check_actor(kind: Kind, stored: StoredDocument, name: str, actor: Actor) -> None:
    """Refuse a transition to someone who may not take it from any state, whether or not it is open now.

    Raises:
        Forbidden: No arrow of that name is for this actor.
    """
    allowed = frozenset().union(*(arrow.by for arrow in kind.transitions if arrow.name == name))
    _check_standing(kind, stored, name, actor, allowed)


def _check_standing(kind: Kind, stored: StoredDocument, name: str, actor: Actor, allowed: frozenset[str]) -> None:
    standing = capacities(kind, stored.document, actor)
    if not standing and actor.role == Role.FILER:
        # To somebody who is no party to it, the document is not there: its number says nothing to him.
        raise unknown_document(stored.id)
    if not standing & allowed:
        raise Forbidden(
            f"{name} of {stored.id} is for {', '.join(sorted(allowed))}; {actor.user} of {actor.organisation} "
            f"acts as {actor.role.value}",
            code="may_not_act",
            document=stored.id,
            found=name,
            allowed=", ".join(sorted(allowed)),
            organisation=actor.organisation,
        )


def find_transition(kind: Kind, stored: StoredDocument, name: str, actor: Actor, reason: str) -> Transition:
    """The arrow an actor may take a document along.

    Args:
        kind: Of the document.
        stored: The document in its present state.
        name: The transition asked for.
        actor: Who asks.
        reason: Why; some transitions demand it.

    Raises:
        InvalidInput: The kind has no such transition, or its reason is missing.
        Conflict: It does not lead out of the present state.
        Forbidden: The actor may not take it, or is not a second person.
    """
    known = sorted({arrow.name for arrow in kind.transitions})
    if name not in known:
        raise InvalidInput(
            f"a {kind.name} knows {', '.join(known) or 'no transitions'}, not {name!r}",
            code="unknown_transition",
            kind=kind.name,
            found=name,
            expected=", ".join(known),
        )
    # Before the state is named: how a document stands is not told to strangers.
    check_actor(kind, stored, name, actor)
    header = stored.document.header
    arrow = kind.transition(name, stored.state, header)
    if arrow is None:
        open_now = sorted({each.name for each in kind.open_transitions(stored.state, header)} - {"leave", "close"})
        raise Conflict(
            f"{stored.id} is {stored.state}; {name} is not open from there, only {', '.join(open_now) or 'nothing'}",
            code="transition_closed",
            document=stored.id,
            state=stored.state,
            found=name,
            expected=", ".join(open_now),
        )
    _check_standing(kind, stored, name, actor, arrow.by)
    if arrow.second_person and actor.user in {
        stored.filed_by_user,
        stored.released_by,
        *stored.earlier_filers,
    }:
        raise Forbidden(
            f"{name} of {stored.id} needs a second person: {actor.user} filed or released it before",
            code="second_person",
            document=stored.id,
            found=name,
            user=actor.user,
        )
    if arrow.needs_reason and not reason.strip() and actor.role != Role.SYSTEM:
        raise InvalidInput(
            f"{name} of {stored.id} needs a reason", code="reason_missing", document=stored.id, found=name
        )
    return arrow


def check_correction(kind: Kind, before: StoredDocument, after: Document) -> None:
    """Refuse a new version that is not the next one, comes too late, or changes what it may not.

    Raises:
        Conflict: Wrong version number, state not open to correction, or a frozen field changed.
    """
    if after.kind != before.kind:
        raise Conflict(
            f"{after.id} is a {before.kind} in the books, not a {after.kind}",
            code="kind_differs",
            document=after.id,
            found=after.kind,
            expected=before.kind,
        )
    expected = before.document.version + 1
    if after.version != expected:
        raise Conflict(
            f"{after.id}: version {expected} comes next, got {after.version}",
            code="version_order",
            document=after.id,
            found=str(after.version),
            expected=str(expected),
        )
    if before.state not in kind.corrected_in:
        allowed = ", ".join(sorted(kind.corrected_in)) or "no state"
        raise Conflict(
            f"{after.id} is {before.state}; a {kind.name} is corrected in {allowed}",
            code="correction_closed",
            document=after.id,
            state=before.state,
            expected=allowed,
        )
    for name in kind.frozen:
        if before.document.header.get(name) != after.header.get(name):
            raise Conflict(
                f"{after.id}: a correction cannot change {name} from {before.document.header.get(name)} to "
                f"{after.header.get(name)}; revoke it and file another",
                code="correction_frozen",
                document=after.id,
                field=name,
                found=str(after.header.get(name)),
                expected=str(before.document.header.get(name)),
            )
    name = kind.correction_not_before
    if name:
        old, new = before.document.header.get(name), after.header.get(name)
        if old is not None and new is not None and new < old:
            raise Conflict(
                f"{after.id}: {name} {new} is before the original's {old}",
                code="correction_before",
                document=after.id,
                field=name,
                found=str(new),
                expected=str(old),
            )
