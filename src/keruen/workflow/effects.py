"""What each effect named in a profile does to the books, one function a name.

An effect gets the running command and the document it belongs to, and changes the working set
through the ledger's functions. It raises a Conflict where the books do not allow it; the
command is then undone whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from decimal import Decimal
from typing import TYPE_CHECKING

from keruen.codes import unions
from keruen.documents.deadlines import due
from keruen.errors import Conflict, KeruenError, NotFound
from keruen.ledger import allowances, moves
from keruen.ledger.allocation import Share, Shortage, allocate, lot_of
from keruen.ledger.book import Book, Context
from keruen.ledger.history import least_from
from keruen.ledger.production import Component, produce
from keruen.model.document import Document, Event, Fields, StoredDocument
from keruen.model.finding import Channel, Finding, Severity
from keruen.model.lot import RETURN, SETTLED_RETURN, WORLD, Allowance, Birth, Lot, Posting, Reservation, Status, World
from keruen.model.profile import Profile, Transition
from keruen.model.quantity import ZERO, plain

if TYPE_CHECKING:
    from keruen.workflow.judge import Judgement

BIRTH_OF = {"entry_declaration": Birth.ENTRY, "opening_balance": Birth.OPENING, "correction": Birth.CORRECTION}
WORLD_OF = {Birth.ENTRY: World.ENTRY, Birth.OPENING: World.OPENING, Birth.CORRECTION: World.CORRECTION}


def _no_past(_lot_id: str) -> Sequence[Posting]:
    return ()


@dataclass(slots=True)
class Run:
    """One command under way."""

    book: Book
    profile: Profile
    context: Context
    quantities: Mapping[int, Decimal] | None = None
    findings: list[Finding] = field(default_factory=list)
    shares: dict[int, tuple[tuple[Lot, Share], ...]] = field(default_factory=dict)
    """Lots chosen for each line, for the checks to look at."""
    shortages: dict[int, Shortage] = field(default_factory=dict)
    tolerate_shortage: bool = False
    """A shortage becomes a finding instead of a rejection: the document is decided on."""
    screened: bool = False
    """Its parties were compared with lists."""
    judging: bool = False
    """The document takes effect now: rules look at it."""
    judgement: Judgement | None = None
    """What they said."""
    prior: Document | None = None
    """The version a correction replaces."""
    channel: Channel | None = None
    """The channel decided on, with what the day carries and the draw by lot."""
    selection: str = ""
    """How probable it was, before the lot was drawn, that an officer would look."""
    changed: list[tuple[str, str, str]] = field(default_factory=list)
    """(document, from state, to state) of every document this command moved."""
    past: Callable[[str], Sequence[Posting]] = _no_past
    """What was posted of a lot before this batch."""

    def holder(self, stored: StoredDocument) -> str:
        """Identifier of the party whose goods the document moves."""
        kind = self.profile.kind(stored.kind)
        return str(stored.document.header[f"{kind.holder}_id"])

    def party(self, stored: StoredDocument, role: str) -> str:
        """Identifier of one party of the document."""
        return str(stored.document.header.get(f"{role}_id", ""))

    def say(self, code: str, severity: Severity, path: str, **params: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, severity, path, params))

    def cited(self, document_id: str, kind: str) -> StoredDocument:
        """A document that must be on record for this command to make sense."""
        found = self.book.documents.get(document_id)
        if found is None or found.kind != kind:
            raise NotFound(
                f"no {kind} {document_id} in the books", code="unknown_document", document=document_id, kind=kind
            )
        return found

    def enter_state(self, stored: StoredDocument, state: str, transition: str, *, reason: str = "") -> None:
        """Bring a document into a state: its deadline, its event, its dependants' cascades."""
        book, context = self.book, self.context
        before = stored.state
        kind = self.profile.kind(stored.kind)
        # Nothing is learnt of a document before what we knew of it already, whosever command it is.
        now = max(context.recorded_at, stored.updated_at)
        due_at, then = due(self.profile, kind, state, stored.document.header, now)
        if kind.deadline(before) is not None and kind.deadline(before) is kind.deadline(state):
            # The same deadline runs on: looking at a waybill does not give its receiver more time.
            due_at, then = stored.due_at, stored.due_transition
        book.set(stored, "state", state)
        book.set(stored, "due_at", due_at)
        book.set(stored, "due_transition", then)
        book.set(stored, "updated_at", now)
        book.set(stored, "last_event_id", context.event_id)
        if state in kind.final and stored.attention:
            book.set(stored, "attention", False)
        book.touch_document(stored.id)
        self.changed.append((stored.id, before, state))
        if stored.id != context.document_id:
            actor = context.actor
            book.changes.events.append(
                Event(
                    f"{context.event_id}>{stored.id}",
                    stored.id,
                    stored.document.version,
                    transition,
                    before,
                    state,
                    actor.user,
                    actor.organisation,
                    "document",
                    reason,
                    context.effective_at,
                    now,
                    b"",
                )
            )

    def follow(self, stored: StoredDocument, name: str) -> bool:
        """Take a document through a transition that another document causes, if it is open."""
        arrow = self.profile.kind(stored.kind).transition(name, stored.state, stored.document.header)
        if arrow is None or "document" not in arrow.by:
            return False
        self.enter_state(stored, arrow.target, name)
        return True

    def cascade(self, stored: StoredDocument, arrow: Transition) -> None:
        """Take dependants along, as a declined waybill cancels its invoice."""
        for kind, name in arrow.cascade.items():
            for other_id in self.book.related.get(stored.id, ()):
                other = self.book.documents.get(other_id)
                if other is not None and other.kind == kind:
                    self.follow(other, name)


def apply(run: Run, effect: str, stored: StoredDocument) -> None:
    """Do what an effect of the profile names."""
    EFFECTS[effect](run, stored)


def _nothing(_run: Run, _stored: StoredDocument) -> None:
    """The document moves no goods."""


def _new_lot(run: Run, document: Document, line: Fields, owner: str, birth: Birth) -> Lot:
    profile = run.profile
    return Lot(
        f"{document.id}/{line['line']}",
        line["commodity_code"],
        line["unit"],
        line.get("origin_country") or profile.jurisdiction,
        line.get("manufacture_country") or profile.jurisdiction,
        line.get("manufacturer", ""),
        line["description"],
        birth,
        document.id,
        line["line"],
        owner,
        document.issued_on,
        run.context.recorded_at,
        profile.jurisdiction,
        line["quantity"],
    )


def _birth(run: Run, stored: StoredDocument) -> None:
    document = stored.document
    owner = run.holder(stored)
    for line in document.lines:
        if line["quantity"] <= 0:
            raise Conflict(f"line {line['line']} enters nothing", code="nothing_asked", line=str(line["line"]))
        birth = BIRTH_OF[document.kind]
        moves.enter(run.book, run.context, _new_lot(run, document, line, owner, birth), world=WORLD_OF[birth])
    expected = run.book.documents.get(str(document.header.get("partner_document", "")))
    if expected is not None:
        run.follow(expected, "arrive")


def _produce(run: Run, stored: StoredDocument) -> None:
    document = stored.document
    maker = run.holder(stored)
    recipe = run.cited(document.header["recipe"], "recipe")
    if recipe.state != "approved" or run.holder(recipe) != maker:
        raise Conflict(
            f"recipe {recipe.id} of {run.holder(recipe)} is {recipe.state}; production needs the maker's own, approved",
            code="recipe_not_approved",
            document=recipe.id,
            state=recipe.state,
        )
    code, unit = recipe.document.header["output_code"], recipe.document.header["output_unit"]
    outputs = [line for line in document.lines if line["role"] in {"output", "by_product"}]
    main = sum(
        (
            line["quantity"]
            for line in outputs
            if line["role"] == "output" and line["commodity_code"] == code and line["unit"] == unit
        ),
        ZERO,
    )
    if main <= 0 or any(
        line["role"] == "output" and (line["commodity_code"], line["unit"]) != (code, unit) for line in outputs
    ):
        raise Conflict(
            f"recipe {recipe.id} makes {code} in {unit}, the report something else",
            code="recipe_of_other_goods",
            document=recipe.id,
            commodity_code=code,
            unit=unit,
        )
    components = [
        Component(line["line"], line["commodity_code"], line["unit"], line["quantity_min"], line["quantity_max"])
        for line in recipe.document.lines
        if line.get("role", "input") == "input"
    ]
    _check_by_products(recipe.document, outputs, main)
    inputs = [line for line in document.lines if line["role"] == "input"]
    lots = [_new_lot(run, document, line, maker, Birth.PRODUCTION) for line in outputs]
    if produce(run.book, run.context, maker, inputs, lots, components, main):
        run.say("lots_chosen", Severity.NOTICE, "", rule="first in, first out")


def _check_by_products(recipe: Document, outputs: Sequence[Fields], main: Decimal) -> None:
    """Refuse by-products that the recipe does not name, or more than it allows: they would come from nowhere."""
    bounds = {
        (line["commodity_code"], line["unit"]): (line["quantity_min"] * main, line["quantity_max"] * main)
        for line in recipe.lines
        if line.get("role") == "by_product"
    }
    made: dict[tuple[str, str], Decimal] = {}
    for line in outputs:
        if line["role"] == "by_product":
            key = (line["commodity_code"], line["unit"])
            made[key] = made.get(key, ZERO) + line["quantity"]
    for (code, unit), quantity in made.items():
        if (code, unit) not in bounds:
            raise Conflict(
                f"{code} in {unit} is no by-product of recipe {recipe.id}; add it there with its bounds",
                code="not_in_recipe",
                commodity_code=code,
                unit=unit,
            )
        least, most = bounds[code, unit]
        if not least <= quantity <= most:
            raise Conflict(
                f"{plain(main)} of the product yield {plain(least)} to {plain(most)} {unit} of {code} by the recipe, "
                f"{plain(quantity)} stated",
                code="by_product_bounds",
                commodity_code=code,
                least=plain(least),
                most=plain(most),
                found=plain(quantity),
                unit=unit,
            )


def _refusal(error: KeruenError, line: int) -> Finding:
    """What the books do not allow, as a finding of a document that is decided on."""
    return Finding(
        error.code, Severity.REFUSE, f"line/{line}", {name: str(value) for name, value in error.params.items()}
    )


def _to_allocate(run: Run, line: Fields) -> Fields:
    """The line as goods are chosen for it.

    Where a document is decided on, an origin that differs from the named lot's is a finding of
    the verification, not a reason to reject the filing.
    """
    lot = lot_of(line)
    if not lot:
        return line
    if not run.tolerate_shortage:
        return {**line, "lot": lot}
    known = run.book.lots.get(lot)
    code = known.commodity_code if known else line["commodity_code"]
    return {
        "line": line["line"],
        "lot": lot,
        "quantity": line["quantity"],
        "unit": line["unit"],
        "commodity_code": code,
    }


def _check_dates(run: Run, document: Document, holder: str, number: int) -> None:
    """Say where a paper is dated before its goods were there: one of the two dates cannot be right.

    A lot has a day of birth. Where it came to the holder later, what he had of it is summed day by day, as true
    then, but only if the last of it came after the paper's day.
    """
    on = document.header.get("shipped_on") or document.issued_on
    for lot, share in run.shares[number]:
        came = run.book.balances[lot.lot_id, holder].received_at
        came_on = came.astimezone(UTC).date() if came is not None else lot.born_on
        if lot.born_on > on:
            code, expected = "before_goods", lot.born_on
        elif came_on > on and _had(run, lot.lot_id, holder, on) < share.quantity:
            code, expected = "before_receipt", came_on
        else:
            continue
        run.say(
            code,
            Severity.WARNING,
            f"line/{number}",
            lot=lot.lot_id,
            line=str(number),
            found=on.isoformat(),
            expected=expected.isoformat(),
        )


def _had(run: Run, lot_id: str, holder: str, on: date) -> Decimal:
    now = [posting for posting in run.book.changes.postings if posting.lot_id == lot_id]
    return least_from([*run.past(lot_id), *now], holder, on)


def _set_lines_aside(run: Run, stored: StoredDocument, status: Status) -> None:
    holder = run.holder(stored)
    for line in stored.document.lines:
        number = line["line"]
        try:
            shares, ours = allocate(run.book, holder, _to_allocate(run, line))
        except Shortage as shortage:
            if not run.tolerate_shortage:
                raise
            run.shortages[number] = shortage
            continue
        except (Conflict, NotFound) as error:
            if not run.tolerate_shortage:
                raise
            run.findings.append(_refusal(error, number))
            continue
        run.shares[number] = tuple((run.book.lots[share.lot_id], share) for share in shares)
        _check_dates(run, stored.document, holder, number)
        if ours:
            run.say(
                "lots_chosen",
                Severity.NOTICE,
                f"line/{number}",
                rule="first in, first out",
                lots=", ".join(share.lot_id for share in shares[:5]),
            )
        moves.set_aside(run.book, run.context, holder, number, shares, status=status)


def _approved_line(run: Run, stored: StoredDocument, line: Fields) -> Fields:
    """The line of the application that a line of an export rests on; empty where there is none."""
    application = run.book.documents.get(str(stored.document.header.get("application", "")))
    if application is None or stored.document.movement != "export":
        return {}
    return application.document.line(line.get("application_line") or line["line"]) or {}


def _draw_keys(run: Run, stored: StoredDocument, line: Fields) -> list[tuple[str, int, str]]:
    """Allowances a waybill line draws on: its application's line, and the licence either names.

    The same before and after: an application cannot be corrected, and its state does not count
    here, or what was drawn while it was approved would not go back once it is withdrawn.
    """
    keys: list[tuple[str, int, str]] = []
    header = stored.document.header
    licence, licence_line = line.get("licence"), line.get("licence_line")
    approved = _approved_line(run, stored, line)
    if approved:
        keys.append((str(header["application"]), approved["line"], "export"))
        licence = licence or approved.get("licence")
        licence_line = licence_line or approved.get("licence_line")
    if licence:
        keys.append((licence, licence_line or 1, "licence"))
    return keys


def _check_cited(run: Run, stored: StoredDocument, line: Fields) -> None:
    """Refuse to draw on what is not on record or not the sender's own.

    An application that is filed later would be given back what was never drawn from it, and
    one firm could use up the licence or approval of another.
    """
    number, holder = str(line["line"]), run.holder(stored)
    named = stored.document.header.get("application")
    if named and stored.document.movement == "export":
        application = run.cited(str(named), "export_application")
        if run.holder(application) != holder:
            raise Conflict(
                f"line {number}: {application.id} is of {run.holder(application)}, not of {holder}; cite your own",
                code="application_differs",
                line=number,
                document=application.id,
                field="sender_id",
                found=holder,
                expected=run.holder(application),
            )
        # Where the line names its line of the application, the verification says it, and refuses.
        if application.state != "approved" and not (line.get("application_line") and run.tolerate_shortage):
            raise Conflict(
                f"line {number}: {application.id} is {application.state}; goods leave only under one that is approved",
                code="application_not_approved",
                line=number,
                document=application.id,
                state=application.state,
            )
    named = line.get("licence") or _approved_line(run, stored, line).get("licence")
    if named:
        licence = run.cited(str(named), "licence")
        if run.holder(licence) != holder:
            raise Conflict(
                f"line {number}: licence {licence.id} is of {run.holder(licence)}, not of {holder}; cite your own",
                code="licence_of_another",
                line=number,
                document=licence.id,
                found=run.holder(licence),
                expected=holder,
            )
        if licence.state != "issued":
            raise Conflict(
                f"line {number}: licence {licence.id} is {licence.state}; goods move only under one in force",
                code="licence_not_in_force",
                line=number,
                document=licence.id,
                state=licence.state,
            )


def _reserve(run: Run, stored: StoredDocument) -> None:
    _set_lines_aside(run, stored, Status.RESERVED)
    for line in stored.document.lines:
        try:
            _check_cited(run, stored, line)
            application = run.book.documents.get(str(stored.document.header.get("application", "")))
            if application is not None and application.state != "approved" and stored.document.movement == "export":
                continue
            for key in _draw_keys(run, stored, line):
                allowances.draw(run.book, key, line["quantity"], line["unit"])
        except (Conflict, NotFound) as error:
            if not run.tolerate_shortage:
                raise
            run.findings.append(_refusal(error, line["line"]))


def _set_aside(run: Run, stored: StoredDocument) -> None:
    _set_lines_aside(run, stored, Status.HELD)


def _unreserve(run: Run, stored: StoredDocument) -> None:
    back: dict[int, Decimal] = {}
    for reservation in run.book.reserved_by.get(stored.id, ()):
        back[reservation.line] = back.get(reservation.line, ZERO) + reservation.remaining
    moves.take_back(run.book, run.context, stored.id)
    for line in stored.document.lines:
        quantity = back.get(line["line"], ZERO)
        for key in _draw_keys(run, stored, line):
            if quantity > 0 and key in run.book.allowances:
                allowances.give_back(run.book, key, quantity)


def _move(run: Run, stored: StoredDocument) -> None:
    receiver = run.party(stored, run.profile.kind(stored.kind).counterparty)
    quantities = dict(run.quantities) if run.quantities is not None else None
    moves.pass_on(run.book, run.context, stored.id, target=(receiver, Status.FREE), quantities=quantities)
    if quantities is not None:
        # What was not confirmed returns to the sender, and to the licence it was drawn from.
        _unreserve(run, stored)


def _depart(run: Run, stored: StoredDocument) -> None:
    for reservation in run.book.reserved_by.get(stored.id, ()):
        moves.restate(run.book, run.context, reservation, status=Status.IN_TRANSIT)


def _seize(run: Run, stored: StoredDocument) -> None:
    for reservation in run.book.reserved_by.get(stored.id, ()):
        moves.restate(run.book, run.context, reservation, status=Status.SEIZED)


def _write_off(run: Run, stored: StoredDocument) -> None:
    kind = run.profile.kind(stored.kind)
    consumed = stored.document.header.get("reason") in kind.consumed_for
    moves.pass_on(run.book, run.context, stored.id, target=(WORLD, World.CONSUMPTION if consumed else World.LOSS))


def _check_units(document: Document, waybill: StoredDocument) -> None:
    for line in document.lines:
        there = waybill.document.line(line["waybill_line"])
        if there is None:
            raise Conflict(
                f"{waybill.id} has no line {line['waybill_line']}",
                code="waybill_line_missing",
                document=waybill.id,
                found=str(line["waybill_line"]),
                line=str(line["line"]),
            )
        if there["unit"] != line["unit"]:
            raise Conflict(
                f"line {line['line']} is in {line['unit']}, {waybill.id} in {there['unit']}",
                code="waybill_unit",
                document=waybill.id,
                found=line["unit"],
                expected=there["unit"],
                line=str(line["line"]),
            )


def _leave(run: Run, stored: StoredDocument) -> None:
    """An exit is a fact: it is recorded even where it should not have happened, and then says so."""
    book, document = run.book, stored.document
    waybill = run.cited(document.header["waybill"], "waybill")
    _check_units(document, waybill)
    if waybill.document.movement != "export":
        raise Conflict(f"{waybill.id} is no export", code="not_an_export", document=waybill.id)
    if waybill.state not in {"released", "exit_overdue"}:
        run.say("left_unreleased", Severity.REFUSE, "header/waybill", document=waybill.id, state=waybill.state)
    declarations = [
        book.documents[other]
        for other in book.related.get(waybill.id, ())
        if other in book.documents and book.documents[other].kind == "export_declaration"
    ]
    destination = str(waybill.document.header.get("destination_country", ""))
    inside = unions.same_union(run.profile.jurisdiction, destination, document.issued_on)
    if not inside and not any(each.state == "released" for each in declarations):
        run.say(
            "exit_without_declaration", Severity.WARNING, "header/waybill", document=waybill.id, destination=destination
        )
    wanted: dict[int, Decimal] = {}
    for line in document.lines:
        wanted[line["waybill_line"]] = wanted.get(line["waybill_line"], ZERO) + line["quantity"]
    before = {row.key: row.remaining for row in book.reserved_by.get(waybill.id, ())}
    if waybill.state not in {"released", "exit_overdue", "left", "closed"}:
        wanted = _only_what_is_set_aside(run, waybill, wanted)
    moves.pass_on(book, run.context, waybill.id, target=(WORLD, World.EXIT), quantities=wanted)
    for row in book.reserved_by.get(waybill.id, ()):
        gone = before[row.key] - row.remaining
        if gone > 0:
            _grant_return(book, waybill.id, row, RETURN, gone)
    if all(row.remaining == 0 for row in book.reserved_by.get(waybill.id, ())):
        run.follow(waybill, "leave")
        for declaration in declarations:
            run.follow(declaration, "exit")


def _only_what_is_set_aside(run: Run, waybill: StoredDocument, wanted: dict[int, Decimal]) -> dict[int, Decimal]:
    """Goods seen leaving under a waybill that never let them go: post what the books can, and say the rest."""
    covered: dict[int, Decimal] = {}
    for row in run.book.reserved_by.get(waybill.id, ()):
        covered[row.line] = covered.get(row.line, ZERO) + row.remaining
    for line, quantity in wanted.items():
        missing = quantity - covered.get(line, ZERO)
        if missing > 0:
            run.say(
                "left_without_cover",
                Severity.REFUSE,
                f"line/{line}",
                document=waybill.id,
                line=str(line),
                found=plain(quantity),
                expected=plain(covered.get(line, ZERO)),
            )
            _block(run, waybill, line, missing)
    return {line: min(quantity, covered.get(line, ZERO)) for line, quantity in wanted.items()}


def _block(run: Run, waybill: StoredDocument, line: int, missing: Decimal) -> None:
    """Hold at the sender what left without cover, so that it is not offered a second time."""
    fields = waybill.document.line(line)
    assert fields is not None
    sender = run.party(waybill, "sender")
    try:
        shares, _ = allocate(run.book, sender, {**fields, "quantity": missing})
    except Shortage as shortage:
        if shortage.free <= 0:
            return
        shares, _ = allocate(run.book, sender, {**fields, "quantity": shortage.free})
    except (Conflict, NotFound):
        return
    moves.set_aside(run.book, run.context, sender, line, shares, status=Status.HELD)


def _leave_held(run: Run, stored: StoredDocument) -> None:
    """An officer settles that what was blocked did leave; like all that left, it may come back."""
    held = {row.key: row.remaining for row in run.book.reserved_by.get(stored.id, ())}
    moves.pass_on(run.book, run.context, stored.id, target=(WORLD, World.EXIT))
    for row in run.book.reserved_by.get(stored.id, ()):
        if held[row.key] > 0:
            waybill = str(stored.document.header["waybill"])
            _grant_return(run.book, waybill, row, SETTLED_RETURN, held[row.key])


def _grant_return(book: Book, waybill: str, row: Reservation, purpose: str, gone: Decimal) -> None:
    """Let what left out of a reservation come back, under the line of the waybill it left by."""
    lot = book.lots[row.lot_id]
    allowances.grant(book, Allowance(waybill, row.line, f"{purpose}{row.lot_id}", lot.commodity_code, lot.unit, gone))


def _match_waybill(run: Run, stored: StoredDocument) -> None:
    document = stored.document
    waybill = run.cited(document.header["waybill"], "waybill")
    _check_units(document, waybill)
    for mine, theirs in (("exporter_id", "sender_id"), ("destination_country", "destination_country")):
        if document.header.get(mine) != waybill.document.header.get(theirs):
            run.say(
                "waybill_differs",
                Severity.WARNING,
                f"header/{mine}",
                document=waybill.id,
                field=mine,
                found=str(document.header.get(mine)),
                expected=str(waybill.document.header.get(theirs)),
                line="",
            )


def _return_in(run: Run, stored: StoredDocument) -> None:
    book, document = run.book, stored.document
    waybill = run.cited(document.header["waybill"], "waybill")
    _check_units(document, waybill)
    holder = run.holder(stored)
    if run.party(waybill, "sender") != holder:
        raise Conflict(
            f"{waybill.id} was sent by {run.party(waybill, 'sender')}, not by {holder}",
            code="not_the_sender",
            document=waybill.id,
            found=holder,
            expected=run.party(waybill, "sender"),
        )
    for line in document.lines:
        missing = line["quantity"]
        for allowance in _away(book, waybill.id, line["waybill_line"], line.get("lot")):
            take = min(missing, allowance.left)
            if take <= 0:
                continue
            allowances.draw(book, allowance.key, take, line["unit"])
            book.post(
                run.context,
                allowance.returns,
                take,
                line["line"],
                source=(WORLD, World.EXIT),
                target=(holder, Status.FREE),
            )
            missing -= take
        if missing > 0:
            raise Conflict(
                f"line {line['line']}: {plain(line['quantity'])} {line['unit']} come back, but only "
                f"{plain(line['quantity'] - missing)} of what left by {waybill.id} line {line['waybill_line']} "
                f"are still away",
                code="return_exceeds_exit",
                line=str(line["line"]),
                document=waybill.id,
                found=plain(line["quantity"]),
                expected=plain(line["quantity"] - missing),
                unit=line["unit"],
            )


def _away(book: Book, waybill: str, line: int, lot: str | None) -> list[Allowance]:
    """What left by a line of a waybill, then what was settled as having left beside it."""
    found = [
        allowance
        for allowance in book.allowances.values()
        if (allowance.document_id, allowance.line) == (waybill, line)
        and allowance.returns
        and lot in {None, "", allowance.returns}
    ]
    return sorted(found, key=lambda each: each.purpose)


def _grant(run: Run, stored: StoredDocument) -> None:
    purpose = "licence" if stored.kind == "licence" else "export"
    for line in stored.document.lines:
        allowances.grant(
            run.book,
            Allowance(stored.id, line["line"], purpose, line["commodity_code"], line["unit"], line["quantity"]),
        )


def _withdraw_grant(run: Run, stored: StoredDocument) -> None:
    allowances.withdraw(run.book, stored.id)


def _close_expected(run: Run, stored: StoredDocument) -> None:
    expected_id = stored.document.header["notice_of"]
    expected = run.book.documents.get(expected_id)
    if expected is None or expected.kind not in {"transit_declaration", "partner_export_notice"}:
        raise NotFound(
            f"no transit or partner notice {expected_id} in the books",
            code="unknown_document",
            document=expected_id,
            kind="transit_declaration, partner_export_notice",
        )
    late = expected.state == "overdue"
    if not run.follow(expected, "arrive"):
        run.say("arrived_before", Severity.WARNING, "header/notice_of", document=expected_id, state=expected.state)
    elif late:
        run.say("arrived_late", Severity.NOTICE, "header/notice_of", document=expected_id)


def _close_export(run: Run, stored: StoredDocument) -> None:
    waybill = run.cited(stored.document.header["waybill"], "waybill")
    _check_units(stored.document, waybill)
    for line in stored.document.lines:
        sent = waybill.document.line(line["waybill_line"])
        assert sent is not None
        if line["quantity"] != sent["quantity"]:
            run.say(
                "receipt_differs",
                Severity.WARNING,
                f"line/{line['line']}/quantity",
                line=str(line["line"]),
                document=waybill.id,
                found=plain(line["quantity"]),
                expected=plain(sent["quantity"]),
            )
    if not run.follow(waybill, "close"):
        run.say("receipt_without_exit", Severity.WARNING, "header/waybill", document=waybill.id, state=waybill.state)


def _reverse(run: Run, stored: StoredDocument) -> None:
    """Counter-post everything the document did, newest first; refused once its goods have moved on."""
    book = run.book
    # A document posted in this very batch has nothing in the store yet: its postings stand in the changes.
    past = [
        *book.past_postings.get(stored.id, ()),
        *(posting for posting in book.changes.postings if posting.document_id == stored.id),
    ]
    undone = {posting.reverses for posting in past if posting.reverses}
    for posting in reversed([each for each in past if not each.reverses and each.key not in undone]):
        holder, status = posting.to_holder, posting.to_status
        if holder != WORLD:
            there = getattr(book.balance(posting.lot_id, holder), status)
            if there < posting.quantity:
                raise Conflict(
                    f"lot {posting.lot_id} at firm {holder} has {plain(there)} {status}, {plain(posting.quantity)} "
                    f"would have to go back: what moved on must come back first",
                    code="moved_on",
                    lot=posting.lot_id,
                    holder=holder,
                    found=plain(there),
                    expected=plain(posting.quantity),
                    status=status,
                )
        book.post(
            run.context,
            posting.lot_id,
            posting.quantity,
            posting.line,
            source=(holder, status),
            target=(posting.from_holder, posting.from_status),
            reverses=posting.key,
        )


EFFECTS: dict[str, Callable[[Run, StoredDocument], None]] = {
    "none": _nothing,
    "birth": _birth,
    "produce": _produce,
    "reserve": _reserve,
    "unreserve": _unreserve,
    "move": _move,
    "depart": _depart,
    "leave": _leave,
    "match_waybill": _match_waybill,
    "set_aside": _set_aside,
    "write_off": _write_off,
    "return_in": _return_in,
    "grant": _grant,
    "withdraw_grant": _withdraw_grant,
    "close_expected": _close_expected,
    "close_export": _close_export,
    "reverse": _reverse,
    "seize": _seize,
    "leave_held": _leave_held,
}
