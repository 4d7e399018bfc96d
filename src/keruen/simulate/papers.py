"""The papers: one method a document kind, each filing one record and answering its id.

Everything that knows the fields of the profile stands here; flows and schemes say who does what
and when. A `Desk` belongs to one stream (honest trade, or one scheme): its ids and its draws are its
own, so streams never disturb each other. Nothing in an id tells the stream.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from keruen.simulate import calibration, wares
from keruen.simulate.calendar import DAY, iso_date, iso_day
from keruen.simulate.draws import scattered, stream

if TYPE_CHECKING:
    from random import Random

    from keruen.simulate.economy import Firm

Record = dict[str, Any]
Sink = Callable[[int, Record, int], None]
"""Takes the instant, the record and how many document lines it counts for."""
LANES = 32
_BITS = 40
_MASK = (1 << _BITS) - 1
POSTS = ("KZKHG", "KRN-KAIRAK", "KRN-SYRYM", "KZALA", "KZAST", "KRN-KOSAK", "KRN-SHARBAKTY", "KRN-AUYL")
EXITS = {
    "RU": ("KRN-KAIRAK", "KRN-SYRYM", "KRN-SHARBAKTY", "KRN-ZHAISAN"),
    "KG": ("KZALA",),
    "UZ": ("KZCIT",),
    "CN": ("KZKHG",),
}
PREFIX = {
    "entry_declaration": "DT",
    "recipe": "REC",
    "production_report": "MNF",
    "waybill": "SNT",
    "invoice": "ESF",
    "export_application": "APP",
    "export_declaration": "ED",
    "exit_notice": "EXT",
    "transit_declaration": "TD",
    "arrival_notice": "ARR",
    "partner_export_notice": "PEN",
    "receipt_report": "DLV",
    "licence": "LIC",
    "end_user_statement": "EUS",
    "write_off": "WO",
    "opening_balance": "OB",
    "correction": "COR",
    "return": "RET",
    "action": "ACT",
}


class Lot(NamedTuple):
    """Goods born by one line; how much of them someone still has is a `Holding`."""

    id: str
    goods: calibration.Goods
    origin: str
    made: str
    maker: str
    model: str
    text: str
    document: str
    line: int
    entered: int


class Holding:
    """What a script still has of a lot. It is the script's own and gone with it."""

    __slots__ = ("left", "lot")

    def __init__(self, lot: Lot, left: int) -> None:
        self.lot = lot
        self.left = left


class Ware(NamedTuple):
    """Goods about to enter: what, how much, made where and by whom, called what."""

    goods: calibration.Goods
    quantity: int
    origin: str
    made: str
    maker: str
    model: str
    text: str
    price: float = 1.0
    """Times the usual value."""


def money(cents: int) -> str:
    """Cents as text."""
    return f"{cents // 100}.{cents % 100:02d}"


def grams(weight: int) -> str:
    """Grams as kilograms in text, without trailing noughts."""
    whole, rest = divmod(weight, 1000)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)


class Transport:
    """Who carries: carriers, drivers with their numbers, vehicles."""

    def __init__(self, carriers: Sequence[Firm], drivers: Sequence[tuple[str, str]], vehicles: Sequence[str]) -> None:
        self.carriers, self.drivers, self.vehicles = carriers, drivers, vehicles


class Numbers:
    """Numbers of one lane: never met in another, and in no order that tells the lane."""

    def __init__(self, seed: str, lane: int) -> None:
        self._salt = stream(seed, "ids").getrandbits(_BITS)
        self._lane, self._count = lane, 0

    def next(self) -> int:
        """The next number, below 2**40."""
        self._count += 1
        return scattered((self._count * LANES + self._lane + self._salt) & _MASK, _BITS)


class Desk:
    """Files the records of one stream."""

    def __init__(
        self,
        rng: Random,
        numbers: Numbers,
        sink: Sink,
        transport: Transport,
        brokers: Sequence[Firm],
        officers: Sequence[str],
    ) -> None:
        self.rng = rng
        self._numbers = numbers
        self.sink = sink
        self.transport = transport
        self.brokers = brokers
        self.officers = officers

    def new_id(self, kind: str, now: int) -> str:
        """A number for a document: kind, month, and ten digits that give nothing away."""
        day = iso_day(now // DAY)
        return f"{PREFIX[kind]}-{day[2:4]}{day[5:7]}-{self._numbers.next():010X}"

    def ware(self, goods: calibration.Goods, country: str, value_cents: int) -> Ware:
        """Goods from a supplier's country for about so much money, with a maker and a place of making."""
        rng = self.rng
        quantity = max(1, int(value_cents / goods.unit_cents))
        text = goods.descriptions[int(len(goods.descriptions) * rng.random())]
        found = wares.makers(goods.hs6)
        if not found:
            made = country if rng.random() < 0.8 else "CN"  # noqa: PLR2004 - a share
            return Ware(goods, quantity, made, made, "", "", text, 0.8 + 0.45 * rng.random())
        maker = found[int(len(found) * rng.random())]
        model = maker.models[int(len(maker.models) * rng.random())]
        return Ware(
            goods,
            quantity,
            maker.country,
            maker.country,
            maker.name,
            model,
            f"{text} {model}",
            0.8 + 0.45 * rng.random(),
        )

    def _file(
        self,
        now: int,
        kind: str,
        document: str,
        body: Record,
        lines: list[Record],
        filer: tuple[str, str, str],
        *,
        issued: int | None = None,
        version: int = 1,
    ) -> str:
        record: Record = {
            "kind": kind,
            "id": document,
            "version": version,
            "issued_on": iso_date(now if issued is None else issued),
            **body,
            "lines": lines,
            "filer_role": filer[0],
            "filer_id": filer[1],
            "filer_user": filer[2],
        }
        self.sink(now, record, len(lines))
        return document

    def officer(self) -> tuple[str, str, str]:
        """An officer on duty, as filer."""
        return ("officer", "authority", self.officers[int(len(self.officers) * self.rng.random())])

    def act(
        self,
        now: int,
        document: str,
        transition: str,
        filer: tuple[str, str, str],
        why: str = "",
        quantities: Sequence[int] = (),
    ) -> str:
        """Take a document through a transition; with quantities, part of each of its lines."""
        number = self.new_id("action", now)
        record: Record = {"kind": "action", "id": number, "document": document, "transition": transition}
        if why:
            record["explanation"] = why
        record["filer_role"], record["filer_id"], record["filer_user"] = filer
        if quantities:
            record["lines"] = [
                {"line": index, "quantity": str(quantity)} for index, quantity in enumerate(quantities, 1)
            ]
        self.sink(now, record, 0)
        return number

    def approve(self, now: int, document: str, why: str = "documents agree with the record") -> str:
        """An officer of the day approves."""
        return self.act(now, document, "approve", self.officer(), why)

    def _road(self) -> Record:
        rng, transport = self.rng, self.transport
        index = int(len(transport.vehicles) * rng.random())
        driver = transport.drivers[index]
        carrier = transport.carriers[index % len(transport.carriers)]
        return {
            **carrier.party("carrier"),
            "transport_mode": "road",
            "vehicle_number": transport.vehicles[index],
            "driver_name": driver[0],
            "driver_id": driver[1],
        }

    def entry(
        self,
        now: int,
        importer: Firm,
        supplier: Firm,
        goods: Sequence[Ware],
        *,
        partner_document: str = "",
        vehicle: str = "",
        late_days: int = 0,
    ) -> list[Holding]:
        """An entry, by declaration or, from inside the union, by application; answers the lots born."""
        union = supplier.country in calibration.UNION
        number = self.new_id("entry_declaration", now)
        currency = calibration.currency_of(supplier.country)
        rate = calibration.DOLLARS[currency]
        lines, lots = [], []
        for index, ware in enumerate(goods, 1):
            kind, quantity = ware.goods, ware.quantity
            net = kind.unit_grams * quantity
            line: Record = {
                "line": index,
                "commodity_code": kind.code,
                "description": ware.text,
                "quantity": str(quantity),
                "unit": kind.unit,
                "net_mass_kg": grams(net),
                "gross_mass_kg": grams(net + net // 12 + 1),
                "value": money(max(1, int(kind.unit_cents * quantity * ware.price / rate))),
                "currency": currency,
                "origin_country": ware.origin,
                "manufacture_country": ware.made,
            }
            if ware.maker:
                line["manufacturer"], line["model"] = ware.maker, ware.model
            lines.append(line)
            lots.append(
                Holding(
                    Lot(
                        f"{number}/{index}",
                        kind,
                        ware.origin,
                        ware.made,
                        ware.maker,
                        ware.model,
                        ware.text,
                        number,
                        index,
                        quantity,
                    ),
                    quantity,
                )
            )
        body: Record = {
            **importer.party("importer"),
            **supplier.party("supplier"),
            "procedure": "union_application" if union else "import",
            "dispatch_country": supplier.country,
            "entry_place": POSTS[int(len(POSTS) * self.rng.random())],
        }
        if not union:
            body |= self.brokers[int(len(self.brokers) * self.rng.random())].party("declarant")
        if partner_document:
            body["partner_document"] = partner_document
        if vehicle:
            body["vehicle_number"] = vehicle
        if late_days:
            body["occurred_at"] = f"{iso_date(now - late_days * DAY)}T06:00:00Z"
        self._file(
            now,
            "entry_declaration",
            number,
            body,
            lines,
            ("gateway", "gateway", "gw-astana-1"),
            issued=now - late_days * DAY,
        )
        return lots

    def _waybill_lines(self, parts: Sequence[Holding], now: int) -> list[Record]:
        year = int(iso_day(now // DAY)[:4])
        lines = []
        for index, part in enumerate(parts, 1):
            lot, goods = part.lot, part.lot.goods
            line: Record = {
                "line": index,
                "commodity_code": goods.code,
                "description": lot.text,
                "quantity": str(part.left),
                "unit": goods.unit,
                "net_mass_kg": grams(goods.unit_grams * part.left),
                "value": money(calibration.tenge(year, goods.unit_cents * part.left * 6 // 5)),
                "currency": "KZT",
            }
            if goods.traced:
                line["origin_country"], line["manufacture_country"] = lot.origin, lot.made
                if lot.maker:
                    line["manufacturer"] = lot.maker
                    line["model"] = lot.model
                line["lot"] = lot.id
            lines.append(line)
        return lines

    def waybill(
        self,
        now: int,
        sender: Firm,
        receiver: Firm,
        parts: Sequence[Holding],
        *,
        shipped: int | None = None,
        related: str = "",
    ) -> tuple[str, Record]:
        """A transfer inside the country; answers its id and the record, for a later version of it."""
        number = self.new_id("waybill", now)
        day = iso_date(now if shipped is None else shipped)
        body: Record = {
            **sender.party("sender"),
            **receiver.party("receiver"),
            **self._road(),
            "movement": "transfer",
            "shipped_on": day,
        }
        if related:
            body["related_document"] = related
        record: Record = {
            "kind": "waybill",
            "id": number,
            "version": 1,
            "issued_on": day,
            **body,
            "lines": self._waybill_lines(parts, now),
            "filer_role": "filer",
            "filer_id": sender.id,
            "filer_user": sender.user,
        }
        self.sink(now, record, len(parts))
        return number, record

    def resend(self, now: int, record: Record) -> None:
        """File a record again, as it stands."""
        self.sink(now, dict(record), len(record["lines"]))

    def invoice(
        self,
        now: int,
        sender: Firm,
        receiver: Firm,
        parts: Sequence[Holding],
        waybill: str = "",
        currency: str = "KZT",
        price: float = 1.2,
    ) -> tuple[str, list[Record]]:
        """An invoice, of a waybill or before one; answers its id and lines, which an application copies."""
        number = self.new_id("invoice", now)
        year = int(iso_day(now // DAY)[:4])
        lines = []
        for index, part in enumerate(parts, 1):
            goods = part.lot.goods
            cents = int(goods.unit_cents * part.left * price)
            value = calibration.tenge(year, cents) if currency == "KZT" else int(cents / calibration.DOLLARS[currency])
            line: Record = {
                "line": index,
                "commodity_code": goods.code,
                "description": part.lot.text,
                "quantity": str(part.left),
                "unit": goods.unit,
                "value": money(max(1, value)),
                "currency": currency,
            }
            if goods.traced:
                line["origin_country"], line["manufacture_country"] = part.lot.origin, part.lot.made
            if waybill:
                line["waybill_line"] = index
            lines.append(line)
        body: Record = {**sender.party("sender"), **receiver.party("receiver")}
        if waybill:
            body["waybill"] = waybill
        self._file(now, "invoice", number, body, lines, ("filer", sender.id, sender.user))
        return number, lines

    def export_waybill(
        self,
        now: int,
        exporter: Firm,
        consignee: Firm,
        parts: Sequence[Holding],
        *,
        application: str = "",
        licence: str = "",
        seal: str = "",
        destination: str = "",
    ) -> str:
        """A waybill out of the country; it cites its application line by line where there is one."""
        number = self.new_id("waybill", now)
        destination = destination or consignee.country
        lines = self._waybill_lines(parts, now)
        if application:
            for line in lines:
                line["application_line"] = line["line"]
        if licence:
            for line in lines:
                line["licence"], line["licence_line"] = licence, line["line"]
        body: Record = {
            **exporter.party("sender"),
            **consignee.party("receiver"),
            **self._road(),
            "movement": "export",
            "shipped_on": iso_date(now),
            "destination_country": destination,
            "exit_place": self.exit_place(destination),
        }
        if application:
            body["application"] = application
        if seal:
            body["seal_number"] = seal
        return self._file(now, "waybill", number, body, lines, ("filer", exporter.id, exporter.user))

    def exit_place(self, destination: str) -> str:
        """Where goods for a country usually leave."""
        places = EXITS.get(destination, POSTS)
        return places[int(len(places) * self.rng.random())]

    def export_declaration(
        self, now: int, exporter: Firm, consignee: Firm, parts: Sequence[Holding], waybill: str
    ) -> str:
        """The declaration of goods that leave the union."""
        currency = calibration.currency_of(consignee.country)
        lines = []
        for index, part in enumerate(parts, 1):
            lot, goods = part.lot, part.lot.goods
            value = int(goods.unit_cents * part.left * 1.25 / calibration.DOLLARS[currency])
            lines.append(
                {
                    "line": index,
                    "waybill_line": index,
                    "commodity_code": goods.code,
                    "description": lot.text,
                    "quantity": str(part.left),
                    "unit": goods.unit,
                    "net_mass_kg": grams(goods.unit_grams * part.left),
                    "value": money(max(1, value)),
                    "currency": currency,
                    "origin_country": lot.origin,
                    "manufacture_country": lot.made,
                }
            )
        broker = self.brokers[int(len(self.brokers) * self.rng.random())]
        body: Record = {
            **exporter.party("exporter"),
            **consignee.party("consignee"),
            **broker.party("declarant"),
            "waybill": waybill,
            "destination_country": consignee.country,
            "exit_place": self.exit_place(consignee.country),
            "transport_mode": "road",
        }
        return self._file(
            now,
            "export_declaration",
            self.new_id("export_declaration", now),
            body,
            lines,
            ("filer", broker.id, broker.user),
        )

    def _quantities(self, parts: Sequence[Holding]) -> list[Record]:
        return [
            {"line": index, "waybill_line": index, "quantity": str(part.left), "unit": part.lot.goods.unit}
            for index, part in enumerate(parts, 1)
        ]

    def exit_notice(self, now: int, waybill: str, parts: Sequence[Holding], country: str) -> str:
        """The border says that the goods left."""
        return self._file(
            now,
            "exit_notice",
            self.new_id("exit_notice", now),
            {"waybill": waybill, "exit_place": self.exit_place(country), "exited_on": iso_date(now)},
            self._quantities(parts),
            ("gateway", "gateway", "gw-border-1"),
        )

    def receipt_report(self, now: int, waybill: str, receiver: Firm, parts: Sequence[Holding]) -> str:
        """The far side says that the goods arrived."""
        filer = ("partner", f"{receiver.country}-customs", f"{receiver.country.lower()}-gateway")
        return self._file(
            now,
            "receipt_report",
            self.new_id("receipt_report", now),
            {**receiver.party("receiver"), "waybill": waybill, "received_on": iso_date(now - DAY // 2)},
            self._quantities(parts),
            filer,
        )

    def return_of(self, now: int, exporter: Firm, waybill: str, parts: Sequence[Holding], reason: str) -> str:
        """Goods that left are said to have come back."""
        return self._file(
            now,
            "return",
            self.new_id("return", now),
            {
                **exporter.party("exporter"),
                "waybill": waybill,
                "reason": reason,
                "entry_place": POSTS[int(len(POSTS) * self.rng.random())],
            },
            self._quantities(parts),
            ("filer", exporter.id, exporter.user),
        )

    def end_user_statement(self, now: int, end_user: Firm, exporter: Firm, use: str) -> str:
        """A promise of use."""
        return self._file(
            now,
            "end_user_statement",
            self.new_id("end_user_statement", now),
            {
                **end_user.party("end_user"),
                **exporter.party("exporter"),
                "end_use": use,
                "valid_until": iso_date(now + 365 * DAY),
            },
            [],
            ("filer", exporter.id, exporter.user),
        )

    def licence(
        self,
        now: int,
        exporter: Firm,
        end_user: Firm,
        parts: Sequence[Holding],
        quantities: Sequence[int],
        *,
        days: int = 365,
    ) -> str:
        """A permit of the licensing body, a quantity a line."""
        lines = [
            {
                "line": index,
                "commodity_code": part.lot.goods.code,
                "quantity": str(quantity),
                "unit": part.lot.goods.unit,
            }
            for index, (part, quantity) in enumerate(zip(parts, quantities, strict=True), 1)
        ]
        return self._file(
            now,
            "licence",
            self.new_id("licence", now),
            {
                **exporter.party("exporter"),
                **end_user.party("end_user"),
                "valid_from": iso_date(now),
                "valid_until": iso_date(now + days * DAY),
                "destination_country": end_user.country,
            },
            lines,
            self.officer(),
        )

    def application(
        self,
        now: int,
        exporter: Firm,
        consignee: Firm,
        parts: Sequence[Holding],
        *,
        invoice: tuple[str, list[Record]],
        statement: str = "",
        end_user: Firm | None = None,
        licence: str = "",
        swaps: Record | None = None,
        destination: str = "",
    ) -> str:
        """An application to export listed goods; `swaps` overwrites fields of every line (origin fraud)."""
        lines = []
        for index, (part, billed) in enumerate(zip(parts, invoice[1], strict=True), 1):
            lot, goods = part.lot, part.lot.goods
            line: Record = {
                "line": index,
                "commodity_code": goods.code,
                "description": lot.text,
                "quantity": str(part.left),
                "unit": goods.unit,
                "value": billed["value"],
                "currency": billed["currency"],
                "origin_country": lot.origin,
                "manufacture_country": lot.made,
                "lot": lot.id,
                "invoice": invoice[0],
                "invoice_line": index,
                "invoice_copy_quantity": billed["quantity"],
                "invoice_copy_unit": billed["unit"],
                "invoice_copy_value": billed["value"],
                "invoice_copy_currency": billed["currency"],
                "invoice_copy_origin_country": billed["origin_country"],
                "declaration": lot.document,
                "declaration_line": lot.line,
                "declaration_copy_commodity_code": goods.code,
                "declaration_copy_quantity": str(lot.entered),
                "declaration_copy_unit": goods.unit,
                "declaration_copy_origin_country": lot.origin,
                "declaration_copy_manufacture_country": lot.made,
            }
            if lot.maker:
                line["manufacturer"], line["model"] = lot.maker, lot.model
            if licence:
                line["licence"], line["licence_line"] = licence, index
            if swaps:
                line |= swaps
            lines.append(line)
        body: Record = {
            **exporter.party("exporter"),
            **consignee.party("consignee"),
            **(end_user or consignee).party("end_user"),
            "destination_country": destination or consignee.country,
            "exit_place": self.exit_place(destination or consignee.country),
        }
        if statement:
            body["end_user_statement"] = statement
        return self._file(
            now,
            "export_application",
            self.new_id("export_application", now),
            body,
            lines,
            ("filer", exporter.id, exporter.user),
        )

    def write_off(self, now: int, holder: Firm, parts: Sequence[Holding], reason: str) -> str:
        """Goods used up, sold over the counter or lost."""
        lines = []
        for index, part in enumerate(parts, 1):
            goods = part.lot.goods
            line: Record = {
                "line": index,
                "commodity_code": goods.code,
                "description": part.lot.text,
                "quantity": str(part.left),
                "unit": goods.unit,
            }
            if goods.traced:
                line["lot"] = part.lot.id
            lines.append(line)
        return self._file(
            now,
            "write_off",
            self.new_id("write_off", now),
            {**holder.party("holder"), "reason": reason},
            lines,
            ("filer", holder.id, holder.user),
        )

    def birth(
        self, now: int, kind: str, holder: Firm, goods: Sequence[Ware], *, reason: str, note: str = ""
    ) -> tuple[str, list[Holding]]:
        """An opening balance, or a correction upwards; the lots are there once an officer approves."""
        number = self.new_id(kind, now)
        lines, lots = [], []
        for index, ware in enumerate(goods, 1):
            line: Record = {
                "line": index,
                "commodity_code": ware.goods.code,
                "description": ware.text,
                "quantity": str(ware.quantity),
                "unit": ware.goods.unit,
                "origin_country": ware.origin,
                "manufacture_country": ware.made,
            }
            if ware.maker:
                line["manufacturer"] = ware.maker
            lines.append(line)
            lots.append(
                Holding(
                    Lot(
                        f"{number}/{index}",
                        ware.goods,
                        ware.origin,
                        ware.made,
                        ware.maker,
                        "",
                        ware.text,
                        number,
                        index,
                        ware.quantity,
                    ),
                    ware.quantity,
                )
            )
        body: Record = {**holder.party("holder"), "reason": reason}
        if kind == "correction":
            body["direction"] = "increase"
        if note:
            body["note"] = note
        self._file(now, kind, number, body, lines, ("filer", holder.id, holder.user))
        return number, lots

    def decrease(self, now: int, holder: Firm, parts: Sequence[Holding], reason: str) -> str:
        """A correction downwards of goods traced by lot."""
        lines = [
            {
                "line": index,
                "commodity_code": part.lot.goods.code,
                "description": part.lot.text,
                "quantity": str(part.left),
                "unit": part.lot.goods.unit,
                "origin_country": part.lot.origin,
                "manufacture_country": part.lot.made,
                "lot": part.lot.id,
            }
            for index, part in enumerate(parts, 1)
        ]
        return self._file(
            now,
            "correction",
            self.new_id("correction", now),
            {**holder.party("holder"), "direction": "decrease", "reason": reason},
            lines,
            ("filer", holder.id, holder.user),
        )

    def recipe(
        self, now: int, maker: Firm, product: calibration.Goods, parts: Sequence[tuple[calibration.Goods, int]]
    ) -> str:
        """What one unit of a product takes, five per cent either way."""
        lines = [
            {
                "line": index,
                "commodity_code": goods.code,
                "description": goods.descriptions[0],
                "unit": goods.unit,
                "quantity_min": grams(count * 950),
                "quantity_max": grams(count * 1050),
            }
            for index, (goods, count) in enumerate(parts, 1)
        ]
        return self._file(
            now,
            "recipe",
            self.new_id("recipe", now),
            {**maker.party("maker"), "output_code": product.code, "output_unit": product.unit},
            lines,
            ("filer", maker.id, maker.user),
        )

    def production(
        self,
        now: int,
        maker: Firm,
        recipe: str,
        inputs: Sequence[Holding],
        product: calibration.Goods,
        quantity: int,
        *,
        text: str = "",
        origin: str = "KZ",
        maker_name: str = "",
    ) -> Holding:
        """Inputs become a product; answers its lot."""
        number = self.new_id("production_report", now)
        lines: list[Record] = []
        for index, part in enumerate(inputs, 1):
            goods = part.lot.goods
            line: Record = {
                "line": index,
                "role": "input",
                "commodity_code": goods.code,
                "description": part.lot.text,
                "quantity": str(part.left),
                "unit": goods.unit,
            }
            if goods.traced:
                line["lot"] = part.lot.id
            lines.append(line)
        index = len(inputs) + 1
        text = text or product.descriptions[0]
        by = maker_name or maker.name
        lines.append(
            {
                "line": index,
                "role": "output",
                "commodity_code": product.code,
                "description": text,
                "quantity": str(quantity),
                "unit": product.unit,
                "origin_country": origin,
                "manufacture_country": origin,
                "manufacturer": by,
            }
        )
        self._file(
            now,
            "production_report",
            number,
            {**maker.party("maker"), "recipe": recipe},
            lines,
            ("filer", maker.id, maker.user),
        )
        return Holding(
            Lot(f"{number}/{index}", product, origin, origin, by, "", text, number, index, quantity), quantity
        )

    def partner_notice(self, now: int, sender: Firm, receiver: Firm, goods: Sequence[Ware], vehicle: str = "") -> str:
        """A partner says what it sent to us."""
        currency = calibration.currency_of(sender.country)
        lines = [
            {
                "line": index,
                "commodity_code": ware.goods.code[:6],
                "description": ware.text,
                "quantity": str(ware.quantity),
                "unit": ware.goods.unit,
                "value": money(
                    max(1, int(ware.goods.unit_cents * ware.quantity * ware.price / calibration.DOLLARS[currency]))
                ),
                "currency": currency,
                "origin_country": ware.origin,
            }
            for index, ware in enumerate(goods, 1)
        ]
        body: Record = {
            **sender.party("sender"),
            **receiver.party("receiver"),
            "partner_country": sender.country,
            "exported_on": iso_date(now),
        }
        if vehicle:
            body["vehicle_number"] = vehicle
        return self._file(
            now,
            "partner_export_notice",
            self.new_id("partner_export_notice", now),
            body,
            lines,
            ("partner", f"{sender.country}-customs", f"{sender.country.lower()}-gateway"),
        )

    def transit(
        self,
        now: int,
        carrier: Firm,
        sender: Firm,
        receiver: Firm,
        goods: Sequence[Ware],
        *,
        vehicle: str,
        days: int,
        bound_for: str = "KZALA",
    ) -> str:
        """Goods carried under control from the border to an office."""
        lines = [
            {
                "line": index,
                "commodity_code": ware.goods.code,
                "description": ware.text,
                "quantity": str(ware.quantity),
                "unit": ware.goods.unit,
                "gross_mass_kg": grams(ware.goods.unit_grams * ware.quantity * 12 // 11 + 1),
            }
            for index, ware in enumerate(goods, 1)
        ]
        body: Record = {
            **carrier.party("carrier"),
            **sender.party("sender"),
            **receiver.party("receiver"),
            "departure_place": POSTS[int(len(POSTS) * self.rng.random())],
            "destination_place": bound_for,
            "due_on": iso_date(now + days * DAY),
            "vehicle_number": vehicle,
            "seal_number": f"SL{self.rng.randrange(10**7):07d}",
        }
        return self._file(
            now,
            "transit_declaration",
            self.new_id("transit_declaration", now),
            body,
            lines,
            ("filer", carrier.id, carrier.user),
        )

    def arrival(self, now: int, notice_of: str, place: str, vehicle: str = "") -> str:
        """What was expected is there."""
        body: Record = {"notice_of": notice_of, "place": place, "arrived_on": iso_date(now)}
        if vehicle:
            body["vehicle_number"] = vehicle
        return self._file(
            now, "arrival_notice", self.new_id("arrival_notice", now), body, [], ("gateway", "gateway", "gw-border-2")
        )

    def vehicle(self) -> str:
        """Some vehicle's plate."""
        return self.transport.vehicles[int(len(self.transport.vehicles) * self.rng.random())]
