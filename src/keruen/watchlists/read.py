"""A publisher's file or files to one edition: the format is known by what stands in them, not by their names."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from keruen.errors import InvalidInput
from keruen.garbage import not_collected
from keruen.model.party import Edition, Link
from keruen.watchlists import canada, eu, japan, ofac, opensanctions, own, uk, un, us_csl
from keruen.watchlists.source import NotUnderstood, refused, text_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from keruen.watchlists.collect import Collected

Loaded = tuple["list[Collected]", "list[Link]", "date | None"]

_ROOTS: Final[dict[str, tuple[str, Callable[[str, bytes, NotUnderstood], Loaded]]]] = {
    "CONSOLIDATED_LIST": ("un_sc", un.read_xml),
    "sdnList": ("ofac_sdn", ofac.read_xml),
    "Sanctions": ("ofac_sdn", ofac.read_advanced),
    "export": ("eu_fsf", eu.read_xml),
    "Designations": ("uk_sl", uk.read_xml),
    "data-set": ("ca_sema", canada.read_xml),
}


class Read(NamedTuple):
    """An edition, and what of its files no field could take."""

    edition: Edition
    not_understood: NotUnderstood


def read(files: Sequence[tuple[str, bytes]], source: str = "", *, loaded_at: datetime | None = None) -> Edition:
    """As `read_all`, without what was not understood."""
    return read_all(files, source, loaded_at=loaded_at).edition


@not_collected()
def read_all(files: Sequence[tuple[str, bytes]], source: str = "", *, loaded_at: datetime | None = None) -> Read:
    """Read the file or files of one list.

    Args:
        files: (name, bytes), plain or gzip; several only where a publisher ships several (OFAC's CSV set).
        source: Short name of the list; if empty, the usual one of the format.
        loaded_at: When it came in.

    Raises:
        InvalidInput: The format is not known, or a file is damaged; says where, and what to do.
    """
    if not files:
        raise refused("no file was given", "none")
    plain = {name: unpacked(name, data) for name, data in files}
    digests = sorted(sha256(data).hexdigest() for data in plain.values())
    digest = digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()
    unknown = NotUnderstood()
    usual, (collected, links, published) = _recognised(plain, unknown)
    parties = []
    for each in collected:
        party = each.party()
        if party is None or not party.id:
            unknown["party without a name or number"] += 1
        else:
            parties.append(party)
    if not parties:
        raise refused(f"{next(iter(plain))} holds not one party", "no_parties", file=next(iter(plain)))
    twice = len(parties) - len({each.id for each in parties})
    if twice:
        unknown["number met twice"] += twice
        parties = _numbered(parties)
    return Read(Edition(source or usual, published, digest, loaded_at, tuple(parties), tuple(links)), unknown)


def _numbered(parties: list) -> list:  # type: ignore[type-arg]
    """Parties whose publisher gave one number to several, each with a number of its own."""
    seen: dict[str, int] = {}
    found = []
    for each in parties:
        seen[each.id] = seen.get(each.id, 0) + 1
        found.append(each if seen[each.id] == 1 else each._replace(id=f"{each.id}#{seen[each.id]}"))
    return found


def _recognised(files: dict[str, bytes], unknown: NotUnderstood) -> tuple[str, Loaded]:
    name, data = next(iter(files.items()))
    head = data[:4000]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        _only_one(files)
        return _xml(name, data, unknown)
    texts = {each: text_of(each, content, "utf-8-sig", "cp1252", "latin-1") for each, content in files.items()}
    if all(ofac.is_csv(text) for text in texts.values()):
        source = "ofac_cons" if any("cons_" in each for each in files) else "ofac_sdn"
        return source, ofac.read_csv(files, unknown)
    _only_one(files)
    # OFAC's and the EU's older files are in the Windows code page; nobody else's may be.
    older = b"Naal_wholename" in head
    return _text(name, text_of(name, data, "utf-8-sig", "cp1252") if older else text_of(name, data), unknown)


def _only_one(files: dict[str, bytes]) -> None:
    if len(files) > 1:
        raise refused(
            f"{', '.join(files)} belong to no list of several files: give one at a time",
            "several",
            files=", ".join(files),
        )


def _xml(name: str, data: bytes, unknown: NotUnderstood) -> tuple[str, Loaded]:
    root = re.search(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s>/]", re.sub(rb"<[?!][^>]*>", b"", data[:20_000]))
    found = root[1].decode() if root else ""
    if found not in _ROOTS:
        raise refused(
            f"{name} begins with <{found}>; known lists begin with {', '.join(f'<{each}>' for each in _ROOTS)}",
            "format",
            file=name,
        )
    source, reader = _ROOTS[found]
    if source == "ofac_sdn" and "cons" in name.lower():
        source = "ofac_cons"
    try:
        data.decode("utf-8") if b"utf-8" in data[:200].lower() else None
    except UnicodeDecodeError as error:
        raise refused(f"{name}: byte {error.start} is not UTF-8: fetch it again", "encoding", file=name) from error
    return source, reader(name, data, unknown)


def _text(name: str, text: str, unknown: NotUnderstood) -> tuple[str, Loaded]:
    head = text[:4000].lstrip("\ufeff").lstrip()
    line = head.split("\n", 1)[0]
    columns = {each.strip().strip('"') for each in re.split(r"[,;\t]", line)}
    if head.startswith("{") and '"schema"' in head[:4000]:
        return "opensanctions", opensanctions.read_ftm(name, text, unknown)
    if head.startswith(("{", "[")):
        return "us_csl", us_csl.read_json(name, us_csl.parse_json(name, text), unknown)
    second = head.split("\n", 2)[1] if head.count("\n") else ""
    for recognised, source, reader in (
        ("Naal_wholename" in columns, "eu_fsf", eu.read_csv),
        (
            {"celex", "schema"} <= columns or {"amendsCelex", "schema"} <= columns or {"schema", "innCode"} <= columns,
            "eu_journal",
            eu.read_journal,
        ),
        ({"source", "entity_number"} <= columns, "us_csl", us_csl.read_csv),
        ({"Effective_Date", "Standard_Order"} <= columns, "us_dpl", us_csl.read_denied),
        (
            {"id", "schema", "program_ids"} <= columns or {"id", "schema", "sanctions"} <= columns,
            "opensanctions",
            opensanctions.read_targets,
        ),
        (columns >= opensanctions.SHEET, "opensanctions", opensanctions.read_sheet),
        ("Group ID" in second or "Unique ID" in second, "uk_ofsi", uk.read_csv),
        ("所在地" in text[:20_000], "jp_meti", japan.read_text),
        ("name" in columns or "Name" in columns, "own", own.read_csv),
    ):
        if recognised:
            return source, reader(name, text, unknown)
    raise InvalidInput(
        f"{name} is no list that is known; a list of one's own is CSV with a column `name`",
        code="list_format",
        file=name,
    )
