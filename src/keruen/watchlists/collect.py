"""A listed party in the making: loaders put in what they meet, in any order and more than once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keruen.codes import identifiers as numbers
from keruen.model.party import Identifier, ListedParty, Name, NameKind, PartyKind
from keruen.watchlists.source import tidy

if TYPE_CHECKING:
    from datetime import date

_KINDS: Final = (
    (("passport",), "passport"),
    (("imo", "vessel registration identification"), "imo"),
    (("mmsi",), "mmsi"),
    (("call sign",), "call_sign"),
    (("swift", "bic"), "swift"),
    (("lei", "legal entity identifier"), "lei"),
    (("unified social credit", "uscc"), "uscc"),
    (("digital currency", "wallet"), "wallet"),
    (("ogrn",), "ogrn"),
    (("inn",), "inn"),
    (("tax", "vat", "fiscal"), "tax"),
    (("tail number", "aircraft"), "tail"),
    (("national", "identity card", "identification", "cedula", "id card", "personal", "birth certificate"), "national"),
    (
        ("registration", "register", "company number", "government gazette", "licence", "license", "trade"),
        "registration",
    ),
)


SHORT: Final = 5
"""A title shorter than this counts only as a word of its own: `inn` does not stand in `beginning`."""


def scheme_of(title: str, text: str = "", country: str = "") -> str:
    """Which of our schemes a publisher's title of a number means: `Tax ID No.` of Russia is an INN."""
    low = re.sub(r"[^a-z ]", " ", title.lower())
    words = low.split()
    found = next(
        (
            scheme
            for titles, scheme in _KINDS
            if any(each in words if " " not in each and len(each) < SHORT else each in low for each in titles)
        ),
        "other",
    )
    if found == "tax" and country == "ru" and isinstance(numbers.check("ru_inn", text), numbers.Valid):
        return "inn"
    if found == "registration" and country == "ru" and isinstance(numbers.check("ru_ogrn", text), numbers.Valid):
        return "ogrn"
    return found


_SOMETHING: Final = re.compile(r"[^\W_]")
"""A letter or a digit, without which a text names nothing."""


class Collected:
    """One party while its file is read."""

    def __init__(self, id: str, kind: PartyKind = PartyKind.UNKNOWN) -> None:  # noqa: A002 - the publisher's id
        self.id, self.kind = tidy(id), kind
        self.names: dict[str, Name] = {}
        self.dates: dict[str, None] = {}
        self.countries: dict[str, None] = {}
        self.identifiers: dict[Identifier, None] = {}
        self.addresses: dict[str, None] = {}
        self.programmes: dict[str, None] = {}
        self.measures: dict[str, None] = {}
        self.remarks: list[str] = []
        self.listed_on: date | None = None
        self.listed = True
        self.place_of_birth = ""
        self.gender = ""

    def name(self, text: str | None, kind: NameKind = NameKind.ALIAS, language: str = "") -> None:
        """Add a name; the first is the primary one. A name met twice keeps its surer kind."""
        bare = tidy(text)
        if not _SOMETHING.search(bare):
            return
        folded = bare.casefold()
        known = self.names.get(folded)
        if known is None:
            sure = NameKind.PRIMARY if not self.names and kind != NameKind.WEAK else kind
            self.names[folded] = Name(bare, sure, language)
        elif known.kind == NameKind.WEAK and kind != NameKind.WEAK:
            self.names[folded] = known._replace(kind=kind)

    def date(self, text: str) -> None:
        """Add a partial date."""
        if text:
            self.dates[text] = None

    def country(self, code: str) -> None:
        """Add a country's code."""
        if code:
            self.countries[code] = None

    def identifier(self, scheme: str, text: str | None, country: str = "") -> None:
        """Add a number."""
        bare = tidy(text)
        if _SOMETHING.search(bare):
            self.identifiers[Identifier(scheme, bare, country)] = None

    def address(self, *parts: str | None) -> None:
        """Add an address of some parts."""
        bare = ", ".join(each for each in map(tidy, parts) if each not in {"", "-0-"})
        if bare:
            self.addresses[bare] = None

    def programme(self, text: str | None) -> None:
        """Add a programme."""
        if bare := tidy(text):
            self.programmes[bare] = None

    def measure(self, text: str | None) -> None:
        """Add a measure."""
        if bare := tidy(text):
            self.measures[bare] = None

    def remark(self, text: str | None) -> None:
        """Add a remark."""
        if (bare := tidy(text)) and bare not in self.remarks:
            self.remarks.append(bare)

    def party(self) -> ListedParty | None:
        """The party, or None if it has no name."""
        if not self.names:
            return None
        names = sorted(self.names.values(), key=lambda name: name.kind != NameKind.PRIMARY)
        return ListedParty(
            self.id,
            self.kind,
            tuple(names),
            tuple(self.dates),
            tuple(self.countries),
            tuple(self.identifiers),
            tuple(self.addresses),
            tuple(self.programmes),
            tuple(self.measures),
            self.listed_on,
            " ".join(self.remarks),
            self.listed,
            self.place_of_birth,
            self.gender,
        )
