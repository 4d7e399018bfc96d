"""`keruen bench screening`: the shape of its JSON, and what it says of files it cannot use."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner, Result

from keruen.errors import InvalidInput, KeruenError, Unavailable
from keruen.faces.cli import bench
from keruen.faces.cli.app import app
from keruen.model.party import Edition, ListedParty, Name, Party, PartyKind

Run = Callable[..., Result]
PAIRS = """\
pair_id,source,query_name,query_alt_names,query_schema,query_country,query_dob,query_ids,candidate_name,\
candidate_alt_names,candidate_schema,candidate_country,candidate_dob,candidate_ids,label,quality,category
1,t,Alma Bek,,Person,,,,ALMA BEK,,Person,,,,1,translit,latin/Person
2,t,Alma Bek,,Person,,,,Alma Tas,,Person,,,,0,namesake,latin/Person
3,t,Alma Bek,,Person,,,,Bek Alma,,Person,,,,1,translit,latin/Person
"""
QUERIES = """\
query_id,source,query_name,query_schema,query_country,query_dob,expected_id,note
a,t,Alma Bek,Person,kz,1980,own-7,
b,t,Nobody Else,Person,kz,1980,,
c,t,Gone Away,Person,kz,1980,own-9,
"""


class Score(NamedTuple):
    score: float


class Match(NamedTuple):
    score: float
    party: ListedParty
    source: str


class Exact:
    """Stands for the index: a listed party is found under its very name."""

    def __init__(self, editions: Sequence[Edition]) -> None:
        self.parties = {
            name.text.casefold(): each for edition in editions for each in edition.parties for name in each.names
        }

    @classmethod
    def build(cls, editions: Sequence[Edition]) -> Exact:
        return cls(editions)

    def search(self, party: Party, *, threshold: float, limit: int) -> list[Match]:
        found = self.parties.get(party.names[0].casefold())
        return [Match(1.0, found, "own:t")][:limit] if found and threshold <= 1 else []


def same_text(query: Party, candidate: Party) -> Score:
    return Score(float(query.names[0].casefold() == candidate.names[0].casefold()))


def one_party(files: Sequence[tuple[str, bytes]]) -> Edition:
    assert files[0] == ("list.csv", b"x")
    party = ListedParty("7", PartyKind.PERSON, (Name("Alma Bek"),))
    return Edition("own:t", None, "0" * 64, None, (party,))


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's own work is tested: matcher, index and loader have tests of their own."""
    made: dict[str, Any] = {"compare": same_text, "ALERT": 0.5, "Index": Exact, "read": one_party}
    monkeypatch.setattr(bench, "_ours", lambda _module, name: made[name])
    monkeypatch.setattr(bench, "BATCH", 600)


@pytest.fixture
def run(stand_ins: None, tmp_path: Path) -> Run:
    del stand_ins
    (tmp_path / "pairs.csv").write_text(PAIRS, encoding="utf-8")
    (tmp_path / "queries.csv").write_text(QUERIES, encoding="utf-8")
    (tmp_path / "list.csv").write_bytes(b"x")

    def go(*words: str) -> Result:
        paths = [str(tmp_path / word) if word.endswith(".csv") else word for word in words]
        return CliRunner().invoke(app, ["bench", "screening", *paths], env={"COLUMNS": "200"})

    return go


def data(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def failure(result: Result) -> KeruenError:
    assert isinstance(result.exception, KeruenError)
    return result.exception


def test_everything_in_one_go_has_the_promised_keys(run: Run) -> None:
    found = data(run("--pairs", "pairs.csv", "--queries", "queries.csv", "--list", "list.csv", "--json"))
    assert set(found) == {"pairs", "queries", "speed"}
    assert set(found["pairs"]) == {"pairs.csv"}
    assert set(found["pairs"]["pairs.csv"]) == {"n", "precision", "recall", "f1", "by_category"}
    assert set(found["queries"]) == {"n", "recall", "clean_alerted"}
    assert set(found["speed"]) == {"p50_ms", "p99_ms", "names_per_s"}


def test_figures_are_those_of_the_files(run: Run) -> None:
    found = data(run("--pairs", "pairs.csv", "--queries", "queries.csv", "--list", "list.csv", "--json"))
    pairs = found["pairs"]["pairs.csv"]
    assert (pairs["n"], pairs["precision"], pairs["recall"]) == (3, 1.0, 0.5)
    assert pairs["f1"] == pytest.approx(2 / 3)
    assert set(pairs["by_category"]) == {"latin/Person", "translit"}
    assert found["queries"] == {"n": 3, "recall": 0.5, "clean_alerted": 0.0}
    assert 0 < found["speed"]["p50_ms"] <= found["speed"]["p99_ms"]
    assert found["speed"]["names_per_s"] > 0


def test_pairs_alone_need_no_list_and_may_be_many(run: Run, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(PAIRS, encoding="utf-8")
    for words in (("--pairs", "pairs.csv", "--pairs", "more.csv"), ("--pairs", "pairs.csv", "more.csv")):
        found = data(run(*words, "--json"))
        assert set(found) == {"pairs"}
        assert set(found["pairs"]) == {"pairs.csv", "more.csv"}


def test_two_files_of_one_name_are_told_apart_by_their_folders(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pairs.csv").write_text(PAIRS, encoding="utf-8")
    found = data(run("--pairs", "pairs.csv", "sub/pairs.csv", "--json"))
    assert set(found["pairs"]) == {str(tmp_path / "pairs.csv"), str(tmp_path / "sub" / "pairs.csv")}


def test_speed_is_measured_on_the_pairs_names_where_no_queries_are_given(run: Run) -> None:
    found = data(run("--pairs", "pairs.csv", "--list", "list.csv", "--cores", "1", "--json"))
    assert set(found) == {"pairs", "speed"}


def test_a_person_reads_a_table(run: Run) -> None:
    result = run("--pairs", "pairs.csv", "--queries", "queries.csv", "--list", "list.csv")
    assert result.exit_code == 0, result.output
    assert "latin/Person" in result.output
    assert "recall 0.5000" in result.output
    assert "names/s" in result.output


def test_an_expected_party_that_the_list_lacks_is_said(run: Run) -> None:
    result = run("--queries", "queries.csv", "--list", "list.csv", "--json")
    assert "1 queries expect a party that the list does not have, such as own-9" in result.stderr


def test_a_wrong_column_is_named_with_its_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text(PAIRS.replace("label", "lable"), encoding="utf-8")
    error = failure(run("--pairs", "wrong.csv"))
    assert isinstance(error, InvalidInput)
    assert error.text.startswith("wrong.csv, line 1: no column label")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "nothing to measure"),
        (("--queries", "queries.csv"), "name it with --list"),
        (("--pairs", "absent.csv"), "absent.csv cannot be read: No such file"),
        (("--pairs", "pairs.csv", "--list", "absent.csv"), "absent.csv cannot be read: No such file"),
        (("--pairs", "latin1.csv"), "latin1.csv is not UTF-8"),
    ],
)
def test_what_cannot_be_measured_is_said(run: Run, tmp_path: Path, words: tuple[str, ...], text: str) -> None:
    (tmp_path / "latin1.csv").write_bytes(PAIRS.replace("Alma", "Älma").encode("latin-1"))
    error = failure(run(*words))
    assert isinstance(error, InvalidInput)
    assert text in error.text


def test_a_room_that_is_not_there_is_said(tmp_path: Path) -> None:
    del tmp_path
    with pytest.raises(Unavailable, match=r"keruen.screening.absent is not part"):
        bench._ours("screening.absent", "compare")


def test_the_files_of_one_set_are_one_list_and_a_folder_may_hold_several(tmp_path: Path) -> None:
    ofac, several = tmp_path / "ofac", tmp_path / "several"
    ofac.mkdir()
    several.mkdir()
    empty = ",".join(["-0-"] * 8)
    (ofac / "sdn.csv").write_text(f'36,"ALMA BEK",-0-,"CUBA",{empty}\n', encoding="utf-8")
    (ofac / "alt.csv").write_text('36,12,"aka","ALMA BEG",-0-\n', encoding="utf-8")
    for name in ("one", "two"):
        (several / f"{name}.csv").write_text(f"id,name\n7,Firm {name}\n", encoding="utf-8")
    (several / "README.md").write_text("what these are", encoding="utf-8")
    [both] = bench.read_editions([ofac / "sdn.csv", ofac / "alt.csv"])
    assert [name.text for name in both.parties[0].names] == ["ALMA BEK", "ALMA BEG"]
    assert [each.parties[0].names[0].text for each in bench.read_editions([several])] == ["Firm one", "Firm two"]
    with pytest.raises(InvalidInput):
        bench.read_editions([tmp_path / "nothing.csv"])


def test_an_id_may_bear_the_list_s_name_in_several_words() -> None:
    from keruen.screening.quality import listed_id

    assert listed_id("ofac-sdn-36", {"36"}) == "36"
    assert listed_id("un-KPi.033", {"KPi.033"}) == "KPi.033"
    assert listed_id("a-b", {"a-b", "b"}) == "a-b"
    assert listed_id("ofac-37", {"36"}) is None
