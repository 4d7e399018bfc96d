"""What `make bench-screening` measures: labelled pairs, list queries, the whole combined list, and growth.

Ours runs here; logic-v2 and rapidfuzz in `.venv-peers` on the same pairs, parties and queries (`screening_peers`).
"""

from __future__ import annotations

import gc
import json
import os
import platform
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keruen.errors import KeruenError, Unavailable
from keruen.faces.cli.bench import build, pair_report, query_report, read_edition, search_all, speed
from keruen.model.party import Edition, ListedParty, Name, Party
from keruen.screening import labelled, quality
from keruen.screening.compare import compare
from keruen.screening.index import Index
from keruen.screening.labelled import LabelledPair, ListQuery
from keruen.screening.quality import Hit, Scored
from keruen.screening.thresholds import ALERT

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".venv-peers" / "bin" / "python"
UN, OFAC = "un_sc/un_consolidated_2026-02-27.xml.gz", "ofac_sdn/2021-07-07"
COMBINED = (
    UN,
    "ofac_sdn/2025-05/sdn_names_parsed.csv.gz",
    OFAC,
    "ofac_consolidated/2025-12-19",
    "ca_sema/sema_2025-05.xml.gz",
    "eu_fsf/eu_names_2025-05_parsed.csv.gz",
    "eu_fsf/eu_fsf_2018-07-04_first1000.csv.gz",
    "us_bis_dpl/dpl_2022-09-07.txt.gz",
    "us_csl/consolidated_2025-06_sample.csv",
    "uk_ofsi/ofsi_conlist_sample.csv",
    "jp_meti/meti_russia_2025-09-12.pdf.txt.gz",
    "opensanctions_ccbync/ua_war_sanctions_targets.simple_2026-03-13.csv.gz",
)
"""Lists that are searched together; an older edition of one beside a newer stands for lists that repeat each other."""
SLIPS = 500
SEED = 20260301
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
"""Names of the grown lists."""
KIB = 1024
PEER_QUERIES = 300
"""Of those asked of the combined list: rapidfuzz compares each with every name."""


def measure(data: Path, pair_files: Sequence[str], *, peers: bool) -> dict[str, Any]:
    """Measure everything; minutes without peers, half an hour with them."""
    lists = data / "sanctions"
    results: dict[str, Any] = {"machine": this_machine(), "threshold": ALERT, "pairs": {}, "lists": {}}
    pairs = {name: _pairs(data / "screening" / name) for name in pair_files}
    with (data / "screening" / "list_queries_un.csv").open(encoding="utf-8", newline="") as lines:
        un_queries = labelled.read_queries(lines, name="list_queries_un.csv")
    for name, found in pairs.items():
        began = time.perf_counter()
        scored = quality.score_pairs(found, lambda query, candidate: compare(query, candidate).score)
        per_s = len(found) / (time.perf_counter() - began)
        results["pairs"][name] = {"keruen": pair_report(quality.figures(scored, ALERT)) | {"per_s": per_s}}
    editions = {"un": [read_edition(lists / UN)], "ofac": [read_edition(lists / OFAC)]}
    queries = {"un": un_queries, "ofac": ofac_queries(editions["ofac"][0], un_queries)}
    for name, edition in editions.items():
        results["lists"][name] = {"keruen": query_report(search_all(build(edition), queries[name], edition))}
    results["combined"] = {"keruen": combined(lists, un_queries)}
    whole = list(_editions(lists))
    results["growth"] = growth(whole, [query.party for query in un_queries])
    if peers:
        ask_peers(results, pairs, editions | {"combined": whole}, queries | {"combined": un_queries[:PEER_QUERIES]})
    return results


def this_machine() -> dict[str, Any]:
    """What the figures were taken on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - as found on PATH
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
        "load": os.getloadavg()[0],
    }


def _pairs(path: Path) -> list[LabelledPair]:
    with path.open(encoding="utf-8", newline="") as lines:
        return labelled.read_pairs(lines, name=path.name)


def _editions(lists: Path) -> Iterator[Edition]:
    """The lists at hand under `lists`; what is not there, or is no list we read, is left out and said."""
    for name in COMBINED:
        try:
            yield read_edition(lists / name)
        except KeruenError as error:
            print(f"left out of the combined list: {name}: {error}")


def ofac_queries(edition: Edition, un_queries: Sequence[ListQuery]) -> list[ListQuery]:
    """Names of the list with one slip of the hand each, and the clean people of the UN's queries."""
    # It brings what weights are fitted with, which the process that measures memory must not hold.
    from tools.screening_weights import slip

    drawn = random.Random(SEED)
    parties = list(edition.parties)
    drawn.shuffle(parties)
    made: list[ListQuery] = []
    for party in parties:
        name = slip(party.names[0].text.replace(",", ""), drawn)
        if name and name != party.names[0].text.replace(",", ""):
            made.append(ListQuery(f"slip-{party.id}", Party((name,), party.kind), party.id))
        if len(made) == SLIPS:
            break
    return made + [each for each in un_queries if not each.expected_id]


def combined(lists: Path, queries: Sequence[ListQuery]) -> dict[str, Any]:
    """Reading and indexing all lists, memory, and searching them; in a process of its own, so that memory is its."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "combined.json"
        names = Path(folder) / "queries.json"
        names.write_text(json.dumps([(q.party.names[0], q.party.kind, q.party.dates) for q in queries]), "utf-8")
        command = [str(ROOT / ".venv" / "bin" / "python"), "-m", "bench.screening_run", str(lists), names, answer]
        subprocess.run([str(each) for each in command], check=True, cwd=ROOT)
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    return found


def _combined_here(lists: Path, names: Path, answer: Path) -> None:
    parties = [Party((name,), kind, tuple(dates)) for name, kind, dates in json.loads(names.read_text("utf-8"))]
    before = peak_mb()
    began, began_cpu = time.perf_counter(), time.process_time()
    editions = list(_editions(lists))
    read_s = time.perf_counter() - began
    index = Index.build(editions)
    ready_s, ready_cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    found = {
        "parties": len(index.parties),
        "names": sum(len(party.names) for party in index.parties),
        "read_s": read_s,
        "ready_s": ready_s,
        "ready_cpu_s": ready_cpu_s,
        "memory_mb": peak_mb(),
        "interpreter_mb": before,
        **speed(index, parties, cores=2),
    }
    answer.write_text(json.dumps(found), "utf-8")


def peak_mb() -> float:
    """The most memory that this process held, in MB.

    What the system says of resources (`ru_maxrss`) counts the parent from before the program was started, and the
    parent holds other lists; `VmHWM` is of this program alone.
    """
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / KIB
    raise Unavailable("/proc/self/status has no VmHWM: memory is measured on Linux")


# -- growth ----------------------------------------------------------------------------------


def growth(editions: Sequence[Edition], queries: Sequence[Party]) -> list[dict[str, float]]:
    """One search at growing sizes of the list.

    A list is grown out of the real ones: first their own parties in an order drawn by lot, then parties whose name is
    the first half of one real name and the second half of another of the same kind and script, so that every word is
    as frequent among a million names as it is among the real ones.
    """
    drawn = random.Random(SEED)
    real = [party for edition in editions for party in edition.parties]
    drawn.shuffle(real)
    asked = [party._replace(names=party.names[:1]) for party in queries]
    rows = []
    for size in SIZES:
        parties = list(_grown(real, size, random.Random(SEED)))
        edition = editions[0]._replace(source="grown", parties=tuple(parties), links=())
        began = time.perf_counter()
        index = Index.build([edition])
        built = time.perf_counter() - began
        found = speed(index, asked, cores=1)
        rows.append(
            {"names": sum(len(party.names) for party in parties), "parties": len(parties), "build_s": built, **found}
        )
        print(f"growth: {rows[-1]}", flush=True)
        del index, parties, edition
        gc.collect()
    return rows


def _grown(real: Sequence[ListedParty], size: int, drawn: random.Random) -> Iterator[ListedParty]:
    names = 0
    for party in real:
        if names >= size:
            return
        names += len(party.names)
        yield party
    alike: dict[tuple[str, bool], list[list[str]]] = {}
    for party in real:
        for name in party.names:
            if len(words := name.text.split()) > 1:
                alike.setdefault((party.kind, name.text.isascii()), []).append(words)
    kinds = [(party, name) for party in real for name in party.names if len(name.text.split()) > 1]
    for number in range(size - names):
        party, name = drawn.choice(kinds)
        first = name.text.split()
        second = drawn.choice(alike[party.kind, name.text.isascii()])
        text = " ".join([*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]])
        yield party._replace(id=f"grown-{number}", names=(Name(text),), identifiers=())


# -- peers -----------------------------------------------------------------------------------


def ask_peers(
    results: dict[str, Any],
    pairs: dict[str, list[LabelledPair]],
    editions: dict[str, list[Edition]],
    queries: dict[str, list[ListQuery]],
) -> None:
    """Run the others on the same work and put their figures beside ours."""
    work = {
        "pairs": {name: [[_plain(p.query), _plain(p.candidate)] for p in found] for name, found in pairs.items()},
        "lists": {
            name: {
                "parties": [
                    {"id": f"{edition.source}:{party.id}", **_listed(party)}
                    for edition in found
                    for party in edition.parties
                ],
                "queries": [{"id": query.id, **_plain(query.party)} for query in queries[name]],
            }
            for name, found in editions.items()
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        task, answer = Path(folder) / "work.json", Path(folder) / "results.json"
        task.write_text(json.dumps(work), encoding="utf-8")
        script = Path(__file__).parent / "screening_peers.py"
        subprocess.run([str(PEERS), str(script), str(task), str(answer)], check=True)
        found = json.loads(answer.read_text(encoding="utf-8"))
    thresholds = {"logic-v2": 0.70, "token_set_ratio": 0.85, "token_sort_ratio": 0.85, "WRatio": 0.85}
    for name, by_matcher in found["pairs"].items():
        for matcher, run in by_matcher.items():
            scored = [Scored(pair, score) for pair, score in zip(pairs[name], run["scores"], strict=True)]
            report = pair_report(quality.figures(scored, thresholds[matcher]))
            results["pairs"][name][matcher] = report | {"per_s": run["per_s"]}
    for name, by_matcher in found["lists"].items():
        known = {party.id for edition in editions[name] for party in edition.parties}
        for matcher, run in by_matcher.items():
            took = sorted(run["one_ms"])
            speeds = {
                "p50_ms": took[len(took) // 2],
                "p99_ms": took[min(len(took) - 1, int(0.99 * len(took)))],
                "names_per_s": run["bulk_per_s"],
                "ready_s": run["build_s"],
            }
            if name == "combined":
                results["combined"][matcher] = speeds
                continue
            hits = [
                Hit(query, tuple(each.partition(":")[2] for each in ids))
                for query, ids in zip(queries[name], run["found"], strict=True)
            ]
            results["lists"][name][matcher] = query_report(quality.query_figures(hits, known)) | speeds


def _plain(party: Party) -> dict[str, Any]:
    return {
        "kind": party.kind.value,
        "names": list(party.names),
        "dates": list(party.dates),
        "countries": list(party.countries),
        "ids": [each.value for each in party.identifiers],
    }


def _listed(party: ListedParty) -> dict[str, Any]:
    return {
        "kind": party.kind.value,
        "names": [name.text for name in party.names],
        "dates": [each for each in party.dates if "/" not in each],
        "countries": list(party.countries),
        "ids": [each.value for each in party.identifiers],
    }


if __name__ == "__main__":
    import sys

    _combined_here(*map(Path, sys.argv[1:4]))
