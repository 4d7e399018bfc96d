"""What a batch of commands needs loaded before it can be decided, read off the profile.

Three rounds: the documents the commands name; the documents those name; the goods, allowances
and reservations all of them touch. Each round is one set-based load, however large the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from keruen.ledger.allocation import lot_of
from keruen.ledger.book import Book
from keruen.model.document import Action, Command, Document, Filing
from keruen.model.profile import Kind, Profile
from keruen.workflow.ports import Wanted

LOCKS = {
    "leave": "waybill",
    "return_in": "waybill",
    "close_export": "waybill",
    "match_waybill": "waybill",
    "close_expected": "notice_of",
    "birth": "partner_document",
}
"""Effect to the header field naming a document whose state or goods it may change."""
WITH_DEPENDANTS = frozenset({"leave"})
DRAWING = frozenset({"reserve", "set_aside", "produce"})


@lru_cache(maxsize=256)
def _references(kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    header = tuple(spec.name for spec in kind.header if spec.type == "document_ref")
    lines = tuple(spec.name for spec in kind.lines if spec.type == "document_ref")
    return header, lines


@lru_cache(maxsize=256)
def _effects(kind: Kind) -> frozenset[str]:
    return frozenset({kind.on_file.effect, *(arrow.effect for arrow in kind.transitions)})


def _mentions(kind: Kind, document: Document) -> Iterable[str]:
    header, lines = _references(kind)
    for name in header:
        value = document.header.get(name)
        if value:
            yield value
    if lines:
        for line in document.lines:
            for name in lines:
                value = line.get(name)
                if value:
                    yield value


def _around(wanted: Wanted, kind: Kind, document: Document) -> None:
    """Documents that a document's effects read or change."""
    wanted.cited_documents.update(_mentions(kind, document))
    for effect in _effects(kind):
        name = LOCKS.get(effect)
        other = document.header.get(name) if name else None
        if other:
            wanted.locked_documents.add(other)
            if effect in WITH_DEPENDANTS:
                wanted.related_to.add(other)


def first_round(profile: Profile, commands: Sequence[Command]) -> Wanted:
    """Idempotency keys, the documents commands act on, and those that filings name."""
    wanted = Wanted()
    for command in commands:
        wanted.keys.add(command.key)
        if isinstance(command, Filing):
            document = command.document
            wanted.locked_documents.add(document.id)
            kind = profile.kinds.get(document.kind)
            if kind is not None:
                _around(wanted, kind, document)
        else:
            wanted.locked_documents.add(command.document_id)
            wanted.related_to.add(command.document_id)
    wanted.cited_documents -= wanted.locked_documents
    return wanted


def second_round(profile: Profile, commands: Sequence[Command], book: Book) -> Wanted:
    """Documents named by the documents that actions act on, and by versions that a filing replaces."""
    wanted = Wanted()
    filed = {command.document.id for command in commands if isinstance(command, Filing)}
    for command in commands:
        stored = book.documents.get(command.document_id if isinstance(command, Action) else command.document.id)
        if stored is not None:
            _around(wanted, profile.kind(stored.kind), stored.document)
        for document in (stored.document if stored else None, getattr(command, "document", None)):
            # The licence that only the application names is drawn on as well.
            application = book.documents.get(str(document.header.get("application", ""))) if document else None
            if application is not None:
                wanted.cited_documents.update(
                    filter(None, (line.get("licence") for line in application.document.lines))
                )
    have = book.documents.keys() | filed
    wanted.locked_documents -= have
    wanted.cited_documents -= have | wanted.locked_documents
    wanted.related_to = {each for each in wanted.related_to if each not in book.related}
    return wanted


def goods_round(  # noqa: C901 - one pass over each command, a case a line
    profile: Profile, commands: Sequence[Command], book: Book
) -> Wanted:
    """Lots, balances, reservations, allowances and past postings of everything the batch touches."""
    wanted = Wanted()
    documents: dict[str, Document] = {stored.id: stored.document for stored in book.documents.values()}
    # Every version by itself: one that is replaced gives back what it drew, perhaps from another licence.
    acted: list[Document] = []
    for command in commands:
        stored = book.documents.get(command.document.id if isinstance(command, Filing) else command.document_id)
        if stored is not None:
            acted.append(stored.document)
        if isinstance(command, Filing):
            if stored is not None:
                wanted.reservations_of.add(stored.id)
            documents[command.document.id] = command.document
            acted.append(command.document)
            waybill = documents.get(str(command.document.header.get("waybill", "")))
            kind_filed = profile.kinds.get(command.document.kind)
            if waybill is not None and kind_filed is not None and "leave" in _effects(kind_filed):
                # What leaves without cover is blocked at the sender, out of what it has free.
                _goods_of(wanted, profile, waybill, drawing=True)
            _goods_of(wanted, profile, command.document, drawing=True)
    for document in acted:
        _goods_of(wanted, profile, document, drawing=False)
        _allowances_of(wanted, documents, document)
    for command in commands:
        if isinstance(command, Action) and command.document_id in book.documents:
            stored = book.documents[command.document_id]
            wanted.reservations_of.add(stored.id)
            kind = profile.kind(stored.kind)
            if any(arrow.name == command.transition and arrow.effect in DRAWING for arrow in kind.transitions):
                _goods_of(wanted, profile, stored.document, drawing=True)
            if any(arrow.name == command.transition and arrow.effect == "reverse" for arrow in kind.transitions):
                wanted.postings_of.add(stored.id)
    return wanted


def _goods_of(wanted: Wanted, profile: Profile, document: Document, *, drawing: bool) -> None:
    kind = profile.kinds.get(document.kind)
    if kind is None:
        return
    effects = _effects(kind)
    for effect in effects & {"leave", "return_in"}:
        waybill = document.header.get(LOCKS[effect])
        if waybill:
            wanted.reservations_of.add(waybill)
            wanted.allowances_of.add(waybill)
    if drawing and (effects & DRAWING or kind.on_file.decide) and kind.holder:
        holder = document.header.get(f"{kind.holder}_id", "")
        for line in document.lines:
            lot = lot_of(line)
            if lot:
                wanted.lots.add(lot)
                wanted.balances.add((lot, holder))
            elif "commodity_code" in line:
                wanted.by_code.add((holder, line["commodity_code"]))
    if "birth" in effects:
        # A lot that is there already must be seen, so that entering it again is refused.
        wanted.lots.update(f"{document.id}/{line['line']}" for line in document.lines)


def _allowances_of(wanted: Wanted, documents: Mapping[str, Document], document: Document) -> None:
    wanted.allowances_of.add(document.id)
    application = documents.get(str(document.header.get("application", "")))
    if application is not None:
        wanted.allowances_of.add(application.id)
    for each in (document, application):
        for line in each.lines if each is not None else ():
            licence = line.get("licence")
            if licence:
                wanted.allowances_of.add(licence)
