"""Commands at random: every kind that touches goods, in and out of order, right and wrong.

One `random.Random` makes them all, so that a seed printed is a run repeated. What is made
leans on what the books hold, read from a store in memory, or nearly all would be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from builders import (
    BUYER,
    CABLE,
    CHIP,
    GATEWAY,
    IMPORTER,
    KZ,
    MAKER,
    OFFICER,
    OTHER_OFFICER,
    ROUTER,
    TRADER,
    a_document,
    a_waybill,
    act,
    an_entry,
    an_invoice,
    filed,
    filer,
    goods,
    made,
    party,
)
from keruen.model.actor import SYSTEM, Actor, Role
from keruen.model.document import Action, Command, Document, Filing, StoredDocument
from keruen.store.memory import MemoryStore

FIRMS = (IMPORTER, TRADER, MAKER)
CODES = (CHIP, CABLE, ROUTER)
ORIGINS = ("CN", "MY", "DE")
AMOUNTS = ("1", "2", "3", "5", "8", "0.5", "0.000001", "20")
T = TypeVar("T")


class Trade:
    """Makes commands on the books of one store in memory.

    Args:
        random: Where every choice comes from.
        store: The books as they stand, read only.
        day: Today, as the documents are dated.
    """

    def __init__(self, random: Random, store: MemoryStore, day: date = date(2025, 3, 4)) -> None:
        self.random = random
        self.store = store
        self.day = day
        self.count = 0
        self.sent: list[Command] = []
        self.makers: tuple[tuple[int, Callable[[], Command | None]], ...] = (
            (10, self.entry),
            (10, self.transfer),
            (8, self.export),
            (6, self.correction),
            (24, self.action),
            (8, self.answer),
            (6, self.approval),
            (5, self.correction_of_open),
            (2, self.exit),
            (5, self.exit_of_left),
            (3, self.declaration),
            (3, self.come_back),
            (5, self.write_off),
            (3, self.opening),
            (5, self.stock_correction),
            (4, self.detention),
            (3, self.recipe),
            (10, self.production),
            (3, self.licence),
            (4, self.invoice),
            (5, self.application),
            (2, self.receipt),
            (2, self.notice),
            (2, self.arrival),
            (3, self.repeat),
            (2, self.key_conflict),
            (1, self.unknown),
        )

    # -- choosing ----------------------------------------------------------------------------

    def pick(self, options: Sequence[T]) -> T:
        return options[self.random.randrange(len(options))]

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def amount(self, most: Decimal | None = None) -> str:
        if most is not None and most > 0 and self.chance(40):
            return str(most if self.chance(60) else most / 2 if most % 2 == 0 else most)
        return "0" if self.chance(3) else self.pick(AMOUNTS)

    def id(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}-{self.count}"

    def documents(self, kind: str, *states: str, **header: str) -> list[StoredDocument]:
        return [
            stored
            for _, stored in sorted(self.store.state.documents.items())
            if stored.kind == kind
            and (not states or stored.state in states)
            and all(stored.document.header.get(name) == value for name, value in header.items())
        ]

    def one(self, kind: str, *states: str, **header: str) -> StoredDocument | None:
        found = self.documents(kind, *states, **header)
        return self.pick(found) if found else None

    def free(self, holder: str = "") -> list[tuple[str, str, Decimal]]:
        """(lot, holder, free) of what somebody has free."""
        return [
            (lot, who, amounts[0])
            for (lot, who), amounts in sorted(self.store.state.balances.items())
            if amounts[0] > 0 and holder in {"", who}
        ]

    # -- a command, a batch ------------------------------------------------------------------

    def command(self) -> Command:
        """One command, likely one that makes sense."""
        total = sum(weight for weight, _ in self.makers)
        while True:
            place = self.random.randrange(total)
            for weight, maker in self.makers:
                if place < weight:
                    found = maker()
                    break
                place -= weight
            if found is not None:
                self.sent.append(found)
                return found

    def batch(self, most: int = 4) -> list[Command]:
        """Some commands, neighbours of them perhaps linked."""
        commands = [self.command() for _ in range(1 + self.random.randrange(most))]
        if len(commands) > 1 and self.chance(25):
            self.count += 1
            start = self.random.randrange(len(commands) - 1)
            end = start + 2 + self.random.randrange(len(commands) - start - 1)
            commands[start:end] = [each._replace(group=f"g{self.count}") for each in commands[start:end]]
        return commands

    # -- filings -----------------------------------------------------------------------------

    def filed(self, document: Document, right: Actor, **more: Any) -> Filing:
        """A filing, now and then by somebody who may not."""
        wrong = (filer(self.pick(FIRMS)), OFFICER, Actor("auditor-1", "authority", Role.AUDITOR))
        return filed(document, self.pick(wrong) if self.chance(4) else right, **more)

    def entry(self) -> Command:
        lines = [
            made(self.amount(), self.pick(CODES), self.pick(ORIGINS), **({"unit": "KGM"} if self.chance(8) else {}))
            for _ in range(1 + self.random.randrange(2))
        ]
        more: dict[str, Any] = {}
        notice = self.one("partner_export_notice")
        if notice is not None and self.chance(40):
            more["partner_document"] = notice.id
        importer = self.pick(FIRMS)
        return self.filed(
            an_entry(self.id("ED"), *lines, importer=importer, issued_on=self._day(), **more),
            GATEWAY if self.chance(50) else filer(importer),
        )

    def _day(self) -> date:
        return self.day - timedelta(days=self.random.randrange(3)) if self.chance(10) else self.day

    def _line(self, holder: str) -> dict[str, Any]:
        """A line on goods the holder has, mostly."""
        have = self.free(holder)
        if not have or self.chance(10):
            return goods(self.amount(), self.pick(CODES))
        lot_id, _, amount = self.pick(have)
        lot = self.store.state.lots[lot_id]
        line = goods(self.amount(amount), lot.commodity_code, unit=lot.unit)
        if self.chance(40):
            line["lot"] = lot_id
        if self.chance(10):
            line["origin_country"] = self.pick(ORIGINS)
        return line

    def _holder(self) -> str:
        have = self.free()
        return self.pick(have)[1] if have and self.chance(90) else self.pick(FIRMS)

    def _lines(self, holder: str) -> list[dict[str, Any]]:
        return [self._line(holder) for _ in range(1 + (self.chance(35)))]

    def _licensed(self, line: dict[str, Any], percent: int) -> dict[str, Any]:
        licence = self.one("licence")
        if licence is not None and self.chance(percent):
            line["licence"] = licence.id
            if self.chance(30):
                line["licence_line"] = 1
        return line

    def transfer(self) -> Command:
        sender = self._holder()
        lines = [self._licensed(line, 15) for line in self._lines(sender)]
        document = a_waybill(self.id("WB"), *lines, sender=sender, receiver=self.pick(FIRMS), issued_on=self._day())
        return self.filed(document, filer(sender), draft=self.chance(12))

    def export(self) -> Command | None:
        application = self.one("export_application", "approved") if self.chance(70) else None
        if application is None:
            sender = self._holder()
            lines = [self._licensed(line, 30) for line in self._lines(sender)]
            more: dict[str, Any] = {}
            if self.chance(25):
                cited = self.one("export_application")
                more["application"] = cited.id if cited is not None and self.chance(60) else f"EA-{self.count + 2}"
        else:
            sender = str(application.document.header["exporter_id"])
            more = {"application": application.id}
            lines = []
            for approved in application.document.lines:
                line = goods(self.amount(approved["quantity"]), approved["commodity_code"], unit=approved["unit"])
                line["application_line"] = approved["line"]
                if self.chance(60):
                    line["lot"] = approved["lot"]
                lines.append(line)
        document = a_waybill(
            self.id("WB"),
            *lines,
            sender=sender,
            receiver=BUYER,
            movement="export",
            country="UZ",
            destination_country="UZ",
            issued_on=self._day(),
            **more,
        )
        return self.filed(document, filer(sender), draft=self.chance(12))

    def correction(self) -> Command | None:
        """A new version of a waybill or an invoice."""
        return self._corrected(self.one(self.pick(("waybill", "waybill", "waybill", "invoice"))))

    def correction_of_open(self) -> Command | None:
        """A new version of a waybill still under way."""
        return self._corrected(self.one("waybill", "draft", "sent", "viewed", "held"))

    def _corrected(self, stored: StoredDocument | None) -> Command | None:  # noqa: C901 - a list of chances
        if stored is None:
            return None
        document = stored.document
        header = dict(document.header)
        lines = [dict(line) for line in document.lines]
        for line in lines:
            if self.chance(60):
                line["quantity"] = Decimal(self.amount(line["quantity"]))
            if stored.kind == "waybill" and self.chance(25):
                line.pop("licence", None)
                line.pop("licence_line", None)
            if stored.kind == "waybill":
                self._licensed(line, 10)
        if self.chance(15) and stored.kind == "waybill":
            lines.append({**self._line(str(header["sender_id"])), "line": len(lines) + 1})
        elif len(lines) > 1 and self.chance(20):
            lines.pop()
        if self.chance(10):
            header["receiver_id"] = self.pick(FIRMS)
        if stored.kind == "invoice" and self.chance(40):
            waybill = self.one("waybill")
            if waybill is not None:
                header["waybill"] = waybill.id
        if document.movement == "export" and self.chance(30):
            other = self.one("export_application")
            if other is not None:
                header["application"] = other.id
        version = document.version + (1 if self.chance(92) else self.pick((0, 2)))
        after = Document(document.kind, document.id, version, header, tuple(lines))
        return self.filed(after, filer(str(header["sender_id"])), draft=self.chance(10))

    def invoice(self) -> Command | None:
        have = self.free()
        if not have:
            return None
        lot_id, sender, amount = self.pick(have)
        lot = self.store.state.lots[lot_id]
        more: dict[str, Any] = {}
        waybill = self.one("waybill")
        if waybill is not None and self.chance(50):
            more["waybill"] = waybill.id
        line = {**made(self.amount(amount), lot.commodity_code, lot.origin_country), "unit": lot.unit}
        return self.filed(
            an_invoice(self.id("INV"), line, sender=sender, receiver=BUYER, country="UZ", **more), filer(sender)
        )

    def application(self) -> Command | None:
        """An application whose copies agree, for goods entered by a declaration and invoiced."""
        invoice = self.one("invoice", "issued")
        if invoice is None:
            return None
        exporter = str(invoice.document.header["sender_id"])
        sold = invoice.document.lines[0]
        lots = [self.store.state.lots[lot_id] for lot_id, _, _ in self.free(exporter)]
        lots = [lot for lot in lots if (lot.commodity_code, lot.unit) == (sold["commodity_code"], sold["unit"])]
        if not lots:
            return None
        lot = self.pick(lots)
        line = {
            **goods(str(sold["quantity"]), lot.commodity_code, unit=lot.unit),
            "origin_country": lot.origin_country,
            "manufacture_country": lot.manufacture_country,
            "invoice": invoice.id,
            "invoice_line": sold["line"],
            "invoice_copy_quantity": sold["quantity"],
            "invoice_copy_unit": sold["unit"],
            "invoice_copy_value": sold["value"],
            "invoice_copy_currency": sold["currency"],
            "invoice_copy_origin_country": sold["origin_country"],
            "declaration": lot.document_id,
            "declaration_line": lot.line,
            "declaration_copy_commodity_code": lot.commodity_code,
            "declaration_copy_quantity": lot.entered,
            "declaration_copy_unit": lot.unit,
            "declaration_copy_origin_country": lot.origin_country,
            "declaration_copy_manufacture_country": lot.manufacture_country,
            "lot": lot.lot_id,
        }
        if self.chance(8):
            line["invoice_copy_value"] = Decimal(1)
        document = a_document(
            "export_application",
            self.id("EA"),
            [self._licensed(line, 35)],
            destination_country="UZ",
            **party("exporter", exporter),
            **party("consignee", BUYER, "UZ"),
        )
        return self.filed(document, filer(exporter))

    def exit(self) -> Command | None:
        """The border post saw goods leave."""
        waybill = self.one("waybill", movement="export")
        return self._exit(waybill) if waybill is not None else None

    def exit_of_left(self) -> Command | None:
        """Goods leave under a waybill that let them go."""
        waybill = self.one("waybill", "released", "exit_overdue", "held", movement="export")
        return self._exit(waybill) if waybill is not None else None

    def _exit(self, waybill: StoredDocument) -> Command:
        lines = [
            {"waybill_line": line["line"], "quantity": Decimal(self.amount(line["quantity"])), "unit": line["unit"]}
            for line in waybill.document.lines
        ]
        return self.filed(
            a_document("exit_notice", self.id("EX"), lines, waybill=waybill.id, exit_place="KZ-1", exited_on=self.day),
            OFFICER,
        )

    def declaration(self) -> Command | None:
        waybill = self.one("waybill", movement="export")
        if waybill is None:
            return None
        exporter = str(waybill.document.header["sender_id"])
        lines = [
            {**made(str(line["quantity"]), line["commodity_code"]), "unit": line["unit"], "waybill_line": line["line"]}
            for line in waybill.document.lines
        ]
        return self.filed(
            a_document(
                "export_declaration",
                self.id("XD"),
                lines,
                waybill=waybill.id,
                destination_country="UZ",
                **party("exporter", exporter),
                **party("consignee", BUYER, "UZ"),
            ),
            filer(exporter),
        )

    def come_back(self) -> Command | None:
        waybill = self.one("waybill", "left", "closed", "released") or self.one("waybill", movement="export")
        if waybill is None:
            return None
        exporter = str(waybill.document.header["sender_id"])
        lines = [
            {"waybill_line": line["line"], "quantity": Decimal(self.amount(line["quantity"])), "unit": line["unit"]}
            for line in waybill.document.lines
        ]
        return self.filed(
            a_document(
                "return",
                self.id("RT"),
                lines,
                waybill=waybill.id,
                reason="buyer_refused",
                **party("exporter", exporter),
            ),
            filer(exporter),
        )

    def write_off(self) -> Command:
        holder = self._holder()
        return self.filed(
            a_document(
                "write_off",
                self.id("WO"),
                self._lines(holder),
                issued_on=self._day(),
                reason=self.pick(("retail_sale", "theft", "sample", "natural_shrinkage")),
                **party("holder", holder),
            ),
            filer(holder),
        )

    def opening(self) -> Command:
        holder = self.pick(FIRMS)
        return self.filed(
            a_document(
                "opening_balance",
                self.id("OB"),
                [made(self.amount(), self.pick(CODES), self.pick(ORIGINS))],
                reason="opening",
                **party("holder", holder),
            ),
            filer(holder) if self.chance(60) else OFFICER,
        )

    def stock_correction(self) -> Command:
        holder = self._holder()
        if self.chance(40):
            lines = [
                {
                    **goods(self.amount(), self.pick(CODES)),
                    "origin_country": self.pick(ORIGINS),
                    "manufacture_country": self.pick(ORIGINS),
                }
            ]
            direction = "increase"
        else:
            lines, direction = [], "decrease"
            for line in self._lines(holder):
                lot = self.store.state.lots.get(line.get("lot", ""))
                origin = lot.origin_country if lot else line.get("origin_country", self.pick(ORIGINS))
                lines.append({**line, "origin_country": origin, "manufacture_country": origin})
        return self.filed(
            a_document(
                "correction", self.id("CO"), lines, direction=direction, reason="recount", **party("holder", holder)
            ),
            filer(holder),
        )

    def detention(self) -> Command | None:
        have = self.free()
        if not have:
            return None
        lot_id, holder, amount = self.pick(have)
        lot = self.store.state.lots[lot_id]
        line = {
            "commodity_code": lot.commodity_code,
            "quantity": Decimal(self.amount(amount)),
            "unit": lot.unit,
            "lot": lot_id,
        }
        return self.filed(
            a_document("detention_order", self.id("DO"), [line], note="suspicion", **party("holder", holder)), OFFICER
        )

    def recipe(self) -> Command:
        maker = self.pick(FIRMS)
        lines: list[dict[str, Any]] = [
            {"commodity_code": code, "unit": "H87", "quantity_min": Decimal(least), "quantity_max": Decimal(most)}
            for code, least, most in (
                (CHIP, self.pick(("0", "1", "0.5")), self.pick(("2", "1"))),
                (CABLE, "0", self.pick(("1", "3"))),
            )
        ][: 1 + self.chance(50)]
        if self.chance(50):
            lines.append({**lines[0], "commodity_code": CABLE, "role": "by_product", "quantity_max": Decimal(9)})
        return self.filed(
            a_document("recipe", self.id("RE"), lines, output_code=ROUTER, output_unit="H87", **party("maker", maker)),
            filer(maker),
        )

    def production(self) -> Command | None:
        able = {holder for lot, holder, _ in self.free() if self.store.state.lots[lot].commodity_code == CHIP}
        ready = [each for each in self.documents("recipe", "approved") if each.document.header["maker_id"] in able]
        recipe = self.pick(ready) if ready and self.chance(92) else self.one("recipe")
        if recipe is None:
            return None
        maker = str(recipe.document.header["maker_id"])
        output = Decimal(self.pick(("1", "2", "0.5")))
        lines: list[dict[str, Any]] = []
        for component in recipe.document.lines:
            if component.get("role") == "by_product":
                continue
            wanted = self.pick((component["quantity_min"], component["quantity_max"])) * output
            halves = (wanted,) if self.chance(60) or wanted <= 1 else (wanted - 1, Decimal(1))
            for quantity in halves:
                if quantity > 0 or self.chance(10):
                    line = {**goods(str(quantity), component["commodity_code"]), "role": "input"}
                    lots = [
                        lot
                        for lot, _, _ in self.free(maker)
                        if self.store.state.lots[lot].commodity_code == component["commodity_code"]
                    ]
                    if lots and self.chance(30):
                        line["lot"] = self.pick(lots)
                    lines.append(line)
        lines.append({**goods(str(output), ROUTER), "role": "output"})
        if self.chance(25):
            lines.append({**goods(self.amount(), CABLE), "role": "by_product"})
        return self.filed(
            a_document("production_report", self.id("PR"), lines, recipe=recipe.id, **party("maker", maker)),
            filer(maker),
        )

    def licence(self) -> Command:
        line = {"commodity_code": self.pick(CODES), "quantity": Decimal(self.pick(("3", "10", "50"))), "unit": "H87"}
        return self.filed(
            a_document(
                "licence",
                self.id("LI"),
                [line],
                valid_from=self.day,
                valid_until=self.day + timedelta(days=self.pick((5, 200))),
                **party("exporter", self.pick(FIRMS)),
            ),
            OFFICER,
        )

    def receipt(self) -> Command | None:
        waybill = self.one("waybill", movement="export")
        if waybill is None:
            return None
        lines = [
            {"waybill_line": line["line"], "quantity": line["quantity"], "unit": line["unit"]}
            for line in waybill.document.lines
        ]
        return self.filed(
            a_document(
                "receipt_report",
                self.id("RR"),
                lines,
                waybill=waybill.id,
                received_on=self.day,
                **party("receiver", BUYER, "UZ"),
            ),
            OFFICER,
        )

    def notice(self) -> Command:
        return self.filed(
            a_document(
                "partner_export_notice",
                self.id("PN"),
                [goods(self.amount(), self.pick(CODES))],
                partner_country="CN",
                exported_on=self.day,
                **party("sender", "CN-1", "CN"),
                **party("receiver", self.pick(FIRMS)),
            ),
            OFFICER,
        )

    def arrival(self) -> Command | None:
        notice = self.one("partner_export_notice")
        if notice is None:
            return None
        return self.filed(
            a_document("arrival_notice", self.id("AN"), [], notice_of=notice.id, place="KZ-1", arrived_on=self.day),
            OFFICER,
        )

    # -- actions -----------------------------------------------------------------------------

    def action(self) -> Command | None:
        """A transition of some document, mostly one that is open, by one who may."""
        documents = [stored for _, stored in sorted(self.store.state.documents.items())]
        return self._action_on(documents)

    def answer(self) -> Command | None:
        """The receiver's, the clock's or the authority's word on a waybill under way."""
        return self._action_on(self.documents("waybill", "sent", "viewed", "released", "exit_overdue", "held"))

    def approval(self) -> Command | None:
        """An officer's word on what waits for a second person."""
        waiting = [stored for _, stored in sorted(self.store.state.documents.items()) if stored.state == "held"]
        if not waiting:
            return None
        stored = self.pick(waiting)
        name = "release" if stored.kind == "waybill" else "approve"
        return act(stored.id, name, self.pick((OFFICER, OTHER_OFFICER)), id=self.id(f"A:{stored.id}:{name}"))

    def _action_on(self, documents: list[StoredDocument]) -> Command | None:
        if not documents:
            return None
        lively = [
            stored
            for stored in documents
            if any(
                arrow.name != "review"
                for arrow in KZ.kind(stored.kind).open_transitions(stored.state, stored.document.header)
            )
        ]
        stored = self.pick(lively) if lively and self.chance(95) else self.pick(documents)
        kind = KZ.kind(stored.kind)
        header = stored.document.header
        arrows = [
            arrow
            for arrow in kind.open_transitions(stored.state, header)
            if arrow.by != {"document"} and (arrow.name != "review" or self.chance(5))
        ]
        if arrows and self.chance(94):
            arrow = self.pick(arrows)
            name, actor = arrow.name, self._actor(sorted(arrow.by), header)
        elif kind.transitions:
            arrow = self.pick(kind.transitions)
            name, actor = arrow.name, self._actor(sorted(arrow.by), header)
        else:
            return None
        if self.chance(4):
            actor = self.pick((filer(self.pick(FIRMS)), SYSTEM, OFFICER))
        quantities: Mapping[int, str] | None = None
        if name.startswith("confirm") and self.chance(45):
            quantities = {
                line["line"]: self.amount(line["quantity"]) for line in stored.document.lines if self.chance(85)
            }
            if self.chance(5):
                quantities = {**quantities, 7: "1"}
        return act(
            stored.id,
            name,
            actor,
            reason="" if self.chance(3) else "because",
            quantities=quantities,
            id=self.id(f"A:{stored.id}:{name}"),
        )

    def _actor(self, by: list[str], header: Mapping[str, Any]) -> Actor:
        role = self.pick(by)
        if role == "authority":
            return self.pick((OFFICER, OTHER_OFFICER))
        if role == "system":
            return SYSTEM
        return filer(str(header.get(f"{role}_id", TRADER)))

    def unknown(self) -> Command:
        """An action on a document nobody filed."""
        return act("WB-none", "confirm", filer(TRADER), id=self.id("A"))

    def repeat(self) -> Command | None:
        return self.pick(self.sent)._replace(group="") if self.sent else None

    def key_conflict(self) -> Command | None:
        """The key of a command that was sent, with other content."""
        filings = [command for command in self.sent if isinstance(command, Filing)]
        actions = [command for command in self.sent if isinstance(command, Action)]
        if actions and self.chance(40):
            first = self.pick(actions)
            return act(first.document_id, first.transition, first.actor, reason="another", id=first.id)
        if not filings:
            return None
        document = self.pick(filings).document
        return filed(document._replace(header={**document.header, "note": f"other {self.count}"}), GATEWAY)
