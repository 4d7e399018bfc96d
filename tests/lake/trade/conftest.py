"""The published statistics, which have no licence to travel with the package, and small files of our own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load_all

DATA = Path(os.environ.get("KERUEN_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data") / "trade"


@pytest.fixture(scope="session")
def shared() -> Path:
    if not DATA.is_dir():
        pytest.skip(
            f"the published trade statistics are not at {DATA}: set KERUEN_SHARED_DATA to the folder that has them"
        )
    return DATA


@pytest.fixture(scope="session")
def published(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = Lake(tmp_path_factory.mktemp("published"))
    load_all(lake, [shared])
    yield lake
    lake.close()


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    made = Lake(tmp_path / "lake")
    yield made
    made.close()
