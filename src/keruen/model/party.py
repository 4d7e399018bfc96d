"""Parties as they are screened, and listed parties as their publishers name them.

A listed party is one record of one edition of one list. What the publisher does not say stays empty:
an absent birth date is not a birth date that disagrees. Field meanings follow FollowTheMoney where it has
them, so that exchange with other screening software needs no guessing.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple


class PartyKind(StrEnum):
    """What a party is. A publisher who does not say gives UNKNOWN, which is compared with every kind."""

    PERSON = "person"
    ORGANISATION = "organisation"
    VESSEL = "vessel"
    VEHICLE = "vehicle"
    """Aircraft, lorries and other vehicles that are not ships."""
    ADDRESS = "address"
    UNKNOWN = "unknown"


class NameKind(StrEnum):
    """How much a publisher stands behind a name."""

    PRIMARY = "primary"
    ALIAS = "alias"
    """Another full name of the same party: also known as, formerly known as, in another script."""
    WEAK = "weak"
    """Low quality by the publisher's own word, or a nickname: found only with other evidence."""


class Name(NamedTuple):
    """One name of a party."""

    text: str
    """As published, in its own script and order, spaces tidied."""
    kind: NameKind = NameKind.PRIMARY
    language: str = ""
    """ISO 639 code where the publisher says it, else empty."""


class Identifier(NamedTuple):
    """A number or mark that names a party."""

    scheme: str
    """`bin`, `iin`, `inn`, `ogrn`, `kpp`, `imo`, `mmsi`, `call_sign`, `lei`, `swift`, `uscc`, `passport`, `national`,
    `tax`, `registration`, `tail`, `wallet`, `other`."""
    value: str
    """As published; comparison folds case, spaces and punctuation."""
    country: str = ""
    """ISO 3166 alpha-2 of the issuer, or empty."""


class LinkKind(StrEnum):
    """How one party stands to another."""

    OWNS = "owns"
    CONTROLS = "controls"
    ACTS_FOR = "acts_for"
    """Acts on behalf of, directs, represents, is employed by, provides support for."""
    FAMILY = "family"
    SUCCEEDS = "succeeds"
    ASSOCIATED = "associated"


class Link(NamedTuple):
    """One party's tie to another, read from left to right: `subject` owns `object`."""

    kind: LinkKind
    subject: str
    """Id of a party of the same edition, or empty when only its name is known."""
    object: str
    """The same."""
    share: Fraction | None = None
    """For OWNS: part owned, 0 to 1; None where the publisher does not say."""
    subject_name: str = ""
    object_name: str = ""
    since: str = ""
    """Partial date, as of `ListedParty.dates`."""
    until: str = ""


class ListedParty(NamedTuple):
    """One entry of one list."""

    id: str
    """The publisher's own reference, which stays the same from edition to edition."""
    kind: PartyKind
    names: tuple[Name, ...]
    """At least one; the first is the one the publisher puts first."""
    dates: tuple[str, ...] = ()
    """Of birth, incorporation or building: `1965`, `1965-03`, `1965-03-02`, or a range `1960/1965`."""
    countries: tuple[str, ...] = ()
    """ISO 3166 alpha-2, lower case: nationality, residence, registration, flag, addresses."""
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    """The publisher's own names of programme, regime or legal act."""
    measures: tuple[str, ...] = ()
    """What is forbidden, in the publisher's words: asset freeze, licence requirement, export ban."""
    listed_on: date | None = None
    remarks: str = ""
    listed: bool = True
    """False for somebody named only through ties to listed parties (an owner in an FtM file)."""
    place_of_birth: str = ""
    gender: str = ""
    """`male`, `female` or empty."""


class Edition(NamedTuple):
    """One state of one list, as it was published on a day."""

    source: str
    """Short name of the list: `ofac_sdn`, `eu_fsf`, `un_sc`, `own:NAME` ..."""
    published_on: date | None
    """By the list's own word; None where the file does not say."""
    sha256: str
    """Of the file as received, or of the sorted hashes of its files where there are several; lower-case hex."""
    loaded_at: datetime | None
    parties: tuple[ListedParty, ...]
    links: tuple[Link, ...] = ()

    @property
    def name(self) -> str:
        """How decisions and explanations call it: `un_sc 2026-02-27 1a2b3c4d`."""
        day = self.published_on.isoformat() if self.published_on else "undated"
        return f"{self.source} {day} {self.sha256[:8]}"


class Party(NamedTuple):
    """Somebody to be screened, as a document or a user names them."""

    names: tuple[str, ...]
    kind: PartyKind = PartyKind.UNKNOWN
    dates: tuple[str, ...] = ()
    """Birth or incorporation, as of `ListedParty.dates`."""
    countries: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[str, ...] = ()
    reference: str = ""
    """The caller's own mark for it, given back with the answer."""
    role: str = ""
    """Which part it plays: `consignee`, `carrier`, `end_user` ..., as the document's field calls it."""
