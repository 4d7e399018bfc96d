"""The example country's officers: what its history brought before them they have worked off but for the last days.

They know the truth file. Planted schemes are refused and their cases end as offences, everything else is let go; what
the law does not let go stays. So a demonstration begins on the morning of a desk that is kept up, with cases whose
outcomes rules and models can be measured by, and not before eight years of arrears.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from keruen.cases import commands as do
from keruen.cases.case import Case, Result
from keruen.errors import KeruenError
from keruen.model.actor import Actor, Role
from keruen.model.document import Action
from keruen.model.outcome import Verdict
from keruen.model.profile import Profile
from keruen.workflow.cases import CaseOffice, act
from keruen.workflow.ports import CaseQuery, Query, Row
from keruen.workflow.submit import Office, submit

FIRST: Final = Actor("officer", "authority", Role.OFFICER)
SECOND: Final = Actor("second-officer", "authority", Role.OFFICER)
LOOKED_AT: Final = "review"
LEFT: Final = ("settle", "dismiss", LOOKED_AT)
"""What left unreleased: settled where its goods are still set aside."""
HONEST: Final = ("release", "approve", "explain", LOOKED_AT)
PLANTED: Final = ("refuse", "explain", LOOKED_AT)
RESULTS: Final[Mapping[str, Result]] = {
    "disguised_code": Result.MISDESCRIPTION,
    "licence_overdraw": Result.LICENCE_MISSING,
    "listed_party": Result.PROHIBITED_END_USER,
}
"""What the cases of a scheme come to; of the others, diversion."""
PIECE: Final = 200
"""Documents decided in one batch."""
PAGE: Final = 500


class WorkedOff(NamedTuple):
    """How much was worked off."""

    documents: int
    cases: int


def schemes_of(truth: Mapping[str, Any]) -> dict[str, str]:
    """Document to the scheme it belongs to, of a truth file."""
    return {
        document: instance["scheme"]
        for instance in truth["instances"]
        for document in (*instance["documents"], *instance["should_stop"])
    }


def work_off(
    office: Office,
    cases: CaseOffice,
    schemes: Mapping[str, str],
    until: datetime,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> WorkedOff:
    """Decide what was filed before a time, and close the cases about nothing later.

    Args:
        office: The books.
        cases: The cases.
        schemes: Document to its scheme; what is not in it is honest.
        until: What was filed from then on waits for the user.
        on_progress: Told how much is done of how much.
    """
    waiting = [row for row in _waiting(office) if row.recorded_at < until]
    # What left unreleased first: an exit says where the goods of a waybill are.
    waiting.sort(key=lambda row: (row.kind != "exit_notice", row.recorded_at, row.document_id))
    documents = 0
    for start in range(0, len(waiting), PIECE):
        documents += _decide(office, waiting[start : start + PIECE], schemes)
        on_progress(start, len(waiting))
    closed = 0
    for case in _open(cases):
        if case.updated_at < until:
            closed += _close(cases, case, schemes)
            on_progress(len(waiting), len(waiting))
    return WorkedOff(documents, closed)


def _waiting(office: Office) -> list[Row]:
    rows: list[Row] = []
    while True:
        page = office.store.page(Query(attention=True, offset=len(rows), limit=PAGE))
        rows += page.rows
        if len(page.rows) < PAGE:
            return rows


def _open(cases: CaseOffice) -> list[Case]:
    found: list[Case] = []
    while True:
        page = cases.cases.page(CaseQuery(offset=len(found), limit=PAGE))
        found += page.rows
        if len(page.rows) < PAGE:
            return found


def _decide(office: Office, rows: list[Row], schemes: Mapping[str, str]) -> int:
    """Take each through the first of its steps that the books allow; how many were taken through one."""
    left = {row.document_id: _steps(office.profile, row, row.document_id in schemes) for row in rows}
    done = 0
    while left:
        actions = [
            _action(document_id, steps.pop(0), document_id in schemes) for document_id, steps in left.items() if steps
        ]
        outcomes = submit(office, actions)
        accepted = {each.document_id for each in outcomes if each.verdict != Verdict.REJECTED}
        done += len(accepted)
        left = {document_id: steps for document_id, steps in left.items() if steps and document_id not in accepted}
    return done


def _steps(profile: Profile, row: Row, planted: bool) -> list[str]:
    wanted = LEFT if row.kind == "exit_notice" else PLANTED if planted else HONEST
    there = {arrow.name for arrow in profile.kind(row.kind).transitions if row.state in arrow.sources}
    return [name for name in wanted if name in there]


def _action(document_id: str, transition: str, planted: bool) -> Action:
    key = f"{document_id}:{transition}:worked-off"
    reason = "the papers do not say where the goods go" if planted else "papers and goods looked at, nothing against it"
    return Action(key, document_id, transition, SECOND, hashlib.sha256(key.encode()).digest(), reason)


def _close(cases: CaseOffice, case: Case, schemes: Mapping[str, str]) -> int:
    """Close a case by its documents: an offence where one of them belongs to a scheme."""
    met = [schemes[each.document_id] for each in case.joined if each.document_id in schemes]
    result = RESULTS.get(met[0], Result.DIVERSION) if met else Result.NO_FINDING
    reason = f"{len(met)} of its papers belong to one scheme" if met else "each of its papers could be explained"
    try:
        act(cases, FIRST, case.number, do.Take())
        if case.needs_second(result):
            act(cases, FIRST, case.number, do.Propose(result, reason))
            act(cases, SECOND, case.number, do.Countersign())
        else:
            act(cases, FIRST, case.number, do.Close(result, reason))
    except KeruenError:
        # Not theirs to close, or one of them filed a paper of it: it waits for whoever signs in.
        return 0
    return 1
