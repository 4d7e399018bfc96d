"""The example country's officers: a desk that is kept up, from the truth file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from books import check_books
from builders import KZ
from keruen import formats
from keruen.cases.case import OFFENCES, Result, State
from keruen.cases.routing import shipped
from keruen.compose import ReplayClock
from keruen.faces.cli.arrears import schemes_of, work_off
from keruen.facts.catalogue import catalogue
from keruen.model.actor import Actor, Role
from keruen.rules import shipped as shipped_rules
from keruen.rules.ruleset import read
from keruen.simulate import simulate
from keruen.store.memory import MemoryStore
from keruen.store.memory_cases import MemoryCases
from keruen.workflow.cases import CaseOffice, follow
from keruen.workflow.intake import Options, take_in
from keruen.workflow.judge import Rulings, kinds_of
from keruen.workflow.ports import CaseQuery, Query
from keruen.workflow.submit import Office

UNTIL = datetime(2025, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, CaseOffice, dict[str, str]]:
    """A small country's history in the books, its cases opened."""
    folder: Path = tmp_path_factory.mktemp("country")
    simulate("arrears", 1500, ["all"], folder, lambda _done, _total: None, start="2025-01", end="2025-12")
    rules = read(shipped_rules.body("kz"), catalogue(), kinds_of(KZ))
    office = Office(MemoryStore(), KZ, ReplayClock(), lambda: b"s" * 16, rules=lambda: Rulings.of(rules))
    for path in sorted(folder.glob("records-*.ndjson")):
        with path.open("rb") as stream:
            take_in(
                office,
                formats.read(stream, formats.Format.NDJSON, profile=KZ),
                Actor("gateway", "gateway", Role.GATEWAY),
                Options(history=True),
            )
    assert isinstance(office.store, MemoryStore)
    cases = CaseOffice(MemoryCases(office.store), office.store, KZ, ReplayClock(), shipped())
    follow(cases)
    return office, cases, schemes_of(json.loads((folder / "truth.json").read_bytes()))


def test_what_is_old_is_worked_off_and_the_last_days_wait(country: tuple[Office, CaseOffice, dict[str, str]]) -> None:
    office, cases, schemes = country
    before = office.store.page(Query(attention=True, limit=10_000)).rows
    late = {row.document_id for row in before if row.recorded_at >= UNTIL}
    open_before = cases.cases.page(CaseQuery(limit=10_000)).total
    done = work_off(office, cases, schemes, UNTIL)

    waiting = {row.document_id for row in office.store.page(Query(attention=True, limit=10_000)).rows}
    assert late
    assert late <= waiting
    assert len(before) - len(late) > 20
    assert done.documents == len(before) - len(waiting)
    assert waiting - late == set(), "what is old and was not worked off"
    assert 0 < done.cases < open_before
    check_books(office.store)


def test_schemes_are_refused_and_their_cases_are_offences(
    country: tuple[Office, CaseOffice, dict[str, str]],
) -> None:
    office, cases, schemes = country
    work_off(office, cases, schemes, UNTIL)
    closed = cases.cases.page(CaseQuery(state=State.CLOSED.value, limit=10_000)).rows
    assert {case.closing.result in OFFENCES for case in closed if case.closing} == {True, False}
    for case in closed:
        assert case.closing is not None
        planted = [each.document_id for each in case.joined if each.document_id in schemes]
        assert (case.closing.result == Result.NO_FINDING) == (not planted)
        assert case.closing.by != case.closing.countersigned_by
    refused = [each for each in schemes if (stored := office.store.document(each)) and stored.state == "refused"]
    assert refused
