"""Make keruen/screening/tables/common.tsv: how many names of published lists hold a word.

    python tools/screening_common.py SANCTIONS

SANCTIONS is a folder with published lists. Only lists that anybody may use are counted, and what lists share is
counted once: a name is the same where the same words stand in it, in any order. The words are the fine keys that
screening compares.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Final

from keruen.errors import KeruenError
from keruen.model.party import PartyKind
from keruen.screening import names
from keruen.screening.names import analyse
from keruen.watchlists.read import read

TABLE = Path(__file__).resolve().parent.parent / "src" / "keruen" / "screening" / "tables" / "common.tsv"
LISTS: Final = {
    "UN 2026-02": "un_sc/un_consolidated_2026-02-27.xml.gz",
    "OFAC 2025-05": "ofac_sdn/2025-05/sdn_names_parsed.csv.gz",
    "Canada 2025-05": "ca_sema/sema_2025-05.xml.gz",
    "EU 2025-05": "eu_fsf/eu_names_2025-05_parsed.csv.gz",
    "UK 2025-05": "uk_ofsi/uk_names_2025-05_parsed.csv.gz",
    "Australia 2025-05": "au_dfat/au_names_2025-05_parsed.csv.gz",
}
LEAST: Final = 5


def main() -> None:
    """Count, and write the table."""
    folder = Path(sys.argv[1])
    seen: set[tuple[str, ...]] = set()
    counts: Counter[str] = Counter()
    counted = []
    # The weights of words come from the table that is to be made, and play no part in counting.
    for title, place in LISTS.items():
        file = folder / place
        try:
            edition = read([(file.name, file.read_bytes())])
        except KeruenError as error:
            print(f"left out: {title}: {error}")
            continue
        counted.append(title)
        for party in edition.parties:
            for name in party.names:
                kind = PartyKind.PERSON if party.kind == PartyKind.UNKNOWN else party.kind
                words = tuple(sorted({each.keys[0] for each in analyse(name.text, kind)[0].words if not each.light}))
                if words and words not in seen:
                    seen.add(words)
                    counts.update(words)
        names.analyse.cache_clear()
    rows = sorted((word, count) for word, count in counts.items() if count >= LEAST and not word.isdigit())
    head = (
        f"# How many of {len(seen)} different names hold a word, by its fine key, from {LEAST} on. "
        f"Counted in {'; '.join(counted)}.\n"
    )
    TABLE.write_text(head + "".join(f"{word}\t{count}\n" for word, count in rows), "utf-8")
    print(len(rows), "words", head)


if __name__ == "__main__":
    main()
