from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keruen.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def economy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An economy of 20,000 lines with every scheme in it."""
    folder = tmp_path_factory.mktemp("economy")
    simulate("test", 20_000, ["all"], folder)
    return folder
