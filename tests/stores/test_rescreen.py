"""A list that changes is asked about pending documents: on both stores, journaled, harmless when repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from books import check_books
from builders import BUYER, KZ, NOON, OFFICER, a_waybill, act, an_application, an_entry, an_invoice, filed, one
from keruen.model.finding import Severity
from keruen.model.outcome import Verdict as Answer
from keruen.model.party import Edition, Link, LinkKind, ListedParty, Name, PartyKind
from keruen.screening.screener import PairDecision, Screener, Thresholds, Verdict, entry_hash, fingerprint
from keruen.store.screeners import screener_of
from keruen.watchlists import editions
from keruen.workflow.rescreen import pending, rescreen
from keruen.workflow.screen import parties_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keruen.model.document import StoredDocument
    from keruen.workflow.submit import Office

NOBODY = ListedParty("X-0", PartyKind.PERSON, (Name("Somebody Else Entirely"),))
FIRM = ListedParty("X-1", PartyKind.ORGANISATION, (Name("Karatau Vector Systems"),))
BEFORE = Edition("example", date(2025, 3, 1), "a" * 64, None, (NOBODY,))
AFTER = Edition("example", date(2025, 3, 4), "b" * 64, None, (NOBODY, FIRM))


@pytest.fixture
def listed() -> list[Screener]:
    """The screener that the office asks; a test changes it."""
    return [screener_of([BEFORE], Thresholds(), ())]


@pytest.fixture
def watched(office: Office, listed: list[Screener]) -> Iterator[Office]:
    found = replace(office, screens=lambda: listed[0])
    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ")):
        assert one(found, filed(document)).verdict == Answer.ACCEPTED
    application = an_application()
    named = application._replace(header={**application.header, "consignee_name": "Karatau Vector Systems LLC"})
    outcome = one(found, filed(named))
    assert outcome.verdict == Answer.ACCEPTED
    if outcome.state == "held":
        assert one(found, act(named.id, "approve", OFFICER)).verdict == Answer.ACCEPTED
    assert not the_application(found).attention
    yield found
    check_books(found.store)


def the_application(office: Office) -> StoredDocument:
    [stored] = [each for each in pending(office) if each.kind == "export_application"]
    return stored


def change(office: Office, listed: list[Screener], edition: Edition = AFTER, *decisions: PairDecision) -> list[str]:
    """Bring an edition into force and follow it up; who is alarmed."""
    listed[0] = screener_of([edition], Thresholds(), decisions)
    touched = editions.diff(BEFORE, edition).touched
    done = rescreen(office, edition, touched, 0.5, NOON)
    return [document for document, _ in done.alarms]


def test_a_newly_listed_consignee_brings_an_approved_application_before_an_officer(
    watched: Office, listed: list[Screener]
) -> None:
    before = the_application(watched)
    assert change(watched, listed) == [before.id]
    after = the_application(watched)
    assert after.decision is not None
    codes = {each.code for each in after.decision.findings}
    assert {"listed_party", "list_changed"} <= codes
    assert (after.state, after.attention) == (before.state, True)
    assert after.channel in {"yellow", "red"}
    assert after.decision.editions["example"] == AFTER.name
    event = watched.store.events_of(after.id)[-1]
    assert (event.transition, event.from_state, event.to_state) == ("rescreen", before.state, before.state)


def test_what_was_found_before_stands_and_nothing_is_said_twice(watched: Office, listed: list[Screener]) -> None:
    before = the_application(watched)
    change(watched, listed)
    once = the_application(watched)
    assert once.decision is not None
    assert before.decision is None or all(each in once.decision.findings for each in before.decision.findings)
    events = len(watched.store.events_of(once.id))
    assert change(watched, listed) == []
    assert len(watched.store.events_of(once.id)) == events


def test_a_change_that_touches_nobody_raises_no_alarm(watched: Office, listed: list[Screener]) -> None:
    before = the_application(watched)
    other = ListedParty("X-9", PartyKind.ORGANISATION, (Name("Wholly Unrelated Trading House"),))
    assert change(watched, listed, AFTER._replace(parties=(NOBODY, other))) == []
    after = the_application(watched)
    assert (after.attention, after.last_event_id) == (False, before.last_event_id)


def test_a_document_that_is_done_with_is_left_alone(watched: Office, listed: list[Screener]) -> None:
    application = the_application(watched)
    state = "revoke" if application.state == "approved" else "refuse"
    assert one(watched, act(application.id, state, OFFICER, reason="no longer wanted")).verdict == Answer.ACCEPTED
    assert change(watched, listed) == []


def test_a_pair_decided_to_be_two_raises_no_alarm(watched: Office, listed: list[Screener]) -> None:
    stored = the_application(watched)
    party = dict(parties_of(stored.document))["header/consignee_name"]
    word = PairDecision(
        fingerprint(party), "example", "X-1", Verdict.NOT_SAME, entry_hash(FIRM), "officer-1", "other firm", NOON
    )
    assert change(watched, listed, AFTER, word) == []


def test_who_is_owned_by_a_newly_listed_party_is_found_too(watched: Office, listed: list[Screener]) -> None:
    owner = ListedParty("X-2", PartyKind.ORGANISATION, (Name("Distant Holding Group"),))
    held = FIRM._replace(listed=False)
    tie = Link(LinkKind.OWNS, "X-2", "X-1", Fraction(3, 5))
    unlisted = owner._replace(listed=False)
    before = Edition("example", date(2025, 3, 1), "c" * 64, None, (NOBODY, unlisted, held), (tie,))
    after = before._replace(parties=(NOBODY, owner, held), sha256="d" * 64)
    touched = editions.diff(before, after).touched
    assert touched == ("X-2",)
    listed[0] = screener_of([after], Thresholds(), ())
    done = rescreen(watched, after, touched, 0.5, NOON)
    found = the_application(watched)
    assert [each for each, _ in done.alarms] == [found.id]
    assert found.decision is not None
    assert "owned_by_listed" in {each.code for each in found.decision.findings}


def test_nobody_but_the_system_says_that_a_list_changed(watched: Office) -> None:
    stored = the_application(watched)
    outcome = one(watched, act(stored.id, "rescreen", OFFICER))
    assert outcome.problem is not None
    assert outcome.problem.code == "may_not_act"


def test_the_channel_never_gets_lighter(watched: Office, listed: list[Screener]) -> None:
    stored = the_application(watched)
    change(watched, listed)
    after = the_application(watched)
    order = ["", "green", "yellow", "red", "refuse"]
    assert order.index(after.channel) >= max(order.index(stored.channel), order.index("yellow"))
    assert after.decision is not None
    assert max(each.severity for each in after.decision.findings) >= Severity.WARNING


def test_states_that_are_pending_are_states(watched: Office) -> None:
    assert all(kind.pending <= set(kind.states) - kind.final for kind in KZ.kinds.values())
    assert a_waybill().kind in {kind.name for kind in KZ.kinds.values() if kind.pending}
