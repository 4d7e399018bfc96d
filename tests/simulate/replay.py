"""A ledger of a hundred lines that plays records back and says what would not have been covered.

It knows free and reserved goods by lot and holder, first in first out, recipes and permits: enough to
find a generator that sends what it has not. It is no model of the system under test.
"""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from keruen.profiles import load

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def read(folder: Path) -> list[dict[str, Any]]:
    """Every record of a run, in order."""
    return [
        json.loads(line)
        for path in sorted(folder.glob("records-*.ndjson"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def planted(folder: Path) -> set[str]:
    """Ids of what belongs to schemes."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {name for each in truth["instances"] for key in ("documents", "cover", "actions") for name in each[key]}


class Replay:
    """Plays records; `faults` says what did not fit."""

    def __init__(self, listed: set[str]) -> None:
        self.listed = listed
        self.faults: list[str] = []
        self.free: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.lots: dict[str, dict[str, Any]] = {}
        self.order: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.documents: dict[str, dict[str, Any]] = {}
        self.state: dict[str, str] = {}
        self.shares: dict[str, list[tuple[int, str, Decimal]]] = {}
        self.exited: dict[str, Decimal] = defaultdict(Decimal)

    def play(self, records: Iterable[dict[str, Any]]) -> Replay:
        """Play records in their order."""
        for record in records:
            getattr(self, f"_{record['kind']}", self._paper)(record)
        return self

    def _paper(self, record: dict[str, Any]) -> None:
        self.documents[record["id"]] = record
        self.state[record["id"]] = "filed"

    def _is_listed(self, record: dict[str, Any]) -> bool:
        return any(line["commodity_code"][:6] in self.listed for line in record["lines"])

    def _born(self, record: dict[str, Any], owner: str, line: dict[str, Any]) -> None:
        lot = f"{record['id']}/{line['line']}"
        self.lots[lot] = line
        self._give(owner, lot, Decimal(line["quantity"]))

    def _give(self, owner: str, lot: str, quantity: Decimal) -> None:
        code = self.lots[lot]["commodity_code"]
        if lot not in self.order[owner, code]:
            self.order[owner, code].append(lot)
        self.free[owner, lot] += quantity

    def _draw(self, record: dict[str, Any], owner: str, line: dict[str, Any]) -> list[tuple[int, str, Decimal]]:
        wanted, taken = Decimal(line["quantity"]), []
        named = line.get("lot")
        lots = [named] if named else self.order[owner, line["commodity_code"]]
        for lot in lots:
            there = self.lots.get(lot)
            if there is None or there["unit"] != line["unit"] or there["commodity_code"] != line["commodity_code"]:
                self.faults.append(f"{record['id']}/{line['line']}: lot {lot} is of other goods, or none")
                return []
            for name in ("origin_country", "manufacture_country"):
                if line.get(name) and there.get(name) and line[name] != there[name]:
                    self.faults.append(f"{record['id']}/{line['line']}: {name} differs from lot {lot}")
            part = min(wanted, self.free[owner, lot])
            if part > 0:
                self.free[owner, lot] -= part
                wanted -= part
                taken.append((line["line"], lot, part))
        if wanted > 0:
            self.faults.append(f"{record['id']}/{line['line']}: {wanted} {line['unit']} short at {owner}")
        return taken

    def _release(self, document: str, owner: str) -> None:
        for _, lot, quantity in self.shares.pop(document, ()):
            self.free[owner, lot] += quantity

    def _entry_declaration(self, record: dict[str, Any]) -> None:
        self._paper(record)
        for line in record["lines"]:
            self._born(record, record["importer_id"], line)

    def _waybill(self, record: dict[str, Any]) -> None:
        before = self.documents.get(record["id"])
        if before is not None and before["version"] == record["version"]:
            same = {key: value for key, value in before.items() if key != "filed_at"}
            if same != {key: value for key, value in record.items() if key != "filed_at"}:
                self.faults.append(f"{record['id']}: sent again with other content")
            return
        if before is not None:
            if self.state[record["id"]] != "sent" or record["version"] != before["version"] + 1:
                self.faults.append(f"{record['id']}: corrected out of turn")
            self._release(record["id"], record["sender_id"])
        self._paper(record)
        self.shares[record["id"]] = [
            share for line in record["lines"] for share in self._draw(record, record["sender_id"], line)
        ]
        self.state[record["id"]] = "sent" if record["movement"] == "transfer" else "released"
        if record["movement"] == "export" and self._is_listed(record):
            cited = self.documents.get(record.get("application", ""))
            if cited is None or self.state[cited["id"]] != "approved":
                self.faults.append(f"{record['id']}: listed goods without an approved application")

    def _write_off(self, record: dict[str, Any]) -> None:
        self._paper(record)
        shares = [share for line in record["lines"] for share in self._draw(record, record["holder_id"], line)]
        routine = record["reason"] in load("kz").kind("write_off").routine_reasons
        self.state[record["id"]] = "posted" if routine and not self._is_listed(record) else "held"
        self.shares[record["id"]] = shares

    def _correction(self, record: dict[str, Any]) -> None:
        self._paper(record)
        self.state[record["id"]] = "held"
        if record["direction"] == "decrease":
            for line in record["lines"]:
                self._draw(record, record["holder_id"], line)

    def _opening_balance(self, record: dict[str, Any]) -> None:
        self._paper(record)
        self.state[record["id"]] = "held"

    _return = _recipe = _opening_balance

    def _export_application(self, record: dict[str, Any]) -> None:
        self._paper(record)
        self.state[record["id"]] = "held"
        for line in record["lines"]:
            billed = self.documents[line["invoice"]]["lines"][line["invoice_line"] - 1]
            entered = self.documents[line["declaration"]]["lines"][line["declaration_line"] - 1]
            for prefix, there in (("invoice_copy_", billed), ("declaration_copy_", entered)):
                for name, value in line.items():
                    if name.startswith(prefix) and there.get(name.removeprefix(prefix)) != value:
                        self.faults.append(f"{record['id']}/{line['line']}: {name} differs")
            if line["lot"] != f"{line['declaration']}/{line['declaration_line']}":
                self.faults.append(f"{record['id']}/{line['line']}: lot is not of the declaration")
            if self.free[record["exporter_id"], line["lot"]] < Decimal(line["quantity"]):
                self.faults.append(f"{record['id']}/{line['line']}: not covered")

    def _production_report(self, record: dict[str, Any]) -> None:
        self._paper(record)
        recipe = self.documents[record["recipe"]]
        if self.state[recipe["id"]] != "approved":
            self.faults.append(f"{record['id']}: recipe {recipe['id']} is not approved")
        made = next(line for line in record["lines"] if line["role"] == "output")
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for line in record["lines"]:
            if line["role"] == "input":
                self._draw(record, record["maker_id"], line)
                totals[line["commodity_code"]] += Decimal(line["quantity"])
        for line in recipe["lines"]:
            output = Decimal(made["quantity"])
            total = totals.pop(line["commodity_code"], Decimal())
            if not Decimal(line["quantity_min"]) * output <= total <= Decimal(line["quantity_max"]) * output:
                self.faults.append(f"{record['id']}: outside the recipe")
        if totals or made["commodity_code"] != recipe["output_code"]:
            self.faults.append(f"{record['id']}: not what the recipe says")
        self._born(record, record["maker_id"], made)

    def _exit_notice(self, record: dict[str, Any]) -> None:
        self._paper(record)
        if self.state[record["waybill"]] != "released":
            self.faults.append(f"{record['id']}: waybill {record['waybill']} is {self.state[record['waybill']]}")
        self.state[record["waybill"]] = "left"

    def _action(self, record: dict[str, Any]) -> None:  # noqa: C901 - one branch a transition
        document, name = self.documents[record["document"]], record["transition"]
        state, kind = self.state[document["id"]], document["kind"]
        allowed = {
            "approve": {"held", "filed"},
            "refuse": {"held"},
            "view": {"sent"},
            "confirm": {"sent", "viewed"},
            "decline": {"sent", "viewed"},
            "revoke": {"sent", "viewed"},
            "annul": {"filed"},
        }
        if state not in allowed[name]:
            self.faults.append(f"{record['id']}: {name} of {kind} {document['id']}, which is {state}")
        after = {
            "approve": "approved",
            "refuse": "refused",
            "view": "viewed",
            "confirm": "confirmed",
            "decline": "declined",
            "revoke": "revoked",
            "annul": "annulled",
        }
        self.state[document["id"]] = after[name]
        if name == "confirm":
            some = {line["line"]: Decimal(line["quantity"]) for line in record.get("lines", ())}
            for line, lot, quantity in self.shares.pop(document["id"]):
                moved = min(quantity, some.get(line, Decimal())) if some else quantity
                if some:
                    some[line] -= moved
                self._give(document["receiver_id"], lot, moved)
        elif name in {"decline", "revoke"}:
            self._release(document["id"], document["sender_id"])
        elif name == "approve" and (kind == "opening_balance" or document.get("direction") == "increase"):
            for line in document["lines"]:
                self._born(document, document["holder_id"], line)
        elif name == "annul":
            for line in document["lines"]:
                lot = f"{document['id']}/{line['line']}"
                if self.free[document["importer_id"], lot] != Decimal(line["quantity"]):
                    self.faults.append(f"{record['id']}: {lot} was touched before it was annulled")
                self.free[document["importer_id"], lot] = Decimal()
