"""The record of the lake: one reported flow of one product in one period, as its source gives it.

Money and masses are exact decimals, so that a sum does not depend on the order of rows or on the engine.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

AMOUNT: Final = pa.decimal128(18, 3)

SCHEMA: Final = pa.schema(
    [
        ("source", pa.string()),  # name of the publication, such as `baci`; sources are never added to each other
        ("period", pa.string()),  # YYYY or YYYY-MM
        ("reporter", pa.string()),  # ISO alpha-2; `*EU` an aggregate of countries; `?899` an area not specified
        ("partner", pa.string()),
        ("partner2", pa.string()),  # second partner, such as the country of consignment; null where none is told
        ("flow", pa.string()),  # X exports, M imports, RX re-exports, RM re-imports
        ("product", pa.string()),  # TOTAL or digits of the nomenclature; the leading nought counts
        ("hs_edition", pa.string()),  # HS2017, HS2022, …; null for TOTAL
        ("level", pa.int32()),  # digits of `product`, 0 for TOTAL; levels are never added to each other
        ("value", AMOUNT),  # in `currency`
        ("currency", pa.string()),
        ("valuation", pa.string()),  # FOB or CIF
        ("mass_kg", AMOUNT),  # net
        ("quantity", AMOUNT),  # in `unit`
        ("unit", pa.string()),
        ("basis", pa.string()),  # what partner means: origin or consignment
        ("estimated", pa.bool_()),  # value or mass is the publisher's estimate, not a report
        ("file", pa.string()),  # name of the file as loaded, with the first twelve digits of its SHA-256
        ("row", pa.int64()),  # its row there: the header of a CSV file is row 1, data of other files begin with row 1
    ]
)
NAMES: Final = tuple(SCHEMA.names)
DECIMAL: Final = "DECIMAL(18,3)"
AGGREGATE: Final = "*"
UNSPECIFIED: Final = "?"
