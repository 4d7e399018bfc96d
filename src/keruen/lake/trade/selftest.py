"""Published findings worked out again, each by the question that its own words ask for.

Nothing is known here of what should come out.

A row says corridor, product, metric and period; a recipe is found by the words of its metric. What has no data at
hand, or no
recipe, is listed as such: a self-test that hides what it did not test would be worth little.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keruen.errors import InvalidInput
from keruen.lake.trade import areas, diversion, markets, mirror, surges
from keruen.lake.trade.series import EU, Window, filled, flows, last, money
from keruen.lake.trade.statistics import one_break

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

PRODUCTS, TOTALS, ANNUAL, PAIRS, NATIONAL, IMF, UNITS = (
    "eurostat-products",
    "eurostat-totals",
    "eurostat-annual",
    "mirror",
    "national",
    "imf",
    "comtrade-monthly",
)
MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}
MILLION, BILLION = 1e6, 1e9
UNITS_OF = {"M EUR": MILLION, "M USD": MILLION, "bn USD": BILLION, "bn EUR": BILLION, "USD": 1.0, "EUR": 1.0}
CHPL_DAY = date(2024, 3, 1)
PUBLISHED = "published_numbers.csv"


class NotAtHandError(Exception):
    """The lake lacks what a row needs; says what."""


@dataclass(frozen=True, slots=True)
class Result:
    """One published finding beside ours.

    Attributes:
        verdict: agrees, differs, not at hand (data are missing), or no recipe.
    """

    id: str
    corridor: str
    product: str
    metric: str
    published: str
    ours: str
    difference: str
    verdict: str
    note: str

    def data(self) -> dict[str, str]:
        """As JSON holds it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of published numbers."""

    id: str
    corridor: str
    product: str
    metric: str
    period: str
    value: str
    unit: str

    @property
    def origins(self) -> frozenset[str]:
        """Left of the arrow."""
        return _areas(re.split(r"<?->", self.corridor)[0])

    @property
    def partners(self) -> list[str]:
        """Right of the arrow, or after the cross."""
        return sorted(_areas(re.split(r"->|\bx\b", self.corridor)[-1]))

    def scale(self) -> float:
        """Units of currency in the unit of the finding."""
        return UNITS_OF.get(self.unit.split(";")[0].strip(), 1.0)


def findings(data: Path | None) -> list[Finding]:
    """Published numbers of a folder, and those that come with Keruen.

    Raises:
        InvalidInput: The file of the folder has not the columns.
    """
    texts = [resources.files("keruen.lake.trade").joinpath("findings.csv").read_text("utf-8")]
    paths = sorted(data.rglob(PUBLISHED)) if data else []
    texts[:0] = [path.read_text("utf-8-sig") for path in paths]
    found: list[Finding] = []
    for text in texts:
        for row in csv.DictReader(text.splitlines()):
            if not {"id", "corridor", "product", "metric", "period", "value", "unit"} <= row.keys():
                raise InvalidInput(
                    f"{PUBLISHED} has not the columns id, corridor, product, metric, period, value, unit"
                )
            found.append(
                Finding(
                    *(
                        (row[name] or "").strip()
                        for name in ("id", "corridor", "product", "metric", "period", "value", "unit")
                    )
                )
            )
    return found


def run(lake: Lake, data: Path | None) -> list[Result]:
    """Work out every finding."""
    return [check(lake, finding) for finding in findings(data)]


def check(lake: Lake, finding: Finding) -> Result:
    """Work out one."""
    for pattern, recipe in RECIPES:
        if re.search(pattern, f"{finding.metric} | {finding.product} | {finding.corridor}"):
            try:
                ours, note = recipe(lake, finding)
            except NotAtHandError as error:
                return _result(finding, "", "", "not at hand", str(error))
            return _compared(finding, ours, note)
    return _result(finding, "", "", "no recipe", "needs records that no file at hand has")


def _result(finding: Finding, ours: str, difference: str, verdict: str, note: str) -> Result:
    return Result(
        finding.id, finding.corridor, finding.product, finding.metric, finding.value, ours, difference, verdict, note
    )


def _compared(finding: Finding, ours: list[float] | str, note: str) -> Result:
    if isinstance(ours, str):
        same = ours == finding.value
        away = ""
        if re.fullmatch(r"\d{4}-\d{2}", ours) and re.fullmatch(r"\d{4}-\d{2}", finding.value):
            months = [int(each[:4]) * 12 + int(each[5:]) for each in (ours, finding.value)]
            away = f"{months[0] - months[1]:+d} months"
            same = abs(months[0] - months[1]) <= 1
        return _result(finding, ours, away, "agrees" if same else "differs", note)
    wanted = [each.strip() for each in finding.value.split(";")]
    numbers = [float(re.sub(r"[^0-9.\-]", "", each)) for each in wanted]
    digits = [len(each.partition(".")[2].rstrip("+")) for each in wanted]
    if len(numbers) != len(ours):
        return _result(
            finding, "; ".join(f"{each:.4g}" for each in ours), "", "differs", "not as many values as published"
        )
    apart = [mine - theirs for mine, theirs in zip(ours, numbers, strict=True)]
    # A press figure of two digits is true to its last digit, and "100+" from there on.
    agrees = all(
        (
            gap >= 0
            if text.endswith("+")
            else abs(gap) <= max(10.0**-size, 0.05 * abs(number) if "about" in note else 0.0)
        )
        for gap, size, text, number in zip(apart, digits, wanted, numbers, strict=True)
    )
    shown = [f"{each:.{size + 2 if size < 2 else size + 1}f}" for each, size in zip(ours, digits, strict=True)]  # noqa: PLR2004
    return _result(
        finding, "; ".join(shown), "; ".join(f"{each:+.3g}" for each in apart), "agrees" if agrees else "differs", note
    )


def _areas(text: str) -> frozenset[str]:
    found: set[str] = set()
    for word in re.split(r"[+,&/]|\s", text):
        if word.strip() in {"EU", "EU27"}:
            found |= EU
        elif code := (areas.resolve(word.strip()) if re.fullmatch(r"[A-Z]{2}", word.strip()) else None):
            found.add(code)
    return frozenset(found)


def _need(lake: Lake, source: str, *, reporters: set[str] | None = None, partners: set[str] | None = None) -> None:
    """What a recipe needs must be there: an absent partner is no nought."""
    if source not in lake.sources():
        raise NotAtHandError(f"no {source} in the lake")
    facts = lake.facts(source)
    for column, wanted in (("reporter", reporters), ("partner", partners)):
        if wanted:
            have = {
                row[column]
                for row in lake.rows(facts.filter(facts[column].isin(sorted(wanted))).select(column).distinct())
            }
            if missing := wanted - have:
                raise NotAtHandError(f"{source} has no {column} {', '.join(sorted(missing))}")


def _cover(lake: Lake, source: str, *windows: Window) -> None:
    """Periods that a recipe sums must be there: a month without a file is no nought."""
    have = set(lake.periods(source))
    have |= {each[:4] for each in have}
    missing = [each for window in windows for each in window.periods() if each not in have]
    if missing:
        raise NotAtHandError(f"{source} has no {missing[0]}" + (f" and {len(missing) - 1} more" if missing[1:] else ""))


def _windows(finding: Finding) -> tuple[Window, Window]:
    """Before and after: `A;B` of the period, `Mar-Nov 2022 vs Mar-Nov 2021` of the metric, or months of two years."""
    parts = finding.period.split(";")
    if len(parts) == 2:  # noqa: PLR2004 - before and after
        return _window(parts[0]), _window(parts[1])
    found = re.search(r"([A-Z][a-z]{2})-([A-Z][a-z]{2})", f"{finding.metric} {finding.period}")
    years = sorted(set(re.findall(r"\b(20\d\d)\b", f"{finding.metric} {finding.period}"))) or ["2022"]
    after = years[-1]
    before = years[0] if len(years) > 1 else str(int(after) - 1)
    if found:
        first, final = MONTHS[found[1]], MONTHS[found[2]]
        return Window(f"{before}-{first}", f"{before}-{final}"), Window(f"{after}-{first}", f"{after}-{final}")
    return Window(before, before), Window(after, after)


def _window(text: str) -> Window:
    first, _, final = text.strip().partition("..")
    return Window(first, final or first)


def _basket(finding: Finding) -> frozenset[str] | None:
    if "CHPL" in finding.product and "list" not in finding.product.lower():
        return diversion.high_priority(CHPL_DAY)
    codes = re.findall(r"\b\d{4,8}\b", finding.product)
    return frozenset(codes) if codes else None


def _value(lake: Lake, finding: Finding, window: Window) -> float:
    """Exports of a basket in a window."""
    _need(lake, PRODUCTS, partners=set(finding.partners))
    _cover(lake, PRODUCTS, window)
    basket = _basket(finding)
    level = 8 if basket is None else len(next(iter(basket)))
    table = flows(
        lake, PRODUCTS, level=level, flow="X", reporters=finding.origins, partners=finding.partners, periods=window
    )
    if basket:
        table = table.filter(table.product.isin(sorted(basket)))
    return float(lake.rows(table.aggregate(value=money(table.value)))[0]["value"])


def _before_after(lake: Lake, finding: Finding) -> tuple[list[float], str]:
    return [_value(lake, finding, window) / finding.scale() for window in _windows(finding)], ""


def _one_value(lake: Lake, finding: Finding) -> tuple[list[float], str]:
    before, after = _windows(finding)
    found = _markets(lake, finding, finding.partners)
    codes = _basket(finding) or frozenset()
    artefact = any(row["product"] in codes and row["new_code"] and row["reporter"] in finding.origins for row in found)
    note = (
        "the code is new in this nomenclature: its growth is not comparable"
        if artefact
        else (f"{_value(lake, finding, before) / finding.scale():.1f} before")
    )
    return [_value(lake, finding, after) / finding.scale()], note


def _list_change(lake: Lake, finding: Finding) -> tuple[list[float], str]:
    before, after = (_value(lake, finding, window) for window in _windows(finding))
    return [100 * (after / before - 1)], f"{before / MILLION:,.1f} -> {after / MILLION:,.1f} M EUR"


def _markets(lake: Lake, finding: Finding, partners: list[str]) -> list[dict[str, Any]]:
    _need(lake, PRODUCTS, partners=set(partners))
    before, after = _windows(finding)
    _cover(lake, PRODUCTS, before, after)
    return lake.rows(last(markets.steps(lake, source=PRODUCTS, partners=partners, before=before, after=after)))


def _market_partners(lake: Lake, finding: Finding) -> list[str]:
    named = [each for each in finding.partners if each not in EU]
    if named:
        return named
    _need(lake, PRODUCTS)
    facts = lake.facts(PRODUCTS)
    have = sorted(row["partner"] for row in lake.rows(facts.select("partner").distinct()))
    wanted = re.search(r"x (\d+) partners", finding.corridor)
    if wanted and int(wanted[1]) != len(have):
        raise NotAtHandError(f"the finding is of {wanted[1]} partners, the lake has {len(have)} ({', '.join(have)})")
    return have


def _market_figures(lake: Lake, finding: Finding) -> tuple[list[float], str]:
    partners = _market_partners(lake, finding)
    found = _markets(lake, finding, partners)
    value = sum(row["after"] for row in found)
    new = [row for row in found if row["new_code"]]
    note = f"{len(found)} markets, {len(new)} of them not comparable ({sum(row['after'] for row in new) / MILLION:.1f} M EUR)"
    metric = finding.metric
    if re.search(r"codes first valid", metric):
        return [sum(row["after"] for row in new) / finding.scale() if metric.startswith("value") else len(new)], note
    if metric.startswith("share"):
        _, after = _windows(finding)
        table = flows(lake, PRODUCTS, level=8, flow="X", partners=partners, periods=after)
        whole = lake.rows(table.aggregate(value=money(table.value)))[0]["value"]
        return [100 * value / whole], note
    return [value / finding.scale() if metric.startswith("value") else len(found)], note


def _total_change(lake: Lake, finding: Finding) -> tuple[list[float], str]:
    before, after = _windows(finding)
    partner = _country(finding.corridor.split("->")[-1])
    source = next((each for each in (TOTALS, ANNUAL) if each in lake.sources() and _has(lake, each, partner)), None)
    if source is None:
        raise NotAtHandError(f"no totals of exports to {partner}")
    table = flows(lake, source, level=0, flow="X", reporters=["*EU27_2020"], partners=[partner])
    sums = {
        row["year"]: row["value"]
        for row in lake.rows(table.group_by(year=table.period.left(4)).aggregate(value=money(table.value)))
    }
    if before.first not in sums or after.first not in sums:
        raise NotAtHandError(f"{source} has not both {before.first} and {after.first}")
    return [100 * (sums[after.first] / sums[before.first] - 1)], f"{source}: " + " -> ".join(
        f"{sums[each.first] / MILLION:,.1f}" for each in (before, after)
    ) + " M EUR"


def _has(lake: Lake, source: str, partner: str) -> bool:
    try:
        _need(lake, source, partners={partner})
    except NotAtHandError:
        return False
    return True


def _country(text: str) -> str:
    code = areas.resolve(text.strip())
    if code is None:
        raise NotAtHandError(f"{text.strip()!r} is no country known")
    return code


def _mirror_rows(lake: Lake, finding: Finding) -> list[dict[str, Any]]:
    importers = sorted(_areas(finding.corridor.split("->")[-1]))
    _need(lake, PAIRS, reporters=set(importers))
    steps = mirror.steps(
        lake, exports=PAIRS, imports=PAIRS, importers=importers, exporters=finding.origins, together=True
    )
    return lake.rows(last(steps))


def _mirror_ratios(lake: Lake, finding: Finding) -> tuple[list[float], str]:
    rows = {row["period"]: row for row in _mirror_rows(lake, finding)}
    years = (
        _window(finding.period).periods()
        if ".." in finding.period
        else [each.strip() for each in finding.period.split(",")]
    )
    if missing := [year for year in years if year not in rows]:
        raise NotAtHandError(f"{PAIRS} has no {', '.join(missing)}")
    return [rows[year]["ratio"] for year in years], "pairs of which one side is silent are left out of that year"


def _mirror_verdict(lake: Lake, finding: Finding) -> tuple[str, str]:
    past, now = finding.period.split(";")
    found = mirror.changes(_mirror_rows(lake, finding), now, _window(past))
    if not found:
        raise NotAtHandError("no pair of reports")
    row = found[0]
    shown = f"{row['past_ratio']:.2f} -> {row['ratio']:.2f}; p {row['p']:.2f}; " if row["p"] is not None else ""
    return row["verdict"], shown + row["reason"]


def _break(lake: Lake, finding: Finding) -> tuple[str, str]:
    window = _window(finding.period)
    if _is_units(finding):
        table = _units(lake, finding)
    else:
        _need(lake, PRODUCTS, partners=set(finding.partners))
        basket = _basket(finding)
        table = flows(
            lake,
            PRODUCTS,
            level=8 if basket is None else 6,
            flow="X",
            reporters=finding.origins,
            partners=finding.partners,
            periods=window,
        )
        table = table.filter(table.product.isin(sorted(basket))) if basket else table
    _cover(lake, UNITS if _is_units(finding) else PRODUCTS, window)
    rows = lake.rows(table.group_by("period").aggregate(value=money(table.value)))
    found = one_break(filled(rows, window.periods()))  # type: ignore[arg-type]
    if found is None:
        raise NotAtHandError("the series is too short")
    note = f"supF {found.sup_f:.1f}, p {found.p:.4f}, level x{found.ratio:.2f}"
    return (window.periods()[found.at] if found.significant else "none"), note


def _is_units(finding: Finding) -> bool:
    return "cars" in finding.product


def _units(lake: Lake, finding: Finding) -> Any:  # noqa: ANN401 - an Ibis table
    """One corridor as its hub reports it: into the hub by its imports, out of it by its exports."""
    left, right = (_country(each) for each in finding.corridor.split("->"))
    code = next(iter(_basket(finding) or [""]))
    for hub, other, flow in ((right, left, "M"), (left, right, "X")):
        try:
            _need(lake, UNITS, reporters={hub}, partners={other})
        except NotAtHandError:
            continue
        table = flows(lake, UNITS, level=len(code), flow=flow, reporters=[hub], partners=[other])
        return table.filter(table.product == code)
    raise NotAtHandError(f"{UNITS} has neither {left} nor {right} as a reporter of this corridor")


def _by_year(lake: Lake, finding: Finding) -> tuple[list[float], str]:
    table = _units(lake, finding)
    rows = lake.rows(table.group_by(period=table.period.left(4)).aggregate(value=money(table.value)))
    _cover(lake, UNITS, _window(finding.period))
    years = _window(finding.period).periods()
    return [value / finding.scale() for value in filled(rows, years)], "as the hub reports it"


def _national_exports(lake: Lake, finding: Finding) -> tuple[list[float], str]:
    reporter, partner = (_country(each) for each in finding.corridor.split("->"))
    _need(lake, NATIONAL, reporters={reporter}, partners={partner})
    first, final = re.findall(r"20\d\d", finding.metric)[:2]
    _cover(lake, NATIONAL, Window(first, final))
    table = flows(lake, NATIONAL, level=0, flow="X", reporters=[reporter], partners=[partner])
    rows = lake.rows(table.group_by("period").aggregate(value=money(table.value)))
    return [each / finding.scale() for each in filled(rows, Window(first, final).periods())], ""


def _national_trade(lake: Lake, finding: Finding) -> tuple[list[float], str]:
    reporter = _country(finding.corridor.split("<->")[0])
    _need(lake, NATIONAL, reporters={reporter})
    _cover(lake, NATIONAL, _window(finding.period))
    table = flows(lake, NATIONAL, level=0, reporters=[reporter], partners=EU, periods=_window(finding.period))
    row = lake.rows(table.aggregate(value=money(table.value), members=table.partner.nunique()))[0]
    return [
        row["value"] / finding.scale()
    ], f"about; {row['members']} members summed, the file's own row for the EU is an aggregate"


def _surge(lake: Lake, finding: Finding) -> tuple[str, str]:
    left, right = finding.corridor.split("->")
    if right.strip() == "RU":
        source, flow, reporter, partner = IMF, "M", "RU", _country(left)
    else:
        source, flow, reporter, partner = ANNUAL, "X", "*EU27_2020", _country(right)
    _need(lake, source, partners={partner})
    _cover(lake, source, Window(str(int(finding.period) - 1), finding.period))
    rows = lake.rows(last(surges.steps(lake, source=source, flow=flow, reporter=reporter)))
    day = date(int(finding.period) + 1, 1, 1)
    found = [
        row for row in surges.rises(rows, year=finding.period, target="RU", known_on=day) if row["partner"] == partner
    ]
    return (
        (found[0]["verdict"], f"{100 * found[0]['growth']:+.1f} %: {found[0]['reason']}") if found else ("no rise", "")
    )


def _hub(lake: Lake, finding: Finding) -> tuple[str, str]:
    before, after = _windows(finding)
    hub = finding.partners[0]
    _need(lake, PRODUCTS, partners={hub, "RU"})
    _cover(lake, PRODUCTS, before, after)
    corridor = diversion.Corridor(finding.origins, "RU", before, after, _basket(finding))
    rows = lake.rows(last(diversion.steps(lake, corridor, source=PRODUCTS, hubs=[hub])))
    verdicts = {row["verdict"] for row in rows}
    loud = verdicts & {"raised", "partial"}
    fall = sum(row["b"] for row in rows)
    return (min(loud) if loud else "not raised"), f"change to {hub} {fall / MILLION:+.1f} M EUR"


Recipe = Callable[["Lake", Finding], tuple[list[float] | str, str]]
RECIPES: tuple[tuple[str, Recipe], ...] = (
    (r"^month of the break|^no break", _break),
    (r"^value before; after", _before_after),
    (
        r"^(count of markets|share of those markets|value of those markets|value of the anomalous|how many of the \d+ anomalous)",
        _market_figures,
    ),
    (r"^change .* vs .* \| EU sanctioned CN8", _list_change),
    (r"^value [A-Z][a-z]{2}-[A-Z][a-z]{2} 20\d\d", _one_value),
    (r"^change 20\d\d vs 20\d\d.*\| TOTAL \| EU27->", _total_change),
    (r"^[A-Z]{2}-reported imports.* / .*-reported exports", _mirror_ratios),
    (r"^mirror change is", _mirror_verdict),
    (r"^value by year", _by_year),
    (r"^exports 20\d\d\.\.20\d\d \| TOTAL", _national_exports),
    (r"^trade with the members of the EU", _national_trade),
    (r"^surge is set aside", _surge),
    (r"^hub is not raised", _hub),
)
"""Words of a metric (with product and corridor) to the recipe; the first that fits."""
