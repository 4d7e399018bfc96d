"""Every publisher's format: an excerpt of the real file, and exactly the records that come of it.

`KERUEN_TEST_WRITE_GOLDEN=1` writes the records anew; they are then to be read line by line before they are kept.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from keruen.model.party import PartyKind
from keruen.watchlists.read import read, read_all

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "data" / "sanctions"

SETS = {
    "un": ["un.xml"],
    "ofac": ["ofac_sdn.csv", "ofac_alt.csv", "ofac_add.csv"],
    "ofac_cons": ["ofac_cons.xml"],
    "ofac_advanced": ["ofac_advanced.xml"],
    "eu_xml": ["eu.xml"],
    "eu_csv": ["eu.csv"],
    "uk_csv": ["uk.csv"],
    "uk_xml": ["uk_list.xml"],
    "csl_2019": ["csl_2019.csv"],
    "csl_2025": ["csl_2025.csv"],
    "csl_json": ["csl.json"],
    "dpl": ["dpl.txt"],
    "canada": ["canada.xml"],
    "japan": ["japan.txt"],
    "ftm": ["ftm.json"],
    "targets": ["targets.simple.csv"],
    "sheet": ["sheet.csv"],
    "own": ["own.csv"],
}


def contents(names: list[str]) -> list[tuple[str, bytes]]:
    return [(name, (HERE / "data" / name).read_bytes()) for name in names]


def record(value: Any) -> Any:
    """A record as JSON that a person can read; empty fields are left out."""
    if hasattr(value, "_asdict"):
        return {key: record(each) for key, each in value._asdict().items() if each not in ("", (), None)}
    if isinstance(value, tuple):
        return [record(each) for each in value]
    return value if isinstance(value, (str, int, bool)) else str(value)


@pytest.mark.parametrize("name", SETS)
def test_an_excerpt_gives_these_records(name: str) -> None:
    edition = read(contents(SETS[name]))
    found = {"source": edition.source, "published_on": str(edition.published_on)} | {
        "parties": record(edition.parties),
        "links": record(edition.links),
    }
    golden = HERE / "golden" / f"{name}.json"
    if os.environ.get("KERUEN_TEST_WRITE_GOLDEN"):
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert found == json.loads(golden.read_text("utf-8"))


WHOLE = {
    "un_sc/un_consolidated_2026-02-27.xml.gz": ("un_sc", 730, 273),
    "un_sc/un_consolidated_2025-04-19.xml.gz": ("un_sc", 684, 193),
    "un_sc/un_consolidated_2020-11-30.xml.gz": ("un_sc", 713, 305),
}


@pytest.mark.skipif(not SHARED.exists(), reason="the whole lists are not on this machine; excerpts of them are tested")
class TestWholeLists:
    @pytest.mark.parametrize("path", WHOLE)
    def test_the_un_list_has_as_many_as_its_publisher_counts(self, path: str) -> None:
        source, people, entities = WHOLE[path]
        edition = read([(path, (SHARED / path).read_bytes())])
        kinds = [party.kind for party in edition.parties]
        assert (edition.source, kinds.count(PartyKind.PERSON), kinds.count(PartyKind.ORGANISATION)) == (
            source,
            people,
            entities,
        )

    def test_ofac_has_every_party_and_alias(self) -> None:
        folder = SHARED / "ofac_sdn" / "2021-07-07"
        edition = read([(each.name, each.read_bytes()) for each in sorted(folder.iterdir())])
        assert len(edition.parties) == 8976

    def test_canada_has_every_record(self) -> None:
        path = SHARED / "ca_sema" / "sema_2025-05.xml.gz"
        assert len(read([(path.name, path.read_bytes())]).parties) == 4759

    def test_most_countries_are_understood(self) -> None:
        folder = SHARED / "ofac_sdn" / "2021-07-07"
        found = read_all([(each.name, each.read_bytes()) for each in sorted(folder.iterdir())])
        named = sum(len(party.countries) for party in found.edition.parties)
        strange = sum(count for what, count in found.not_understood.items() if what.startswith("country"))
        assert strange < named / 50
