"""Layouts of files that the lake reads: by which columns each is known, and what each column says.

A layout is data: SQL expressions over the file's columns as text (lower case), one set for each flow that a row
tells. The
reader (`load.py`) does the checking, the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from keruen.errors import InvalidInput

EDITION_BY_YEAR = (
    "CASE WHEN {p}[1:4] >= '2022' THEN 'HS2022' WHEN {p}[1:4] >= '2017' THEN 'HS2017' "
    "WHEN {p}[1:4] >= '2012' THEN 'HS2012' WHEN {p}[1:4] >= '2007' THEN 'HS2007' "
    "WHEN {p}[1:4] >= '2002' THEN 'HS2002' WHEN {p}[1:4] >= '1996' THEN 'HS1996' ELSE 'HS1992' END"
)
"""The nomenclature of a year, where the file does not state one: new editions begin in January."""

COMTRADE_EDITIONS = (
    "CASE upper(classificationcode) WHEN 'H6' THEN 'HS2022' WHEN 'H5' THEN 'HS2017' WHEN 'H4' THEN 'HS2012' "
    "WHEN 'H3' THEN 'HS2007' WHEN 'H2' THEN 'HS2002' WHEN 'H1' THEN 'HS1996' WHEN 'H0' THEN 'HS1992' END"
)
NULL = "NULL"


@dataclass(frozen=True, slots=True)
class Fact:
    """One flow that a row tells: expressions of SQL over the file's columns; the names are those of the lake."""

    period: str
    reporter: str
    partner: str
    flow: str
    value: str
    currency: str
    valuation: str
    basis: str
    value_column: str
    product: str = "'TOTAL'"
    product_column: str = ""
    partner2: str = NULL
    mass_kg: str = NULL
    quantity: str = NULL
    unit: str = NULL
    estimated: str = "false"
    detail: str = "''"
    """What tells two rows of one key apart beside the lake's own columns, such as the customs procedure."""
    scale: int = 1
    """What the file's value is multiplied by to have units of currency."""
    scale_mass: int = 1
    may_be_empty: bool = False
    """Whether an empty value means that nothing was reported, which is not nought."""
    keep: str = "true"
    """Which rows are taken; breakdowns of rows that are there too are not."""
    period_column: str = "period"
    reporter_column: str = "reporter"
    partner_column: str = "partner"


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout of files.

    Attributes:
        name: As messages call it.
        source: Name of the publication in the lake, unless the caller gives another.
        columns: Which the file must have, in lower case.
        facts: What each row tells.
        delimiters: Which may stand between columns; the first is the usual one.
        edition: Expression of the nomenclature; None: that of the year.
        states_edition: Whether the file itself says which edition it is in.
        reporter_from_name: Whether the reporting country is the first word of the file's name.
    """

    name: str
    source: str
    columns: frozenset[str]
    facts: tuple[Fact, ...]
    delimiters: tuple[str, ...] = (",",)
    edition: str | None = None
    states_edition: bool = False
    reporter_from_name: bool = False
    optional: tuple[str, ...] = field(default=())


def _columns(text: str) -> frozenset[str]:
    return frozenset(text.split())


EUROSTAT_FLOW = "CASE upper(flow) WHEN 'EXPORT' THEN 'X' WHEN 'IMPORT' THEN 'M' WHEN '2' THEN 'X' WHEN '1' THEN 'M' END"
EUROSTAT_VALUATION = "CASE upper(flow) WHEN 'EXPORT' THEN 'FOB' WHEN '2' THEN 'FOB' ELSE 'CIF' END"
EUROSTAT_BASIS = "CASE upper(flow) WHEN 'EXPORT' THEN 'consignment' WHEN '2' THEN 'consignment' ELSE 'origin' END"


def _eurostat_products(column: str) -> Fact:
    return Fact(
        "period",
        "reporter",
        "partner",
        "'X'",
        "value_eur",
        "'EUR'",
        "'FOB'",
        "'consignment'",
        "value_eur",
        product=column,
        product_column=column,
    )


def _comtrade(**changes: str) -> Fact:
    given: dict[str, Any] = {
        "period": "period",
        "reporter": "reportercode",
        "partner": "partnercode",
        "flow": "upper(flowcode)",
        "value": "primaryvalue",
        "currency": "'USD'",
        "valuation": "CASE WHEN upper(flowcode) IN ('X', 'RX', 'DX') THEN 'FOB' ELSE 'CIF' END",
        "basis": "CASE WHEN upper(flowcode) IN ('X', 'RX', 'DX') THEN 'consignment' ELSE 'origin' END",
    }
    given |= changes
    return Fact(
        **given,
        value_column="primaryvalue",
        product="cmdcode",
        product_column="cmdcode",
        mass_kg="netwgt",
        quantity="qty",
        unit="qtyunitabbr",
        partner2="partner2code",
        estimated="coalesce(lower(isnetwgtestimated) IN ('true', '1'), false) "
        "OR coalesce(lower(isqtyestimated) IN ('true', '1'), false) "
        "OR coalesce(legacyestimationflag NOT IN ('0', ''), false) OR coalesce(lower(isreported) IN ('false', '0') "
        "AND lower(isaggregate) NOT IN ('true', '1'), false)",
        keep="coalesce(customscode, 'C00') = 'C00' AND coalesce(motcode, '0') = '0' AND coalesce(moscode, '0') = '0' "
        "AND upper(flowcode) IN ('X', 'M', 'RX', 'RM')",
        reporter_column="reporterCode",
        partner_column="partnerCode",
    )


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "Eurostat exports by CN8",
        "eurostat-products",
        _columns("reporter partner period cn8 hs6 value_eur"),
        (_eurostat_products("cn8"),),
    ),
    Layout(
        "Eurostat exports by heading",
        "eurostat-products",
        _columns("reporter partner period hs4 value_eur"),
        (_eurostat_products("hs4"),),
    ),
    Layout(
        "Eurostat totals and chapters",
        "eurostat-chapters",
        _columns("reporter partner period flow product value_eur"),
        (
            Fact(
                "period",
                "reporter",
                "partner",
                EUROSTAT_FLOW,
                "value_eur",
                "'EUR'",
                EUROSTAT_VALUATION,
                EUROSTAT_BASIS,
                "value_eur",
                product="product",
                product_column="product",
            ),
        ),
    ),
    Layout(
        "Eurostat totals",
        "eurostat-totals",
        _columns("reporter partner period flow value_eur"),
        (
            Fact(
                "period",
                "reporter",
                "partner",
                EUROSTAT_FLOW,
                "value_eur",
                "'EUR'",
                EUROSTAT_VALUATION,
                EUROSTAT_BASIS,
                "value_eur",
            ),
        ),
    ),
    Layout(
        "Eurostat annual totals by partner",
        "eurostat-annual",
        _columns("partner year value_eur"),
        (
            Fact(
                "year",
                "'EU27_2020'",
                "partner",
                "'X'",
                "value_eur",
                "'EUR'",
                "'FOB'",
                "'consignment'",
                "value_eur",
                period_column="year",
            ),
        ),
    ),
    Layout(
        "mirror pairs",
        "mirror",
        _columns("exporter importer year eu_export_eur nat_import_eur"),
        (
            Fact(
                "year",
                "exporter",
                "importer",
                "'X'",
                "eu_export_eur",
                "'EUR'",
                "'FOB'",
                "'consignment'",
                "eu_export_eur",
                may_be_empty=True,
                period_column="year",
                reporter_column="exporter",
                partner_column="importer",
            ),
            Fact(
                "year",
                "importer",
                "exporter",
                "'M'",
                "nat_import_eur",
                "'EUR'",
                "'CIF'",
                "'origin'",
                "nat_import_eur",
                may_be_empty=True,
                period_column="year",
                reporter_column="importer",
                partner_column="exporter",
            ),
        ),
    ),
    Layout(
        "national trade by partner",
        "national",
        _columns("year file_year partner_ru turnover_kusd export_kusd import_kusd"),
        (
            Fact(
                "year",
                "$reporter",
                "partner_ru",
                "'X'",
                "export_kusd",
                "'USD'",
                "'FOB'",
                "'consignment'",
                "export_kusd",
                scale=1000,
                may_be_empty=True,
                period_column="year",
                partner_column="partner_ru",
            ),
            Fact(
                "year",
                "$reporter",
                "partner_ru",
                "'M'",
                "import_kusd",
                "'USD'",
                "'CIF'",
                "'origin'",
                "import_kusd",
                scale=1000,
                may_be_empty=True,
                period_column="year",
                partner_column="partner_ru",
            ),
        ),
        reporter_from_name=True,
    ),
    Layout(
        "IMF trade by partner",
        "imf",
        _columns("reporter indicator partner partner_name year value_musd"),
        (
            Fact(
                "year",
                "reporter",
                "partner",
                "CASE indicator WHEN 'MG_CIF_USD' THEN 'M' WHEN 'XG_FOB_USD' THEN 'X' END",
                "value_musd",
                "'USD'",
                "CASE indicator WHEN 'MG_CIF_USD' THEN 'CIF' ELSE 'FOB' END",
                "CASE indicator WHEN 'MG_CIF_USD' THEN 'origin' ELSE 'consignment' END",
                "value_musd",
                scale=1_000_000,
                estimated="$stopped",
                period_column="year",
            ),
        ),
    ),
    Layout(
        "UN Comtrade monthly with units",
        "comtrade-monthly",
        _columns("reporter partner_iso3 period flow hs qty_units net_kg value_usd is_net_estimated"),
        (
            Fact(
                "period",
                "reporter",
                "partner_iso3",
                "upper(flow)",
                "value_usd",
                "'USD'",
                "CASE upper(flow) WHEN 'X' THEN 'FOB' ELSE 'CIF' END",
                "CASE upper(flow) WHEN 'X' THEN 'consignment' ELSE 'origin' END",
                "value_usd",
                product="hs",
                product_column="hs",
                mass_kg="net_kg",
                quantity="qty_units",
                unit="'u'",
                estimated="lower(is_net_estimated) = 'true'",
                partner_column="partner_iso3",
            ),
        ),
    ),
    Layout(
        "UN Comtrade",
        "comtrade",
        _columns("period reportercode flowcode partnercode classificationcode cmdcode primaryvalue"),
        (_comtrade(),),
        delimiters=(",", "\t"),
        edition=COMTRADE_EDITIONS,
        states_edition=True,
        optional=(
            "partner2code",
            "customscode",
            "motcode",
            "moscode",
            "netwgt",
            "qty",
            "qtyunitabbr",
            "isnetwgtestimated",
            "isqtyestimated",
            "legacyestimationflag",
            "isreported",
            "isaggregate",
        ),
    ),
    Layout(
        "BACI",
        "baci",
        _columns("t i j k v q"),
        (
            Fact(
                "t",
                "i",
                "j",
                "'X'",
                "v",
                "'USD'",
                "'FOB'",
                "'consignment'",
                "v",
                product="k",
                product_column="k",
                mass_kg="q",
                scale=1000,
                scale_mass=1000,
                period_column="t",
                reporter_column="i",
                partner_column="j",
            ),
        ),
        edition="$edition",
        states_edition=True,
    ),
    Layout(
        "Eurostat Comext",
        "comext",
        _columns("reporter partner product_nc flow period value_eur quantity_kg"),
        (
            Fact(
                "period",
                "reporter",
                "partner",
                EUROSTAT_FLOW,
                "value_eur",
                "'EUR'",
                EUROSTAT_VALUATION,
                EUROSTAT_BASIS,
                "value_eur",
                product="product_nc",
                product_column="product_nc",
                mass_kg="quantity_kg",
                quantity="quantity_suppl_unit",
                unit="suppl_unit",
                detail="concat_ws('|', stat_procedure, trade_type, suppl_unit)",
                keep="period[5:6] <> '52'",
            ),
        ),
        optional=("stat_procedure", "trade_type", "suppl_unit", "quantity_suppl_unit"),
    ),
    Layout(
        "Eurostat Comext before 2021",
        "comext",
        _columns("declarant_iso partner_iso product_nc flow period value_in_euros quantity_in_kg"),
        (
            Fact(
                "period",
                "declarant_iso",
                "partner_iso",
                EUROSTAT_FLOW,
                "value_in_euros",
                "'EUR'",
                EUROSTAT_VALUATION,
                EUROSTAT_BASIS,
                "value_in_euros",
                product="product_nc",
                product_column="product_nc",
                mass_kg="quantity_in_kg",
                quantity="sup_quantity",
                unit="supp_unit",
                detail="concat_ws('|', stat_regime, trade_type, supp_unit)",
                keep="period[5:6] <> '52'",
                reporter_column="declarant_iso",
                partner_column="partner_iso",
            ),
        ),
        optional=("stat_regime", "trade_type", "supp_unit", "sup_quantity"),
    ),
    Layout(
        "Eurostat SDMX",
        "comext",
        _columns("freq reporter partner product flow indicators time_period obs_value"),
        (
            Fact(
                "time_period",
                "reporter",
                "partner",
                EUROSTAT_FLOW,
                "obs_value",
                "'EUR'",
                EUROSTAT_VALUATION,
                EUROSTAT_BASIS,
                "obs_value",
                product="product",
                product_column="product",
                keep="upper(indicators) IN ('VALUE_IN_EUROS', 'VALUE_EUR')",
                may_be_empty=True,  # confidential or missing cells are lines without a value
                period_column="TIME_PERIOD",
            ),
        ),
    ),
)
"""Where a file fits several, the one with most columns is it."""


def layout_of(columns: list[str], name: str) -> Layout:
    """The layout of a file by its columns.

    Raises:
        InvalidInput: There is none; says which columns the nearest one wants.
    """
    have = {column.lower() for column in columns}
    fitting = [layout for layout in LAYOUTS if layout.columns <= have]
    if fitting:
        return max(fitting, key=lambda layout: len(layout.columns))
    nearest = max(LAYOUTS, key=lambda layout: len(layout.columns & have) / len(layout.columns))
    missing = ", ".join(sorted(nearest.columns - have))
    raise InvalidInput(
        f"{name}: row 1: the columns are those of no layout known; nearest is {nearest.name}, where "
        f"{missing} would be wanted too",
        code="trade_layout",
        file=name,
        row=1,
        column=missing,
    )


def by_delimiter(line: str) -> dict[str, list[str]]:
    """The columns of a header line, by what may stand between them."""
    return {mark: [each.strip().strip('"') for each in line.split(mark)] for mark in (",", "\t", ";", "|")}
