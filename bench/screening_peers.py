"""Matchers that are not ours, run in their own environment on the same data: nomenklatura's logic-v2 and rapidfuzz.

Reads one JSON file of work, writes one of results; `bench.screening` starts it with the interpreter of .venv-peers.
It imports nothing of Keruen, and each matcher is used as its documentation says: logic-v2 at its default threshold
over the candidates of its own DuckDB index, rapidfuzz as a scan of all names after anyascii.
"""

from __future__ import annotations

import itertools
import json
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from anyascii import anyascii
from followthemoney import model
from followthemoney.proxy import EntityProxy
from nomenklatura.blocker.index import Index
from nomenklatura.matching import LogicV2
from rapidfuzz import fuzz, process, utils

LOGIC_V2 = 0.70
"""nomenklatura's default threshold."""
FUZZY = {"token_set_ratio": (fuzz.token_set_ratio, 85), "token_sort_ratio": (fuzz.token_sort_ratio, 85)}
"""Scorers for a scan of a list, each with its usual threshold; WRatio alerts on most clean parties and is left out."""
CANDIDATES = 50
"""Of the index, scored by logic-v2 for one query."""
SLOW_QUERIES = 20
"""Queries sent one by one through the DuckDB index, for its latency: each takes about a second."""
SCHEMATA = {
    "person": "Person",
    "organisation": "Organization",
    "vessel": "Vessel",
    "vehicle": "Airplane",
    "address": "Address",
    "unknown": "LegalEntity",
}
DATE_OF = {"Person": "birthDate", "Vessel": "buildDate", "Airplane": "buildDate"}
COUNTRY_OF = {"Vessel": "flag", "Person": "country"}
MILLISECONDS = 1000
MADE = itertools.count()
"""For ids that no two entities of this process share: logic-v2 keeps what it worked out of names by the entity's id."""


def main() -> None:
    """Do the work of the first file named, write results to the second."""
    logging.disable(logging.CRITICAL)
    work = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    results: dict[str, Any] = {"pairs": {}, "lists": {}}
    # The dictionaries are loaded by the first comparison, which takes seconds and belongs to no pair.
    config = LogicV2.default_config()
    LogicV2.compare(entity({"id": "a", "kind": "person", "names": ["A"]}), entity({"id": "b", "names": ["B"]}), config)
    for name, pairs in work["pairs"].items():
        results["pairs"][name] = pair_scores(pairs)
        say(f"pairs of {name}")
    for name, task in work["lists"].items():
        results["lists"][name] = {
            "logic-v2": search_logic(task["parties"], task["queries"]),
            **{fuzzy: search_fuzzy(task["parties"], task["queries"], fuzzy) for fuzzy in FUZZY},
        }
        say(f"list {name}")
    results["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    Path(sys.argv[2]).write_text(json.dumps(results), encoding="utf-8")


def say(text: str) -> None:
    """Tell how far it is."""
    print(f"peers: {text} done", file=sys.stderr, flush=True)


def entity(party: dict[str, Any], identity: str = "") -> EntityProxy:
    """A party as FollowTheMoney has it."""
    schema = SCHEMATA[party.get("kind", "unknown")]
    made = EntityProxy(model.get(schema), {"id": identity or party["id"]})
    made.add("name", party["names"])
    for prop, values in (
        (DATE_OF.get(schema, "incorporationDate"), party.get("dates", ())),
        (COUNTRY_OF.get(schema, "country"), party.get("countries", ())),
        ("idNumber" if schema not in {"Vessel", "Airplane", "Address"} else "", party.get("ids", ())),
    ):
        if prop in made.schema.properties:
            made.add(prop, values)
    return made


def pair_scores(pairs: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Scores of every pair, 0 to 1, and how many pairs a second."""
    config = LogicV2.default_config()
    made = next(MADE)
    proxies = [(entity(q, f"q{made}-{at}"), entity(c, f"c{made}-{at}")) for at, (q, c) in enumerate(pairs)]
    found = {"logic-v2": timed([lambda q=q, c=c: LogicV2.compare(q, c, config).score for q, c in proxies])}
    plain = [([plainly(name) for name in q["names"]], [plainly(name) for name in c["names"]]) for q, c in pairs]
    for name, scorer in (
        ("token_set_ratio", fuzz.token_set_ratio),
        ("token_sort_ratio", fuzz.token_sort_ratio),
        ("WRatio", fuzz.WRatio),
    ):
        found[name] = timed([lambda q=q, c=c, s=scorer: max(s(a, b) for a in q for b in c) / 100 for q, c in plain])
    return found


def plainly(name: str) -> str:
    """A name as rapidfuzz compares it best: ASCII, lower case, no punctuation."""
    return utils.default_process(anyascii(name))


def timed(calls: list[Callable[[], float]]) -> dict[str, Any]:
    """Results of calls, and how many a second."""
    began = time.perf_counter()
    scores = [call() for call in calls]
    return {"scores": scores, "per_s": len(calls) / (time.perf_counter() - began)}


class Parties:
    """A list as nomenklatura's index asks for it."""

    def __init__(self, entities: dict[str, EntityProxy]) -> None:
        self.by_id = entities
        self.scope = SimpleNamespace(name="list")

    def entities(self, **_asked: object) -> Iterator[EntityProxy]:
        """All of them."""
        yield from self.by_id.values()


def search_logic(parties: list[dict[str, Any]], queries: list[dict[str, Any]]) -> dict[str, Any]:
    """Candidates of the DuckDB index, scored by logic-v2."""
    config = LogicV2.default_config()
    began = time.perf_counter()
    made = next(MADE)
    listed = {f"l{made}-{place}": entity(party, f"l{made}-{place}") for place, party in enumerate(parties)}
    ids = {f"l{made}-{place}": party["id"] for place, party in enumerate(parties)}
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Parties(listed), Path(folder), {"max_candidates": CANDIDATES})
        index.build()
        build_s = time.perf_counter() - began
        asked = {f"q{made}-{place}": entity(query, f"q{made}-{place}") for place, query in enumerate(queries)}
        began = time.perf_counter()
        candidates = {
            str(query): [str(each) for each, _ in found] for query, found in index.match_entities(asked.values())
        }
        match_s = time.perf_counter() - began
        found: list[list[str]] = []
        score_ms: list[float] = []
        for key, query in asked.items():
            began = time.perf_counter()
            scored = [(LogicV2.compare(query, listed[each], config).score, each) for each in candidates.get(key, ())]
            score_ms.append((time.perf_counter() - began) * MILLISECONDS)
            found.append([ids[each] for score, each in sorted(scored, reverse=True) if score >= LOGIC_V2])
        one_ms: list[float] = []
        for key in list(asked)[:: max(1, len(asked) // SLOW_QUERIES)][:SLOW_QUERIES]:
            began = time.perf_counter()
            for _query, near in index.match_entities([asked[key]]):
                for each, _ in near:
                    LogicV2.compare(asked[key], listed[str(each)], config)
            one_ms.append((time.perf_counter() - began) * MILLISECONDS)
        index.close()
    return {
        "found": found,
        "build_s": build_s,
        "bulk_per_s": len(queries) / (match_s + sum(score_ms) / MILLISECONDS),
        "score_ms": score_ms,
        "one_ms": one_ms,
    }


def search_fuzzy(parties: list[dict[str, Any]], queries: list[dict[str, Any]], scorer: str) -> dict[str, Any]:
    """Every name of the list compared with every query by rapidfuzz."""
    score, threshold = FUZZY[scorer]
    began = time.perf_counter()
    owners = [party["id"] for party in parties for _ in party["names"]]
    names = [plainly(name) for party in parties for name in party["names"]]
    build_s = time.perf_counter() - began
    found: list[list[str]] = []
    one_ms: list[float] = []
    for query in queries:
        began = time.perf_counter()
        best: dict[str, float] = {}
        for name in query["names"]:
            hits = process.extract(plainly(name), names, scorer=score, score_cutoff=threshold, limit=CANDIDATES)
            for _, value, place in hits:
                best[owners[place]] = max(value, best.get(owners[place], 0))
        found.append(sorted(best, key=lambda each: -best[each]))
        one_ms.append((time.perf_counter() - began) * MILLISECONDS)
    return {
        "found": found,
        "build_s": build_s,
        "bulk_per_s": len(queries) / (sum(one_ms) / MILLISECONDS),
        "one_ms": one_ms,
    }


if __name__ == "__main__":
    main()
