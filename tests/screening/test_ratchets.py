"""How good screening is on the labelled sets that may be kept here: never worse than it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keruen.screening import labelled, quality
from keruen.screening.compare import compare
from keruen.screening.index import Index
from keruen.screening.quality import Scored
from keruen.screening.thresholds import ALERT
from keruen.watchlists.read import read

HERE = Path(__file__).parent
RATCHETS = json.loads((HERE / "ratchets.json").read_text("utf-8"))


def scored(name: str) -> list[Scored]:
    with (HERE / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        pairs = labelled.read_pairs(file, name=name)
    return quality.score_pairs(pairs, lambda one, other: compare(one, other).score)


@pytest.mark.parametrize("name", ["name_pairs", "cross_script_pairs"])
def test_pairs(name: str) -> None:
    pairs = scored(name)
    found = quality.count(pairs, ALERT)
    assert (found.f1 or 0) >= RATCHETS[name]["f1"]
    if "translit_f1" in RATCHETS[name]:
        alike = [each for each in pairs if each.pair.quality != "translation_or_alias"]
        assert (quality.count(alike, ALERT).f1 or 0) >= RATCHETS[name]["translit_f1"]


def test_people_across_scripts() -> None:
    by_category = quality.groups(scored("cross_script_pairs"))
    for category, floor in RATCHETS["recall_by_category"].items():
        counts = quality.count(by_category[category], ALERT)
        assert (counts.recall or 0) >= floor, category


def test_queries_of_the_un_list() -> None:
    path = HERE / "data" / "un_consolidated_2026-02-27.xml.gz"
    index = Index.build([read([(path.name, path.read_bytes())])])
    with (HERE / "data" / "list_queries_un.csv").open(encoding="utf-8") as file:
        queries = labelled.read_queries(file, name="list_queries_un")
    right = wrong = wanted = 0
    for query in queries:
        found = {match.party.id for match in index.search(query.party, threshold=ALERT, limit=50)}
        if query.expected_id:
            wanted += 1
            right += query.expected_id.removeprefix("un-") in found
        else:
            wrong += bool(found)
    assert right / wanted >= RATCHETS["queries"]["recall"]
    assert wrong / (len(queries) - wanted) <= RATCHETS["queries"]["clean_alerted"]
