"""The report says what it shows, how much of it, and why it may be wrong."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from pyarrow import parquet

from keruen.lake.trade import diversion, report
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.series import EU, Window


@pytest.fixture(scope="module")
def made(published: Lake) -> report.Report:
    corridor = diversion.Corridor(
        EU, "RU", Window("2021-03", "2021-11"), Window("2022-03", "2022-11"), diversion.high_priority(date(2024, 3, 1))
    )
    return report.make(published, corridor, "KZ", source="eurostat-products")


def test_tables_say_how_many_rows_they_show(made: report.Report) -> None:
    page = report.html(made)
    assert "10 of 36 rows shown" in page
    assert "<script" not in page


def test_the_page_shows_the_columns_that_fit_and_the_verdict_among_them(made: report.Report) -> None:
    page = report.html(made)
    assert "may be wrong</th>" in page
    assert "from hub before</th>" not in page
    assert "e+0" not in page


def test_each_alert_carries_its_placebo_and_what_speaks_against_it(made: report.Report) -> None:
    cells = next(each for each in made.sections if each.name == "diversion")
    loud = [row for row in cells.rows if row["verdict"] == "partial"]
    assert loud
    assert all(row["placebo"] is not None for row in loud)
    assert all("no report of what went on" in row["may_be_wrong"] for row in loud)


def test_the_files_hold_every_row(made: report.Report, tmp_path: Path) -> None:
    paths = report.write(made, tmp_path, pdf=False)
    assert {path.name for path in paths} >= {"report.html", "report.xlsx", "diversion.parquet", "markets.parquet"}
    cells = next(each for each in made.sections if each.name == "diversion")
    assert parquet.read_table(tmp_path / "diversion.parquet").num_rows == len(cells.rows)


def test_the_same_page_comes_on_paper(made: report.Report, tmp_path: Path) -> None:
    try:
        import weasyprint  # noqa: F401 - asked whether it finds Pango
    except OSError:
        if os.environ.get("CI") == "true":
            pytest.fail("no Pango, and CI may not go without: tools/install-pango.sh")
        pytest.skip("no Pango here: tools/install-pango.sh puts it there")
    paper = report.write(made, tmp_path)[-1].read_bytes()
    assert paper.startswith(b"%PDF-")
    assert paper.rstrip().endswith(b"%%EOF")


def test_the_rest_of_the_trade_is_shown_as_the_control(made: report.Report) -> None:
    breaks = next(each for each in made.sections if each.name == "breaks")
    control = {row["to"]: row for row in breaks.rows if row["products"].endswith("(control)")}
    whole = {row["to"]: row for row in breaks.rows if row["products"] == "all products of the source"}
    assert control.keys() == whole.keys() == {"RU", "KZ"}
    assert control["RU"]["ratio"] > whole["RU"]["ratio"]
    assert control["KZ"]["ratio"] < whole["KZ"]["ratio"]
