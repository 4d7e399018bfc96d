"""Make the tables of keruen/screening/tables that come from others.

    python tools/screening_tables.py RIGOUR_DATA

RIGOUR_DATA is the folder `rust/data` of a source release of rigour (MIT licence; its names of people come from
Wikidata, CC0). Four tables are made: legal forms, words of firms' names, countries, and classes of people's names
that are one name in several scripts. They are kept in the package, because rigour itself needs five seconds and 400 MB
to
load them, more than all lists together. Edition: see SOURCE below.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from pathlib import Path

from keruen.screening import keys
from keruen.screening.romanise import ARABIC, CYRILLIC, HAN, HANGUL, HEBREW, LATIN, readings, script_of

SOURCE = "rigour 2.6.1, 2026-10"
TABLES = Path(__file__).resolve().parent.parent / "src" / "keruen" / "screening" / "tables"
CODES = TABLES.parent.parent / "codes"
LONGEST = 25


def forms(source: Path) -> None:
    """Legal forms: class and spelling."""
    rows: set[tuple[str, str]] = set()
    for each in json.loads((source / "names" / "org_types.json").read_text("utf-8")):
        kind = each.get("generic") or each.get("compare") or each.get("display")
        for spelling in [*each["aliases"], each.get("display"), each.get("compare")]:
            if kind and spelling and spelling.strip():
                rows.add((kind, " ".join(spelling.lower().split())))
    _write("legal_forms.tsv", "Legal forms: class, spelling", rows)


def words(source: Path) -> None:
    """Words of firms' names: meaning and spelling."""
    symbols = json.loads((source / "names" / "symbols.json").read_text("utf-8"))
    rows: set[tuple[str, str]] = set()
    for group in ("org_domains", "org_symbols"):
        for meaning, spellings in symbols[group].items():
            rows.update((meaning, " ".join(each.lower().split())) for each in spellings)
    rows.update((f"NICK_{name}", each.lower()) for name, both in symbols["person_nick"].items() for each in both)
    _write("words.tsv", "Words of firms' names: meaning, spelling", rows)


def places(source: Path) -> None:
    """Names of countries in many languages; they stand with the other code lists."""
    rows: set[tuple[str, str]] = set()
    for line in (source / "territories" / "data.jsonl").read_text("utf-8").splitlines():
        each = json.loads(line)
        if not each.get("is_country"):
            continue
        sure = [each["name"], each.get("full_name"), *each.get("names_strong", ())]
        # What other languages call it; short words in Latin letters are too often something else.
        likely = [
            name
            for name in each.get("names_weak", ())
            if script_of(name[0]) != LATIN or (len(name) >= SHORTEST_PLACE and name[0].isupper() and " " not in name)
        ]
        rows.update((each["code"].upper(), " ".join(name.lower().split())) for name in [*sure, *likely] if name)
    _write("country_names.tsv", "Countries as many languages call them: ISO 3166 alpha-2, name", rows, CODES)


SHORTEST_PLACE = 5


def names(source: Path) -> None:
    """People's names: spelling (a fine key where it is Latin or Cyrillic), and the classes it belongs to, in hex."""
    table: dict[str, set[int]] = defaultdict(set)
    classes = 0
    for line in (source / "names" / "person_names.txt").read_text("utf-8").splitlines():
        if " => " not in line:
            continue
        members: set[str] = set()
        for each in line.rsplit(" => ", 1)[0].split(", "):
            word = each.strip()
            if not word or " " in word or "-" in word or len(word) > LONGEST:
                continue
            script = script_of(word[0])
            if script in {LATIN, CYRILLIC}:
                members.update(keys.fine(reading) for reading in readings(word, script)[:1])
            elif script in {ARABIC, HEBREW, HAN, HANGUL}:
                members.add(word)
        if len(members) > 1:
            classes += 1
            for member in members:
                table[member].add(classes)
    lines = [f"{member}\t{' '.join(format(each, 'x') for each in sorted(found))}" for member, found in table.items()]
    lines.sort(key=lambda line: line.encode())
    # Without a time stamp, so that the same source gives the same file.
    (TABLES / "names.tsv.gz").write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def _write(name: str, title: str, rows: set[tuple[str, str]], folder: Path | None = None) -> None:
    lines = [f"# {title}. From {SOURCE}.", *("\t".join(row) for row in sorted(rows))]
    ((folder or TABLES) / name).write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    """Make all four."""
    source = Path(sys.argv[1])
    forms(source)
    words(source)
    places(source)
    names(source)


if __name__ == "__main__":
    main()
