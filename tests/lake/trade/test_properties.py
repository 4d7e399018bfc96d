"""What must hold whatever the figures: scale moves money and no score, and the order of rows changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import worlds
from keruen.lake.trade import statistics
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load


def answers(folder: Path, rows: list[str]) -> dict[str, list[dict[str, Any]]]:
    lake = Lake(folder / "lake")
    load(lake, worlds.write(folder / worlds.NAME, rows))
    found = {name: worlds.ordered(lake.rows(table)) for name, table in worlds.questions(lake).items()}
    lake.close()
    return found


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    return answers(tmp_path_factory.mktemp("plain"), worlds.rows())


@pytest.mark.parametrize("name", worlds.QUESTIONS)
def test_every_question_has_an_answer(plain: dict[str, list[dict[str, Any]]], name: str) -> None:
    assert plain[name]


def test_the_order_of_rows_changes_nothing(plain: dict[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    rows = worlds.rows()
    random.Random(7).shuffle(rows)
    assert answers(tmp_path, rows) == plain


def test_scale_moves_money_and_no_score(plain: dict[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    scaled = answers(tmp_path, worlds.rows(scale=8))
    scores = {
        "substitution",
        "pass_through",
        "combined",
        "verdict",
        "ratio",
        "share",
        "hhi",
        "z",
        "control_growth",
        "far",
    }
    money = {"a", "b", "c", "gap", "lost", "through", "bound", "value"}
    for name, rows in plain.items():
        for mine, theirs in zip(rows, scaled[name], strict=True):
            for column, value in mine.items():
                if value is None or column not in scores | money:
                    continue
                wanted = value * 8 if column in money else value
                assert theirs[column] == (pytest.approx(wanted, rel=1e-9) if isinstance(value, float) else wanted), (
                    column
                )


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e6])
def test_a_break_does_not_depend_on_the_currency(factor: float) -> None:
    noise = np.random.default_rng(1).lognormal(0, 0.1, 40)
    series = noise * np.where(np.arange(40) < 22, 1.0, 3.0) * factor
    found = statistics.one_break(series)
    assert found is not None
    assert (found.at, found.significant) == (22, True)
    assert found.ratio == pytest.approx(3, rel=0.1)
    assert statistics.several_breaks(series) == [22]


def test_noise_has_no_break() -> None:
    loud = 0
    for seed in range(100):
        found = statistics.one_break(np.random.default_rng(seed).lognormal(0, 0.3, 36))
        loud += bool(found and found.significant)
    assert loud <= 10


def panel(grown: int, noise: Callable[[int], Any]) -> Any:
    values = noise(40)
    values[:grown, 20:] *= 4
    return values


def test_a_true_shift_of_a_list_fixed_beforehand_is_found_and_its_placebo_is_quiet() -> None:
    rng = np.random.default_rng(3)
    found = statistics.shift(panel(8, lambda n: rng.lognormal(0, 0.4, (n, 36))), np.arange(40) < 8, 20, draws=400)
    assert found is not None
    assert found.p < 0.01
    assert found.placebo_p > 0.05


def test_products_chosen_because_they_grew_prove_nothing_once_the_choice_is_repeated() -> None:
    rng = np.random.default_rng(4)
    values = np.exp(np.cumsum(rng.normal(0, 0.25, (40, 36)), axis=1))
    chosen = statistics.chosen_by_growth(values, 20, 8)
    naive = statistics.shift(values, chosen, 20, draws=400)
    honest = statistics.shift(values, chosen, 20, selected=True, draws=400)
    assert naive is not None
    assert honest is not None
    assert naive.p < 0.01
    assert honest.p > 0.05


def test_the_tail_of_student_is_that_of_the_tables() -> None:
    assert statistics.student_p(4.303, 2) == pytest.approx(0.05, abs=1e-4)
    assert statistics.student_p(2.228, 10) == pytest.approx(0.05, abs=1e-4)
