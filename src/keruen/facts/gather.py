"""The facts of one document: what is known when it is decided, and nothing that is not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers

from keruen.codes import lists, unions
from keruen.facts.history import (
    BUYER_ROLES,
    CONTROL,
    EXPORTS,
    RUSSIA,
    Memories,
    Memory,
    away,
    buyers_of,
    drawn_keys,
    has_prices,
    holder_of,
    looks_at_stock,
    marks_of,
    measures,
    plain_words,
    recent,
    tier_of,
    what,
    with_marks,
)
from keruen.model.document import Document, Fields, StoredDocument
from keruen.model.fact import Facts, FactValue
from keruen.model.finding import Finding
from keruen.model.lot import Birth, Lot

GRAVITY: Final = ("", "4B", "4A", "3B", "3A", "2", "1", "drone")
"""Tiers from the lightest; a whole drone is the headline item."""
STRATEGIC: Final = frozenset({"84", "85", "88", "90"})
"""Chapters that hold nearly all of the common high priority list."""
BIN_DIGITS: Final = 12
JUMP_DAYS: Final = 60
QUICK_S: Final = 300
AWAKE_DAYS: Final = 180
"""How long a firm that was silent counts as just woken."""
SAME_LOADS_DAYS: Final = 21


class Situation(NamedTuple):
    """Everything facts are read from.

    `lots` are those each line draws on, by line number, empty where none were chosen; `descriptions` gives the three
    description facts of a text and code, or None where no such check runs.
    """

    document: Document
    union: str
    at: datetime
    memories: Memories
    findings: Sequence[Finding] = ()
    lots: Mapping[int, Sequence[Lot]] = {}
    documents: Mapping[str, StoredDocument] = {}
    prior: Document | None = None
    screened: bool = False
    """The document's parties were compared with lists."""
    descriptions: Callable[[str, str], DescriptionFacts] | None = None
    statistics: Callable[[Fields, str, date], TradeFacts | None] | None = None
    """What trade statistics know of a line to a country on a day; None where none are loaded."""


class TradeFacts(NamedTuple):
    """What the trade statistics say of one line to one country; None is not known."""

    price_z: float | None
    route_share: float | None
    hub_score: float | None
    hub_verdict: str | None
    edition: str = ""
    """Of the statistics that say it."""


VERDICTS: Final = ("not raised", "not comparable", "partial", "raised")
"""Of a hub, from the lightest."""


class DescriptionFacts(NamedTuple):
    """What the description check says of one line."""

    vague: bool
    controlled: bool
    suspicion: float | None
    mark: float | None = None
    """From which suspicion on an officer is asked; None where plausibility is not judged."""
    edition: str = ""
    """What was learnt, by its hash."""


def facts_of(situation: Situation) -> dict[str, FactValue]:
    """Every fact that is known, by name; see the catalogue."""
    found: dict[str, FactValue | None] = {}
    for part in (
        _document,
        _route,
        _descriptions,
        _prices,
        _statistics,
        _party,
        _shared,
        _buyers,
        _goods,
        _paper_trail,
    ):
        found.update(part(situation))
    return {name: value for name, value in found.items() if value is not None}


def officer_facts(officer: Memory, document: Document, filed_at: datetime, at: datetime, reason: str) -> Facts:
    """Facts of a release by an officer.

    Args:
        officer: What is remembered of them, this release not counted.
        document: Which document they let go.
        filed_at: When it was filed.
        at: When they release it.
        reason: What they gave as reason.
    """
    seconds = max(0, int((at - filed_at).total_seconds()))
    rows = list(recent(officer.get("releases", ()), at.date(), 90))
    holder = holder_of(document)
    on = at.date()
    tiers = [tier_of(str(line.get("commodity_code", "")), on) for line in document.lines]
    worst = max(tiers, key=GRAVITY.index, default="")
    return {
        "kind": document.kind,
        "listed": bool(worst),
        "tier": worst,
        "release_seconds": seconds,
        "release_reason_length": len(reason.strip()),
        "officer_quick_releases": sum(1 for row in rows if row[2] <= QUICK_S) + (seconds <= QUICK_S),
        "officer_party_releases": sum(1 for row in rows if row[1] == holder) + 1,
    }


# -- the document ------------------------------------------------------------------------------


def destinations(document: Document) -> list[str]:
    """Countries the goods are said to end in, each once."""
    header = document.header
    named = (header.get("destination_country"), *(header.get(f"{role}_country") for role in BUYER_ROLES))
    return list(dict.fromkeys(str(country) for country in named if country))


def _document(situation: Situation) -> dict[str, FactValue | None]:
    document, on = situation.document, situation.at.date()
    header = document.header
    codes = [str(line["commodity_code"]) for line in document.lines if line.get("commodity_code")]
    codes += [lot.commodity_code for lots in situation.lots.values() for lot in lots]
    tiers = [tier_of(code, on) for code in codes]
    worst = max(tiers, key=GRAVITY.index, default="")
    found: dict[str, FactValue | None] = {
        "kind": document.kind,
        "movement": document.movement,
        "version": document.version,
        "lines": len(document.lines),
        "listed": bool(worst) if codes else None,
        "tier": worst if codes else None,
        "drone": any(code.startswith(("8806", "8807")) for code in codes) if codes else None,
        "strategic_chapter": any(code[:2] in STRATEGIC for code in codes) if codes else None,
        "findings": tuple(dict.fromkeys(finding.code for finding in situation.findings)),
        "carrier_named": bool(header.get("carrier_id")),
        "vehicle_named": bool(header.get("vehicle_number")),
        "paper_form": bool(header.get("paper_reason")),
        "end_user_named": bool(header.get("end_user_id")),
        "writeoff_reason": str(header["reason"]) if header.get("reason") else None,
    }
    ends = destinations(document) if what(document) in EXPORTS or document.kind == "export_declaration" else []
    if ends:
        found |= {
            "destination": ends[0],
            "destination_coalition": all(lists.is_coalition(country, on) for country in ends),
            "destination_transshipment": any(lists.is_transshipment(country, on) for country in ends),
            "destination_russia": any(country in RUSSIA for country in ends),
            "destination_union": any(country in unions.members(situation.union, on) for country in ends)
            if situation.union
            else None,
        }
    buyers = buyers_of(document)
    if buyers and header.get("carrier_id"):
        movers = {str(header.get(f"{role}_id")) for role in ("carrier", "declarant") if header.get(f"{role}_id")}
        found["carrier_is_consignee"] = bool(movers & set(buyers))
    if header.get("end_user_id") and header.get("consignee_id"):
        found["end_user_differs"] = header["end_user_id"] != header["consignee_id"]
    if header.get("driver_id") and holder_of(document):
        found["driver_is_sender"] = header["driver_id"] == holder_of(document)
    if isinstance(header.get("shipped_on"), date):
        found["shipped_before_filing_days"] = (on - header["shipped_on"]).days
    if header.get("dispatch_country"):
        found["dispatch"] = str(header["dispatch_country"])
    return found


def _route(situation: Situation) -> dict[str, FactValue | None]:
    document, on = situation.document, situation.at.date()
    header = document.header
    found: dict[str, FactValue | None] = {}
    sent_from = header.get("dispatch_country")
    made_in = [str(line["origin_country"]) for line in document.lines if line.get("origin_country")]
    if sent_from and made_in:
        found["origin_elsewhere"] = any(country != sent_from for country in made_in)
        found["through_russia"] = sent_from in RUSSIA and any(country not in RUSSIA for country in made_in)
    if header.get("vehicle_number"):
        vehicle = situation.memories.get(f"vehicle/{header['vehicle_number']}", {})
        stopped = vehicle.get("stopped", [])
        if stopped:
            found["vehicle_refused_days"] = (on - date.fromisoformat(stopped[-1][0])).days
        found["vehicle_missed"] = sum(1 for _ in recent(vehicle.get("missed", ()), on, 180))
    holder = situation.memories.get(f"party/{holder_of(document)}")
    if holder is not None:
        found["expected_unanswered"] = sum(1 for _ in recent(holder.get("missed", ()), on, 180))
    if situation.prior is not None:
        before = situation.prior.header
        found["exit_place_changed"] = any(
            before.get(name) != header.get(name) for name in ("exit_place", "destination_country")
        )
        found["consignee_changed"] = any(
            before.get(name) != header.get(name) for name in ("consignee_id", "receiver_id", "carrier_id")
        )
    return found


def _descriptions(situation: Situation) -> dict[str, FactValue | None]:
    if situation.descriptions is None:
        return {}
    lines = [
        situation.descriptions(str(line["description"]), str(line["commodity_code"]))
        for line in situation.document.lines
        if line.get("description") and line.get("commodity_code")
    ]
    if not lines:
        return {}
    known = [line.suspicion for line in lines if line.suspicion is not None]
    return {
        "description_vague": any(line.vague for line in lines),
        "description_controlled": any(line.controlled for line in lines),
        "description_suspicion": round(max(known), 4) if known else None,
        "description_mark": next((line.mark for line in lines if line.mark is not None), None),
        "description_edition": next((line.edition for line in lines if line.edition), None),
    }


def _prices(situation: Situation) -> dict[str, FactValue | None]:
    """How far values and masses of the lines are from what is usual for their codes."""
    if not has_prices(situation.document):
        return {}
    on = situation.at.date()
    found: dict[str, list[float]] = {"kg": [], "each": [], "mass": []}
    for line in situation.document.lines:
        if not line.get("commodity_code"):
            continue
        for name, value in measures(line, on):
            far = away(lambda key: situation.memories.get(key, {}), str(line["commodity_code"]), name, value, on)
            if far is not None:
                found[name.split()[0]].append(far)
    kilogram, piece, mass = found["kg"], found["each"], found["mass"]
    return {
        "price_per_kg_ratio": round(max(kilogram), 3) if kilogram else None,
        "price_per_kg_low": round(min(kilogram), 3) if kilogram else None,
        "price_per_piece_ratio": round(max(piece), 3) if piece else None,
        "kg_per_piece_ratio": round(max(max(each, 1 / each) for each in mass), 3) if mass else None,
    }


def _statistics(situation: Situation) -> dict[str, FactValue | None]:
    """What the trade statistics say of exports, by the line of which they say most."""
    if situation.statistics is None or what(situation.document) not in EXPORTS:
        return {}
    on = situation.at.date()
    told = [
        found
        for line in situation.document.lines
        if line.get("commodity_code")
        for country in destinations(situation.document)
        if (found := situation.statistics(line, country, on)) is not None
    ]
    prices = [each.price_z for each in told if each.price_z is not None]
    shares = [each.route_share for each in told if each.route_share is not None]
    scores = [each.hub_score for each in told if each.hub_score is not None]
    verdicts = [each.hub_verdict for each in told if each.hub_verdict is not None]
    farthest = max(prices, key=abs, default=None)
    return {
        "trade_price_z": round(farthest, 3) if farthest is not None else None,
        "trade_route_share": round(min(shares), 6) if shares else None,
        "trade_hub_score": round(max(scores), 4) if scores else None,
        "trade_hub_verdict": max(verdicts, key=VERDICTS.index) if verdicts else None,
        # Where they say nothing of a line, it is of this edition that they do not.
        "trade_edition": next((each.edition for each in told if each.edition), None),
    }


# -- parties -----------------------------------------------------------------------------------


def registered_on(identifier: str) -> date | None:
    """First day of the month a Kazakh firm was registered in, as its BIN tells; None for other numbers.

    A BIN's first four digits are the year and month; its fifth is 4, 5 or 6, where an IIN has the day of birth.
    Source: Law of the Republic of Kazakhstan of 12 January 2007 No 223 on national registers of identification
    numbers; digits as in python-stdnum's description.
    """
    if len(identifier) != BIN_DIGITS or not identifier.isdigit() or identifier[4] not in "456":
        return None
    year, month = int(identifier[:2]), int(identifier[2:4])
    if not 1 <= month <= 12:  # noqa: PLR2004 - months
        return None
    return date(2000 + year if year < 90 else 1900 + year, month, 1)  # noqa: PLR2004 - registers began in the nineties


def _party(situation: Situation) -> dict[str, FactValue | None]:
    document, on = situation.document, situation.at.date()
    identifier = holder_of(document)
    if not identifier:
        return {}
    known = situation.memories.get(f"party/{identifier}", {})
    found: dict[str, FactValue | None] = {
        "party_known_days": _days(known.get("seen"), on) or 0,
        "party_entries": known.get("entries", 0),
        "party_exports": known.get("exports", 0),
        "party_stopped": len(known.get("stopped", ())),
        "party_other_births": known.get("other_births", 0),
        "party_entered_before_control": bool(known.get("entered")) and known["entered"] < CONTROL.isoformat(),
        "party_listed_before_control": bool(known.get("listed_first")) and known["listed_first"] < CONTROL.isoformat(),
        "party_drafts": sum(1 for _ in recent(known.get("versions", ()), on, 14)),
    }
    registered = registered_on(identifier)
    if registered is not None:
        found["party_age_days"] = (on - registered).days
        # The month is all the number tells: February 2022 counts as before.
        found["party_registered_after_control"] = registered > CONTROL
    if known.get("listed_first"):
        first = date.fromisoformat(known["listed_first"])
        found["party_first_listed_days"] = (on - first).days
        found["party_trade_before_listed_days"] = (first - date.fromisoformat(known["seen"])).days
    if known.get("lines"):
        found["party_listed_share"] = round(known.get("listed_lines", 0) / known["lines"], 4)
    if "gap" in known and (_days(known["gap_until"], on) or 0) <= AWAKE_DAYS:
        found["party_dormant_days"] = known["gap"]
    found["party_listed_jump"] = _jump(known.get("listed_days", ()), on)
    found["party_russia_days"] = _days(known.get("russia"), on)
    found["party_director_changed_days"] = _days(known.get("director_since"), on)
    receiver = str(document.header.get("receiver_id", ""))
    if document.kind == "waybill" and receiver:
        found["party_reissued"] = sum(1 for row in recent(known.get("withdrawn", ()), on, 14) if row[1] == receiver)
    words = set(known.get("listed_words", ()))
    if words:
        found["party_code_unlisted"] = any(
            plain_words(str(line.get("description", ""))) in words
            for line in document.lines
            if line.get("commodity_code") and not tier_of(str(line["commodity_code"]), on)
        )
    return found


def _jump(rows: Iterable[Sequence[object]], on: date) -> float | None:
    """Value of the last sixty days over the most of any sixty days that ended before; None without a past."""
    edge = on - timedelta(days=JUMP_DAYS)
    now = most = 0
    window: deque[tuple[date, int]] = deque()
    held = 0
    for day, amount in sorted((date.fromisoformat(str(day)), int(str(amount))) for day, amount in rows):
        if day > edge:
            now += amount
            continue
        window.append((day, amount))
        held += amount
        while day - window[0][0] >= timedelta(days=JUMP_DAYS):
            held -= window.popleft()[1]
        most = max(most, held)
    return round(now / most, 3) if most and now else None


def _days(since: str | None, on: date) -> int | None:
    return None if since is None else max(0, (on - date.fromisoformat(since)).days)


def _with_listed(document: Document, finding: Finding) -> bool:
    """Whether a finding says that the holder has its address or director in common with a listed party."""
    role = finding.path.removeprefix("header/").removesuffix("_name").removesuffix("_director")
    if document.header.get(f"{role}_id") != holder_of(document):
        return False
    return finding.code == "address_of_listed" or (
        finding.code == "listed_party" and finding.path.endswith("_director")
    )


def _shared(situation: Situation) -> dict[str, FactValue | None]:
    document, on = situation.document, situation.at.date()
    if not with_marks(document):
        return {}
    own = f"party/{holder_of(document)}"
    others: set[str] = set()
    stopped = False
    written: list[Sequence[object]] = list(situation.memories.get(own, {}).get("written_off", ()))
    for key in marks_of(document):
        known = situation.memories.get(key, {})
        others.update(firm for firm in known.get("firms", ()) if firm != own)
        stopped = stopped or any(f"party/{row[2]}" != own for row in known.get("stopped", ()))
        written += known.get("written_off", ())
    found: dict[str, FactValue | None] = {"shared_with": len(others), "shared_with_stopped": stopped}
    if situation.screened:
        found["shared_with_listed"] = any(_with_listed(document, finding) for finding in situation.findings)
    if what(document) in EXPORTS:
        gone = list(recent(written, on, JUMP_DAYS))
        if gone:
            found["party_writeoff_days"] = min((on - date.fromisoformat(str(row[0]))).days for row in gone)
        amounts = {(float(str(row[2])), str(row[3])) for row in gone}
        total: dict[str, float] = {}
        for row in {tuple(row) for row in gone}:
            total[f"{row[4]} {row[3]}"] = total.get(f"{row[4]} {row[3]}", 0.0) + float(str(row[2]))
        amounts |= {(amount, key.rpartition(" ")[2]) for key, amount in total.items()}
        found["party_writeoff_matches"] = any(
            str(line.get("unit")) == unit and amount and abs(float(line["quantity"]) / amount - 1) <= 0.02  # noqa: PLR2004 - counted twice
            for line in document.lines
            if line.get("quantity")
            for amount, unit in amounts
        )
    return found


@lru_cache(maxsize=16_384)
def phone_country(number: str) -> str:
    """Country of a telephone number in international form; empty where it cannot be told."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ""
    if parsed.country_code == 7:  # noqa: PLR2004 - Russia and Kazakhstan share it
        # The next digit tells them apart, also for numbers the plan of a vendor's tables does not hold.
        return "KZ" if str(parsed.national_number)[:1] in {"6", "7"} else "RU"
    return phonenumbers.region_code_for_country_code(parsed.country_code or 0)


def _buyers(situation: Situation) -> dict[str, FactValue | None]:
    document, on = situation.document, situation.at.date()
    if what(document) not in EXPORTS:
        return {}
    header = document.header
    buyers = buyers_of(document)
    known = [situation.memories.get(f"party/{buyer}", {}) for buyer in buyers]
    found: dict[str, FactValue | None] = {}
    if buyers:
        found["counterparty_known_days"] = min(_days(each.get("seen"), on) or 0 for each in known)
        found["counterparty_stopped"] = max(len(each.get("stopped", ())) for each in known)
    pairs = [
        (phone_country(str(header[f"{role}_phone"])), str(header[f"{role}_country"]))
        for role in BUYER_ROLES
        if header.get(f"{role}_phone") and header.get(f"{role}_country")
    ]
    pairs = [(phone, country) for phone, country in pairs if phone]
    if pairs:
        found["phone_country_differs"] = any(phone not in {country, "001"} for phone, country in pairs)
        found["phone_russian"] = any(phone in RUSSIA and country not in RUSSIA for phone, country in pairs)
    listed = {str(line["commodity_code"])[:6] for line in document.lines if tier_of(str(line["commodity_code"]), on)}
    if listed and buyers:
        holder = f"party/{holder_of(document)}"
        counts = [1]
        suppliers = {holder}
        for each in known:
            rows = [row for row in recent(each.get("asked", ()), on, SAME_LOADS_DAYS) if row[1] in listed]
            counts += [len({row[2] for row in rows if row[1] == hs6} | {document.id}) for hs6 in listed]
            suppliers.update(row[3] for row in rows)
        found["same_goods_loads"] = max(counts)
        found["counterparty_suppliers"] = len(suppliers)
    return found


# -- goods -------------------------------------------------------------------------------------


def _goods(situation: Situation) -> dict[str, FactValue | None]:
    document, on = situation.document, situation.at.date()
    lots = [lot for each in situation.lots.values() for lot in each]
    if not lots:
        return {}
    holder = holder_of(document)
    ages = [(on - lot.born_on).days for lot in lots]
    births = sorted({Birth(lot.birth).value for lot in lots if lot.birth != Birth.ENTRY})
    found: dict[str, FactValue | None] = {
        "lots_known": True,
        "stock_age_days": max(0, min(ages)),
        "stock_other_births": tuple(births),
    }
    dear = [situation.memories[key]["dear"] for key in drawn_keys(lots) if "dear" in situation.memories.get(key, {})]
    found["stock_price_ratio"] = max(dear) if dear and looks_at_stock(document) else None
    hops, since = 0, ""
    returned = False
    for lot in lots:
        known = situation.memories.get(f"lot/{lot.lot_id}", {})
        hop, first = known.get("hands", {}).get(holder, (0, ""))
        if hop > hops:
            hops, since = hop, first
        returned = returned or "returned" in known
    if any(tier_of(lot.commodity_code, lot.born_on) for lot in lots):
        found["resale_hops"] = hops
        if since:
            found["resale_days"] = _days(since, on)
        found["stock_returned"] = returned
    if document.kind == "write_off":
        found["writeoff_stock_days"] = max(0, min(ages))
    return found


def _paper_trail(situation: Situation) -> dict[str, FactValue | None]:
    if situation.document.kind != "return":
        return {}
    waybill = situation.documents.get(str(situation.document.header.get("waybill", "")))
    if waybill is None:
        return {}
    return {
        "return_delivered": waybill.state == "closed",
        "return_days": max(0, (situation.at.date() - waybill.document.issued_on).days),
    }
