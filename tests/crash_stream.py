"""The stream of commands that the crash tests send, again and again, the same each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from builders import (
    BUYER,
    CABLE,
    IMPORTER,
    OFFICER,
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

if TYPE_CHECKING:
    from keruen.model.document import Command


def batches() -> list[list[Command]]:
    """Batches that together write every table: births, moves, corrections, decisions, allowances, reversals."""
    licence = a_document(
        "licence",
        "LI-1",
        [{"commodity_code": CABLE, "quantity": goods("50")["quantity"], "unit": "H87"}],
        valid_from=an_entry().issued_on,
        valid_until=an_entry().issued_on.replace(year=2026),
        **party("exporter", IMPORTER),
    )
    export = a_waybill(
        "WB-X",
        goods("20", CABLE, licence="LI-1"),
        movement="export",
        receiver=BUYER,
        country="UZ",
        destination_country="UZ",
    )
    leaving = a_document(
        "exit_notice",
        "EX-1",
        [{"waybill_line": 1, "quantity": goods("15")["quantity"], "unit": "H87"}],
        waybill="WB-X",
        exit_place="KZ-1",
        exited_on=an_entry().issued_on,
    )
    return [
        [filed(an_entry("ED-1", made(), made("100", CABLE))), filed(licence, OFFICER)],
        [
            filed(a_waybill(), filer(IMPORTER)),
            filed(an_invoice(waybill="WB-1"), filer(IMPORTER)),
            filed(export, filer(IMPORTER)),
            filed(
                a_document("write_off", "WO-1", [goods("5")], reason="theft", **party("holder", IMPORTER)),
                filer(IMPORTER),
            ),
        ],
        [
            filed(a_waybill("WB-1", goods("55"), version=2), filer(IMPORTER)),
            act("WO-1", "approve", OFFICER),
            filed(leaving, OFFICER),
            act("WB-1", "confirm", filer(TRADER), quantities={1: "50"}),
        ],
        [filed(a_waybill(f"WB-B{turn}", goods("1", CABLE)), filer(IMPORTER)) for turn in range(30)],
        [act("WB-X", "revoke", filer(IMPORTER)), filed(an_entry("ED-2")), act("ED-2", "annul", OFFICER)],
    ]
