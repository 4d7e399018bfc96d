from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections import Counter
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from keruen.codes import identifiers, lists
from keruen.errors import InvalidInput
from keruen.profiles import load
from keruen.simulate import SCHEMES, calibration, simulate
from keruen.simulate.draws import scattered
from simulate.replay import Replay, planted, read

if TYPE_CHECKING:
    from pathlib import Path


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_same_seed_gives_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        simulate(11, 1_000, ["all"], tmp_path / name)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_other_seed_gives_other_records(tmp_path: Path) -> None:
    for seed in (1, 2):
        simulate(seed, 1_000, ["none"], tmp_path / str(seed))
    assert hashes(tmp_path / "1")["records-0001.ndjson"] != hashes(tmp_path / "2")["records-0001.ndjson"]


def test_manifest_names_every_file_with_its_hash(economy: Path) -> None:
    manifest = json.loads((economy / "manifest.json").read_text(encoding="utf-8"))
    found = hashes(economy)
    del found["manifest.json"]
    assert {each["name"]: each["sha256"] for each in manifest["files"]} == found


def test_lines_come_near_to_what_was_asked(economy: Path) -> None:
    manifest = json.loads((economy / "manifest.json").read_text(encoding="utf-8"))
    assert 0.9 < manifest["honest_lines"] / 20_000 < 1.1


def test_schemes_do_not_change_honest_trade(tmp_path: Path) -> None:
    for name, schemes in (("with", ["all"]), ("without", ["none"])):
        simulate(5, 2_000, schemes, tmp_path / name)
    ours = planted(tmp_path / "with")

    def honest(folder: Path) -> list[dict[str, Any]]:
        # Two records of one second differ by a microsecond, which depends on who else filed.
        return [{**record, "filed_at": record["filed_at"][:19]} for record in read(folder) if record["id"] not in ours]

    assert honest(tmp_path / "with") == honest(tmp_path / "without")


def test_one_scheme_does_not_change_another(tmp_path: Path) -> None:
    for name, schemes in (("all", ["all"]), ("one", ["split_loads"])):
        simulate(5, 1_000, schemes, tmp_path / name)
    rows = {}
    for name in ("all", "one"):
        instances = json.loads((tmp_path / name / "truth.json").read_text(encoding="utf-8"))["instances"]
        rows[name] = [each for each in instances if each["scheme"] == "split_loads"]
    assert rows["all"] == rows["one"]


def test_filed_at_always_rises(economy: Path) -> None:
    # Text order is not time order where one has a fraction and the next has none, so the mark is cut off.
    times = [record["filed_at"].removesuffix("Z") for record in read(economy)]
    assert all(before < after for before, after in pairwise(times))


def test_records_have_the_fields_of_their_kind_and_no_other(economy: Path) -> None:
    profile = load("kz")
    envelope = {spec.name for spec in profile.envelope} | {"kind", "lines"}
    for record in read(economy):
        is_action = record["kind"] == "action"
        header = profile.action_header if is_action else profile.kind(record["kind"]).header
        lines = profile.action_lines if is_action else profile.kind(record["kind"]).lines
        given = set(record) - envelope
        assert given <= {spec.name for spec in header}, record["id"]
        assert {spec.name for spec in header if spec.required} <= given, record["id"]
        for line in record.get("lines", ()):
            assert set(line) <= {spec.name for spec in lines}, record["id"]
            assert {spec.name for spec in lines if spec.required} <= set(line), record["id"]
        choices = {spec.name: spec for spec in (*header, *profile.envelope) if spec.values}
        for name, spec in choices.items():
            assert record.get(name, spec.values[0]) in spec.values, (record["id"], name)
        for spec in (*header, *lines):
            if spec.type == "text" and spec.max:
                texts = [record.get(spec.name, ""), *(line.get(spec.name, "") for line in record.get("lines", ()))]
                assert all(len(text) <= spec.max for text in texts if isinstance(text, str)), (record["id"], spec.name)


def test_actions_are_transitions_of_the_profile(economy: Path) -> None:
    profile = load("kz")
    kinds = {record["id"]: record["kind"] for record in read(economy)}
    for record in read(economy):
        if record["kind"] == "action":
            names = {arrow.name: arrow for arrow in profile.kind(kinds[record["document"]]).transitions}
            assert record["transition"] in names
            assert not names[record["transition"]].needs_reason or record["explanation"]


def test_document_ids_are_never_met_twice(economy: Path) -> None:
    versions = Counter((record["id"], record.get("version")) for record in read(economy))
    kinds = {name.split("-")[0] for (name, _), count in versions.items() if count > 1}
    assert kinds <= {"SNT"}  # a waybill sent twice is one of the honest mistakes


def test_kazakh_numbers_are_well_formed(economy: Path) -> None:
    parties = [json.loads(line) for line in (economy / "parties.ndjson").read_text(encoding="utf-8").splitlines()]
    local = [party for party in parties if party["country"] == "KZ"]
    assert len({party["id"] for party in parties}) == len(parties)
    assert all(isinstance(identifiers.check("kz_bin", party["id"]), identifiers.Valid) for party in local)
    drivers = {record["driver_id"] for record in read(economy) if "driver_id" in record}
    assert all(isinstance(identifiers.check("kz_iin", driver), identifiers.Valid) for driver in drivers)


def test_every_party_of_a_record_is_in_the_register(economy: Path) -> None:
    lines = (economy / "parties.ndjson").read_text(encoding="utf-8").splitlines()
    registered = {json.loads(line)["id"]: json.loads(line)["registered_on"] for line in lines}
    for record in read(economy):
        for role in (
            "importer",
            "supplier",
            "sender",
            "receiver",
            "maker",
            "holder",
            "exporter",
            "consignee",
            "end_user",
        ):
            if f"{role}_id" in record:
                assert record[f"{role}_id"] in registered
                assert registered[record[f"{role}_id"]] <= record["filed_at"][:10], record["id"]


@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_honest_documents_are_covered_and_in_turn(tmp_path: Path, seed: str) -> None:
    simulate(seed, 15_000, ["none"], tmp_path)
    listed = {goods.hs6 for goods in calibration.goods().values() if goods.listed}
    assert Replay(listed).play(read(tmp_path)).faults == []


def test_honest_listed_exports_break_no_bar(economy: Path) -> None:
    ours = planted(economy)
    applications = [
        record for record in read(economy) if record["kind"] == "export_application" and record["id"] not in ours
    ]
    assert applications
    for record in applications:
        on = date.fromisoformat(record["issued_on"])
        for line in record["lines"]:
            assert (
                lists.bars(line["manufacture_country"], line["commodity_code"][:6], record["destination_country"], on)
                is None
            )


def test_every_scheme_is_planted_and_says_what_should_be_stopped(economy: Path) -> None:
    instances = json.loads((economy / "truth.json").read_text(encoding="utf-8"))["instances"]
    filed = {record["id"] for record in read(economy)}
    assert Counter(each["scheme"] for each in instances) == dict.fromkeys(SCHEMES, 3)
    for each in instances:
        assert each["should_stop"], each["id"]
        assert {*each["documents"], *each["cover"], *each["actions"], *each["should_stop"]} <= filed
        assert set(each["should_stop"]) <= {*each["documents"], *each["actions"]}
        assert each["why"]
    assert any(not each["findable"] for each in instances) or all(each["findable"] for each in instances)


def test_instances_of_a_scheme_differ_in_shape(economy: Path) -> None:
    instances = json.loads((economy / "truth.json").read_text(encoding="utf-8"))["instances"]
    shapes = [(each["scheme"], *each["shape"].values()) for each in instances]
    assert len(set(shapes)) == len(shapes)


def test_schemes_are_chosen_by_name(tmp_path: Path) -> None:
    simulate(3, 1_000, ["false_transit,listed_party"], tmp_path)
    instances = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["instances"]
    assert {each["scheme"] for each in instances} == {"false_transit", "listed_party"}


def test_unknown_scheme_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="resale_chain"):
        simulate(3, 1_000, ["smuggling"], tmp_path)


def test_a_window_of_one_month_without_history_stays_within_it(tmp_path: Path) -> None:
    simulate(3, 1_000, ["all"], tmp_path, start="2024-05", end="2024-05", history=False)
    assert {record["filed_at"][:7] for record in read(tmp_path)} == {"2024-05"}
    for each in json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["instances"]:
        assert each["should_stop"] or not each["findable"]


def test_a_fifth_of_the_lines_comes_before_the_window(economy: Path) -> None:
    before = sum(len(record.get("lines", ())) for record in read(economy) if record["filed_at"] < "2025")
    after = sum(len(record.get("lines", ())) for record in read(economy) if record["filed_at"] >= "2025")
    assert 0.12 < before / (before + after) < 0.28


def test_memory_does_not_grow_with_the_lines(tmp_path: Path) -> None:
    peaks = {}
    for lines in (1_000, 20_000):
        simulate("warm", 100, ["none"], tmp_path)
        tracemalloc.start()
        simulate("memory", lines, ["none"], tmp_path, history=False)
        peaks[lines] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # Firms grow with the square root of the lines, so twenty times the lines take well below twenty times the room.
    assert peaks[20_000] < 8 * peaks[1_000]
    assert peaks[20_000] < 30_000_000


def test_scattered_numbers_are_all_different_and_their_last_bits_tell_nothing() -> None:
    lanes = [[scattered(count * 32 + lane, 17) for count in range(500)] for lane in (0, 1)]
    assert len({number for lane in lanes for number in lane}) == 1_000
    assert all(len({number % 32 for number in lane}) == 32 for lane in lanes)
