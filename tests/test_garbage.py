"""Python's collector of cycles: away while much is made, and back afterwards whatever happens."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from keruen.garbage import SELDOM, look_seldom, not_collected


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave the collector to the other tests as it was."""
    was = gc.get_threshold()
    yield
    gc.set_threshold(*was)


def test_nothing_is_collected_while_much_is_made_and_then_again() -> None:
    assert gc.isenabled()
    with not_collected():
        with not_collected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_is_back_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), not_collected():
        _ = 1 / 0
    assert gc.isenabled()


def test_a_process_that_takes_in_documents_looks_seldom() -> None:
    look_seldom()
    assert gc.get_threshold() == SELDOM
    assert gc.isenabled()
