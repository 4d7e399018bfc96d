"""The example notebook runs from its first cell to its last, and finds what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyarrow import parquet

NOTEBOOK = Path(__file__).resolve().parents[3] / "docs" / "examples" / "trade.ipynb"


def test_the_notebook_runs_and_finds_the_hub() -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [], "kept without outputs, so that a change shows"
            exec(compile("".join(cell["source"]), f"{NOTEBOOK.name}, cell {number}", "exec"), names)
    (row,) = parquet.read_table(names["folder"] / "scores.parquet").to_pylist()
    assert (row["hub"], row["product"], row["verdict"]) == ("GE", "854231", "raised")
    # Chips: 1,800 to 120 towards Russia, 80 to 1,400 to Georgia, 5 to 610 on from it, in thousands; shoes stayed.
    assert (row["a"], row["b"], row["c"]) == (-1_680_000, 1_320_000, 605_000)
    assert row["combined"] == 605 / 1680
    assert names["surged"].num_rows == 2
    assert {each["row"] for each in names["named"].to_pylist()} == {3, 7}
