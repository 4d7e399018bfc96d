"""Plausibility on texts that may be shipped, and on the labelled pairs where they are at hand."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keruen.descriptions.check import check
from keruen.descriptions.learning import learn, trees
from keruen.descriptions.plausibility import FEATURES, Index, Labelled, Reader, shipped_lines, shipped_model
from keruen.descriptions.quality import Pair, figures
from keruen.errors import InvalidInput
from keruen.faces.cli.app import app
from keruen.faces.cli.descriptions import _at_hand
from keruen.store.descriptions import Descriptions, read_lines

SHARED = Path(os.environ.get("KERUEN_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
PAIRS = SHARED / "hs_descriptions" / "plausibility_pairs.csv"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.shipped()


def test_a_text_fits_its_heading_better_than_a_strange_one(reader: Reader) -> None:
    texts = ["men's leather boots", "centrifugal water pump", "frozen shrimps", "насосы центробежные для воды"]
    right = reader.suspicion(texts, ["6403", "8413", "0306", "8413"])
    wrong = reader.suspicion(texts, ["8542", "6109", "8703", "6109"])
    assert all(mine < other for mine, other in zip(right, wrong, strict=True))


def test_the_same_text_gets_the_same_answer_whatever_stands_beside_it(reader: Reader) -> None:
    alone = reader.suspicion(["ceramic tiles"], ["6907"])[0]
    among = reader.suspicion(["x", "Ceramic   TILES", "y"], ["8542", "6907", "0101"])[1]
    assert alone == pytest.approx(among, abs=1e-6)


def test_a_text_without_words_is_neither_right_nor_wrong(reader: Reader) -> None:
    assert reader.suspicion(["<ID>"], ["8413"]) == [0.5]


def test_an_unknown_heading_is_refused(reader: Reader) -> None:
    with pytest.raises(InvalidInput, match="no such heading: 0000"):
        reader.suspicion(["x"], ["0000"])


def test_the_explanation_names_headings_and_labelled_texts(reader: Reader) -> None:
    found = check("frozen shrimps", "030617", reader)
    assert found.headings[0].code == "0306"
    assert found.nearest[0].declared
    assert found.nearest[0].hs6.startswith("0306")
    assert found.official


def test_trees_of_other_features_are_refused(reader: Reader) -> None:
    model = shipped_model().replace(f"max_feature_idx={len(FEATURES) - 1}", "max_feature_idx=3")
    with pytest.raises(InvalidInput):
        Reader(reader.index, model)
    with pytest.raises(InvalidInput, match="cannot be read"):
        Reader(reader.index, "no trees")


def test_learning_twice_gives_the_same_trees_and_too_few_lines_are_refused() -> None:
    index = Index(shipped_lines()[:600])
    assert trees(index, rounds=5, leaves=7) == trees(index, rounds=5, leaves=7)
    with pytest.raises(InvalidInput, match="at least 200"):
        learn(shipped_lines()[:10])


def test_own_lines_are_learnt_and_kept(tmp_path: Path) -> None:
    kept = Descriptions(tmp_path / "descriptions")
    assert not kept.learned
    kept.learn([Labelled("zorblax widget deluxe", "841370", "own")] * 3)
    again = kept.reader()
    assert again.nearest("zorblax widget", ["8413"])[0].source == "own"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("a,b\n1,2\n", "columns text and code are needed"),
        ("text,code\nx,12\n", "row 2, code: four to ten digits"),
        ("text,code\nx,841370\ny,84A\n", "row 3, code"),
    ],
)
def test_lines_that_cannot_be_read_name_row_and_column(tmp_path: Path, body: str, said: str) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(InvalidInput, match=said):
        read_lines(path)


def test_figures_are_those_of_a_hand_count() -> None:
    pairs = [Pair("", "", "true", "s")] * 20 + [Pair("", "", "random", "s")] * 4
    scores = [at / 20 for at in range(20)] + [0.2, 0.99, 0.99, 0.5]
    found = figures(pairs, scores)
    assert found["caught_at_5pct"] == {"random": 0.5}
    # Of 80 pairs of right and wrong, 4 + 20 + 20 + 10 in order, and two ties.
    assert found["auc"]["random"] == pytest.approx((4.5 + 20 + 20 + 10.5) / 80)


def test_the_bench_prints_what_it_promises(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    rows = [("frozen shrimps", "030617", "true", 0), ("frozen shrimps", "854231", "random", 1)] * 10
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "true_hs6", "declared_hs6", "misdeclared", "kind"])
        writer.writerows([text, "030617", code, flag, kind] for text, code, kind, flag in rows)
    done = CliRunner().invoke(app, ["bench", "descriptions", "--pairs", str(path), "--shipped", "--json"])
    found = json.loads(done.stdout)
    assert found["auc"]["random"] == 1.0
    assert found["caught_at_5pct"]["random"] == 1.0
    assert found["lines_per_s"] > 0


def test_the_bench_learns_from_lines_beside_the_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = tmp_path / "bacuda_lines.csv"
    beside.write_text("text,code\n", encoding="utf-8")
    monkeypatch.setenv("KERUEN_SHARED_DATA", str(tmp_path / "nowhere"))
    assert _at_hand([tmp_path / "pairs.csv"]) == [beside]


def test_wrong_headings_are_caught_on_licensed_pairs(reader: Reader) -> None:
    """A ratchet: shipped texts alone, pairs of HMRC's texts, those texts left out of what is looked at."""
    if not PAIRS.exists():
        pytest.skip(f"the labelled pairs are not at {PAIRS}; set KERUEN_SHARED_DATA")
    from keruen.descriptions.words import clean

    with PAIRS.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["set"] == "uk_references"]
    judged = {clean(row["text"]) for row in rows}
    own = Reader(Index([line for line in shipped_lines() if line.text not in judged]), shipped_model())
    rows = [row for row in rows if row["declared_hs6"][:4] in own.index.place]
    pairs = [Pair(row["text"], row["declared_hs6"], row["kind"], row["set"]) for row in rows]
    found = figures(pairs, own.suspicion([pair.text for pair in pairs], [pair.declared for pair in pairs]))
    assert found["auc"]["random"] > 0.93
    assert found["auc"]["same_chapter"] > 0.87
