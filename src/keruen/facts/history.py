"""What is remembered of firms, their details, lots, officers and codes, kept up to date with every command.

A memory is a plain record under a key: `party/<id>`, `mark/<kind>/<value>` (a director, address or telephone),
`lot/<id>`, `vehicle/<number>`, `officer/<user>`, `code/<six digits>`. `after` tells how the memories change
when a command was accepted; it sees nothing but the memories and the command, so that playing all commands again in
their order gives the same memories. Records are never changed in place.

Money stands in whole dollars at the average rate of the year, for orders of magnitude. Lists are bounded, oldest out
first.

Source of the patterns: joint guidance of 26 September 2023 on the common high priority list (new importers, old
importers of new codes, sudden jumps); the others as given with each rule.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from keruen.codes import lists
from keruen.facts.rates import dollars
from keruen.model.actor import Actor
from keruen.model.document import Document, Fields
from keruen.model.lot import WORLD, Lot, Posting
from keruen.model.quantity import plain

Memory = Mapping[str, Any]
"""One record; treated as unchangeable."""
Memories = Mapping[str, Memory]

CONTROL: Final = date(2022, 2, 24)
"""From when on the published patterns count."""
RUSSIA: Final = frozenset({"RU", "BY"})
DETAILS: Final = ("phone", "director", "address")
HOLDER_ROLES: Final = ("importer", "exporter", "sender", "holder", "maker")
"""Roles whose goods a document moves, in the order they are looked for."""
HOLDER_IDS: Final = tuple(f"{role}_id" for role in HOLDER_ROLES)
BUYER_ROLES: Final = ("end_user", "consignee", "receiver")
BUYER_IDS: Final = tuple(f"{role}_id" for role in BUYER_ROLES)
ENOUGH: Final = 8
"""Entries of a code before its usual price is spoken of without reserve."""
LEVELS: Final = ((6, ENOUGH, 1.0), (6, 3, 2.0), (4, 24, 2.0), (2, 60, 3.0))
"""Digits of a code, entries wanted before its usual price is spoken of, and how many times the usual of so few or of so
wide a class may be the usual of the code; the first that has enough is asked."""
DIGITS: Final = (6, 4, 2)
WHOLE_LIST: Final = date(2024, 2, 23)
"""From which day on the high priority list had its fifty codes; what was entered before is classed as on that day."""
DEAR: Final = 3.0
"""Price over the usual from which on a lot is remembered as dear."""
OUTLIER: Final = 10.0
KEPT: Final = 40
"""Most entries of a bounded list."""
DAYS_KEPT: Final = 96
PARTIES_KEPT: Final = 16
HOLDERS_KEPT: Final = 200
REFUSALS: Final = frozenset({"refused", "declined_by_authority"})
MISSED: Final = frozenset({"overdue"})
EXPORTS: Final = frozenset({"export_application", "waybill/export"})
WINDOW: Final = timedelta(days=180)


class Happening(NamedTuple):
    """An accepted command as memories take it in.

    `postings` are those it made; `lots` holds at least the lots they name; `before` and `state` are those of the
    document it acted on.
    """

    transition: str
    before: str
    state: str
    document: Document
    actor: Actor
    at: datetime
    filed_at: datetime
    postings: Sequence[Posting]
    lots: Mapping[str, Lot]


def what(document: Document) -> str:
    """The kind, for a waybill with what it moves goods for: `waybill/export`."""
    return f"{document.kind}/{document.movement}" if document.movement else document.kind


@lru_cache(maxsize=65_536)
def tier_of(code: str, on: date) -> str:
    """Tier of a code that day, `drone` for the additions, empty where it is not listed."""
    found = lists.listed_for_control(code, on) if len(code) in {6, 10} else None
    return "" if found is None else found.tier or "drone"


def holder_of(document: Document) -> str:
    """Id of the party whose goods the document moves; empty where it names none."""
    header = document.header
    for name in HOLDER_IDS:
        if found := header.get(name):
            return str(found)
    return ""


def holder_role(document: Document) -> str:
    """In which role the holder stands."""
    return next((role for role in HOLDER_ROLES if document.header.get(f"{role}_id")), "")


def buyers_of(document: Document) -> list[str]:
    """Ids of those the goods go to, each once, the last user first."""
    header = document.header
    named = [str(header[name]) for name in BUYER_IDS if header.get(name)]
    return list(dict.fromkeys(named))


@lru_cache(maxsize=65_536)
def mark(detail: str, value: str) -> str:
    """Key of a detail that firms may share: spelling, case and punctuation do not count."""
    plain_text = unicodedata.normalize("NFKC", value).casefold()
    if detail == "phone":
        digits = re.sub(r"\D", "", plain_text)
        return f"mark/phone/{digits}" if len(digits) > 6 else ""  # noqa: PLR2004 - shorter ones are no number
    words = sorted(re.findall(r"\w+", plain_text)) if detail == "director" else re.findall(r"\w+", plain_text)
    return f"mark/{detail}/{' '.join(words)}"[:200] if len(words) > 1 else ""


def marks_of(document: Document) -> list[str]:
    """Keys of the holder's details, as far as the document gives them."""
    role = holder_role(document)
    found = [
        mark(detail, str(document.header[f"{role}_{detail}"]))
        for detail in DETAILS
        if document.header.get(f"{role}_{detail}")
    ]
    return [each for each in found if each]


def with_marks(document: Document) -> bool:
    """Whether the holder's details are looked at: entries, write-offs and exports, not every sale in the country."""
    return what(document) in {"entry_declaration", "write_off", *EXPORTS}


def keys(document: Document) -> set[str]:
    """Memories a command on a document may change, but for those of its lots and of the officer who acts."""
    header = document.header
    found = {f"party/{value}" for name, value in header.items() if name.endswith("_id") and name not in _NO_PARTY}
    if with_marks(document):
        found.update(marks_of(document))
        if header.get("vehicle_number"):
            found.add(f"vehicle/{header['vehicle_number']}")
    elif document.kind in {"partner_export_notice", "transit_declaration"} and header.get("vehicle_number"):
        found.add(f"vehicle/{header['vehicle_number']}")
    if document.kind == "entry_declaration":
        found.update(code_keys(document))
    return found


def read_keys(document: Document) -> set[str]:
    """Memories that are looked at and not changed: what goods of these codes usually cost."""
    return code_keys(document) if what(document) in EXPORTS else set()


_NO_PARTY: Final = frozenset({"driver_id", "filer_id", "carrier_id", "declarant_id"})


def has_prices(document: Document) -> bool:
    """Whether what goods of its codes usually cost is known of a document; see `looks_at_stock`."""
    return what(document) in {"entry_declaration", *EXPORTS}


def code_keys(document: Document) -> set[str]:
    """What is remembered of the prices of a document's codes."""
    codes = {str(line["commodity_code"])[:6] for line in document.lines if line.get("value")}
    return {f"code/{code[:digits]}" for code in codes for digits in DIGITS}


def looks_at_stock(document: Document) -> bool:
    """Whether what a document's lots cost at entry is a fact of it.

    Of others it is not even where a batch has read it for its neighbours: a decision must not depend on company.
    """
    return what(document) in {"write_off", *EXPORTS}


def drawn_keys(lots: Iterable[Lot]) -> set[str]:
    """Memories of lots that are only looked at: of those under no control too, for what they cost at entry."""
    return {f"lot/{lot.lot_id}" for lot in lots}


def lot_keys(lots: Iterable[Lot]) -> set[str]:
    """Memories of lots under control on the day they were born; others are not followed hand by hand."""
    return {f"lot/{lot.lot_id}" for lot in lots if tier_of(lot.commodity_code, lot.born_on)}


# -- taking in ---------------------------------------------------------------------------------


def after(memories: Memories, happened: Happening) -> dict[str, Memory]:
    """The memories a command changes, as they are after it.

    Args:
        memories: At least those of `keys` and of the lots it moved, as they were; missing ones are new.
        happened: The command.
    """
    work = _Work(memories)
    document, on = happened.document, happened.at.date()
    for name, value in document.header.items():
        if name.endswith("_id") and name not in _NO_PARTY:
            work.seen(f"party/{value}", on)
    if happened.transition == "file" or (happened.before == "draft" and happened.state != "draft"):
        _filed(work, happened, on)
    _moved(work, happened, on)
    if happened.state in REFUSALS and happened.before not in REFUSALS:
        _refused(work, document, on)
    if happened.state in MISSED:
        _missed(work, document, on)
    if happened.state in {"revoked", "cancelled"}:
        _withdrawn(work, document, on)
    if happened.actor.is_authority and happened.before == "held" and happened.state != "held":
        _decided(work, happened)
    return work.changed


class _Work:
    """Memories being changed: each is copied before its first change."""

    __slots__ = ("changed", "memories")

    def __init__(self, memories: Memories) -> None:
        self.memories = memories
        self.changed: dict[str, Memory] = {}

    def get(self, key: str) -> Memory:
        """As it is now."""
        return self.changed.get(key) or self.memories.get(key) or {}

    def set(self, key: str, **values: Any) -> None:  # noqa: ANN401 - whatever JSON holds
        """Change some of its values."""
        self.changed[key] = {**self.get(key), **values}

    def add(self, key: str, name: str, count: float = 1) -> None:
        """Count up."""
        self.set(key, **{name: self.get(key).get(name, 0) + count})

    def append(self, key: str, name: str, row: list[Any], *, keep: int = KEPT) -> None:
        """Add to a bounded list, once."""
        rows = self.get(key).get(name, [])
        if row not in rows:
            self.set(key, **{name: [*rows, row][-keep:]})

    def seen(self, key: str, on: date) -> None:
        """Note the first day."""
        if "seen" not in self.get(key):
            self.set(key, seen=on.isoformat())


def _filed(work: _Work, happened: Happening, on: date) -> None:
    document = happened.document
    holder = f"party/{holder_of(document)}"
    known = what(document)
    if holder == "party/":
        return
    _director(work, document, holder, on)
    if with_marks(document):
        for key in marks_of(document):
            firms = work.get(key).get("firms", [])
            if holder not in firms:
                work.set(key, firms=[*firms, holder][-PARTIES_KEPT:])
    if known in EXPORTS:
        _export_filed(work, document, holder, on)
    elif known == "entry_declaration" and document.version == 1:
        _entered(work, document, holder, on)
    elif known == "write_off":
        _written_off(work, document, holder, on)
    elif _other_birth(document, on):
        work.add(holder, "other_births")


def _export_filed(work: _Work, document: Document, holder: str, on: date) -> None:
    if document.version > 1:
        work.append(holder, "versions", [on.isoformat(), document.id, document.version])
        return
    if document.kind == "waybill":
        work.add(holder, "exports")
        if {str(document.header.get(name)) for name in ("destination_country", "receiver_country")} & RUSSIA:
            work.set(holder, russia=on.isoformat())
        return
    listed = {str(line["commodity_code"])[:6] for line in document.lines if tier_of(str(line["commodity_code"]), on)}
    for buyer in buyers_of(document):
        for hs6 in sorted(listed):
            work.append(f"party/{buyer}", "asked", [on.isoformat(), hs6, document.id, holder])


def _other_birth(document: Document, on: date) -> bool:
    """Whether stock appears otherwise than by entry, for goods under control or come back."""
    if document.kind == "return":
        return True
    up = document.kind == "correction" and document.header.get("direction") == "increase"
    listed = any(tier_of(str(line.get("commodity_code", "")), on) for line in document.lines)
    return listed and (up or document.kind == "opening_balance")


def _director(work: _Work, document: Document, holder: str, on: date) -> None:
    name = document.header.get(f"{holder_role(document)}_director")
    if not name:
        return
    key = mark("director", str(name))
    known = work.get(holder).get("director")
    if known is None:
        work.set(holder, director=key)
    elif known != key:
        work.set(holder, director=key, director_since=on.isoformat())


def _entered(work: _Work, document: Document, holder: str, on: date) -> None:
    known = work.get(holder)
    first_listed = known.get("listed_first")
    lines = listed = 0
    worth = 0
    chapters = set(known.get("chapters", ()))
    for line in document.lines:
        lines += 1
        code = str(line["commodity_code"])
        chapters.add(code[:2])
        if tier_of(code, on):
            listed += 1
            worth += round(dollars(line["value"], str(line["currency"]), on) or 0)
        _priced(work, document, line, on)
    values = {
        "entries": known.get("entries", 0) + 1,
        "entered": known.get("entered") or on.isoformat(),
        "lines": known.get("lines", 0) + lines,
        "last": on.isoformat(),
        "chapters": sorted(chapters),
    }
    if known.get("last"):
        gap = (on - date.fromisoformat(known["last"])).days
        if gap > known.get("gap", 0):
            values["gap"] = gap
            values["gap_until"] = on.isoformat()
    if listed:
        values["listed_lines"] = known.get("listed_lines", 0) + listed
        values["listed_first"] = first_listed or on.isoformat()
        values["listed_days"] = [*known.get("listed_days", ()), [on.isoformat(), worth]][-DAYS_KEPT:]
        words = {
            " ".join(re.findall(r"\w+", str(line["description"]).casefold()))[:60]
            for line in document.lines
            if tier_of(str(line["commodity_code"]), on)
        }
        values["listed_words"] = sorted({*known.get("listed_words", ()), *words})[-KEPT:]
    work.set(holder, **values)


def plain_words(text: str) -> str:
    """The start of a description without case and punctuation, to know it again."""
    return " ".join(re.findall(r"\w+", text.casefold()))[:60]


def measures(line: Fields, on: date) -> Iterator[tuple[str, float]]:
    """What is compared of a line: dollars for a kilogram and for a unit, kilograms for a unit."""
    value = dollars(line["value"], str(line.get("currency", "")), on) if line.get("value") else None
    mass, quantity = line.get("net_mass_kg"), line.get("quantity")
    if value and mass:
        yield "kg", value / float(mass)
    if value and quantity and line["unit"] != "KGM":
        yield f"each {line['unit']}", value / float(quantity)
    if mass and quantity and line["unit"] != "KGM":
        yield f"mass {line['unit']}", float(mass) / float(quantity)


def ratio(usual: Memory, name: str, value: float, enough: int = ENOUGH) -> float | None:
    """A measure over the usual one of its code; None where too few entries are known."""
    known = usual.get(name)
    if known is None or known[0] < enough or value <= 0:
        return None
    return value / math.exp(known[1])


def away(memories: Callable[[str], Memory], code: str, name: str, value: float, on: date) -> float | None:
    """A measure over the usual one of its six digits, its heading or its chapter; None where all are rare.

    Goods of a heading differ more, those of a chapter still more: what is said of them is drawn towards the usual.
    Within these, goods under control and others are told apart: beside chips everything of chapter 85 is cheap, and
    chips under the code of a switchboard would look like the chapter's usual.
    """
    for digits, enough, spread in LEVELS:
        found = ratio(memories(f"code/{code[:digits]}"), _classed(name, code, digits, on), value, enough)
        if found is not None:
            return max(1.0, found / spread) if found >= 1 else min(1.0, found * spread)
    return None


def _classed(name: str, code: str, digits: int, on: date) -> str:
    """Under which name a measure is remembered: in headings and chapters apart for goods under no control."""
    return name if digits == 6 or tier_of(code, max(on, WHOLE_LIST)) else f"free {name}"  # noqa: PLR2004 - a subheading


def _priced(work: _Work, document: Document, line: Fields, on: date) -> None:
    """Compare a line with what its code usually costs, remember a lot that is dear, and take it into the usual.

    Of measures the running mean and spread of the logarithm are kept (Welford).
    """
    code = str(line["commodity_code"])
    found = list(measures(line, on))
    prices = [away(work.get, code, name, value, on) for name, value in found if not name.startswith("mass")]
    dear = max((each for each in prices if each is not None), default=0.0)
    if dear >= DEAR:
        work.set(f"lot/{document.id}/{line['line']}", dear=round(dear, 3))
    if not line.get("value"):
        return
    for digits in DIGITS:
        key = f"code/{code[:digits]}"
        known = dict(work.get(key))
        for plain_name, value in found:
            name = _classed(plain_name, code, digits, on)
            # One odd entry must not move what is usual: beyond tenfold it is not taken in.
            far = ratio(known, name, value)
            if far is None or 1 / OUTLIER < far < OUTLIER:
                _welford(known, name, value)
        if known:
            work.set(key, **known)


def _welford(known: dict[str, Any], name: str, value: float) -> None:
    count, mean, spread = known.get(name, (0, 0.0, 0.0))
    x = math.log(value)
    count += 1
    step = x - mean
    mean += step / count
    known[name] = [count, mean, spread + step * (x - mean)]


def _written_off(work: _Work, document: Document, holder: str, on: date) -> None:
    for line in document.lines:
        code = str(line.get("commodity_code", ""))
        if code and tier_of(code, on):
            row = [on.isoformat(), code[:6], plain(line["quantity"]), str(line["unit"]), document.id]
            for key in (holder, *marks_of(document)):
                work.append(key, "written_off", row)


def _moved(work: _Work, happened: Happening, on: date) -> None:
    """Follow listed lots from hand to hand, and note what left and what came back."""
    for posting in happened.postings:
        lot = happened.lots.get(posting.lot_id)
        if lot is None or not tier_of(lot.commodity_code, lot.born_on):
            continue
        key = f"lot/{lot.lot_id}"
        if posting.from_holder == WORLD and posting.to_holder != WORLD:
            if posting.from_status == "exit":
                work.set(key, returned=on.isoformat())
            continue
        if posting.to_holder == WORLD:
            if posting.to_status == "exit":
                work.set(key, left=on.isoformat())
            continue
        if posting.from_holder == posting.to_holder:
            continue
        hands = work.get(key).get("hands", {})
        hops, since = hands.get(posting.from_holder, (0, ""))
        before = hands.get(posting.to_holder)
        if (before is None or before[0] < hops + 1) and len(hands) < HOLDERS_KEPT:
            work.set(key, hands={**hands, posting.to_holder: [hops + 1, since or on.isoformat()]})


def _refused(work: _Work, document: Document, on: date) -> None:
    holder = holder_of(document)
    for party in {holder, *buyers_of(document)} - {""}:
        work.append(f"party/{party}", "stopped", [on.isoformat(), document.id])
    if with_marks(document):
        for key in marks_of(document):
            work.append(key, "stopped", [on.isoformat(), document.id, holder])
        if document.header.get("vehicle_number"):
            work.append(f"vehicle/{document.header['vehicle_number']}", "stopped", [on.isoformat(), document.id])


def _missed(work: _Work, document: Document, on: date) -> None:
    for role in ("receiver", "carrier"):
        party = document.header.get(f"{role}_id")
        if party and role == "receiver":
            work.append(f"party/{party}", "missed", [on.isoformat(), document.id])
    if document.header.get("vehicle_number"):
        work.append(f"vehicle/{document.header['vehicle_number']}", "missed", [on.isoformat(), document.id])


def _withdrawn(work: _Work, document: Document, on: date) -> None:
    if document.kind == "waybill":
        receiver = str(document.header.get("receiver_id", ""))
        work.append(f"party/{holder_of(document)}", "withdrawn", [on.isoformat(), receiver, document.id])


def _decided(work: _Work, happened: Happening) -> None:
    """An officer let something go: for whom, and how fast."""
    if happened.state in REFUSALS:
        return
    seconds = int((happened.at - happened.filed_at).total_seconds())
    row = [happened.at.isoformat(), holder_of(happened.document), seconds, happened.document.id]
    work.append(f"officer/{happened.actor.user}", "releases", row, keep=400)


def recent(rows: Iterable[Sequence[Any]], on: date, days: int) -> Iterator[Sequence[Any]]:
    """Rows whose day lies at most so many days back."""
    first = (on - timedelta(days=days)).isoformat()
    return (row for row in rows if str(row[0])[:10] >= first)
