"""Who may take what where, and what is said to whoever may not: every refusal, word for word."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from builders import (
    GATEWAY,
    IMPORTER,
    KZ,
    MAKER,
    NOON,
    OFFICER,
    OTHER_OFFICER,
    TRADER,
    a_document,
    a_waybill,
    an_invoice,
    filer,
    goods,
    party,
)
from keruen.documents.states import capacities, check_correction, check_filer, find_transition
from keruen.errors import Conflict, Forbidden, InvalidInput, KeruenError
from keruen.model.actor import SYSTEM, Actor, Role
from keruen.model.document import StoredDocument

if TYPE_CHECKING:
    from keruen.model.document import Document

WAYBILL = KZ.kind("waybill")
AUDITOR = Actor("auditor-1", "authority", Role.AUDITOR)
PARTNER = Actor("partner-1", "UZ-customs", Role.PARTNER)


def stored(document: Document | None = None, state: str = "sent", **more: Any) -> StoredDocument:
    """A document on record; the transfer of forty chips."""
    return StoredDocument(document or a_waybill(), state, IMPORTER, f"user-{IMPORTER}", NOON, NOON, b"s" * 16, **more)


@pytest.mark.parametrize(
    ("actor", "found"),
    [
        (filer(IMPORTER), {"sender"}),
        (filer(TRADER), {"receiver"}),
        (filer(MAKER), set()),
        (OFFICER, {"authority"}),
        (SYSTEM, {"system"}),
        (PARTNER, {"partner"}),
        (AUDITOR, set()),
        (Actor("analyst-1", IMPORTER, Role.ANALYST), set()),
    ],
)
def test_in_what_capacity_somebody_stands_to_a_document(actor: Actor, found: set[str]) -> None:
    assert capacities(WAYBILL, a_waybill(), actor) == found


def test_a_gateway_speaks_for_the_parties_and_decides_for_nobody() -> None:
    found = capacities(WAYBILL, a_waybill(), GATEWAY)
    assert {"sender", "receiver"} <= found
    assert not found & {"authority", "system"}


def test_nobody_stands_to_a_party_that_is_not_named() -> None:
    assert capacities(WAYBILL, a_waybill(), Actor("nobody", "", Role.FILER)) == set()


@pytest.mark.parametrize("actor", [filer(IMPORTER), OFFICER, GATEWAY])
def test_those_named_in_the_profile_may_file(actor: Actor) -> None:
    check_filer(WAYBILL, a_waybill(), actor)


@pytest.mark.parametrize("actor", [filer(TRADER), filer(MAKER), AUDITOR, PARTNER])
def test_others_may_not_file_and_are_told_who_may(actor: Actor) -> None:
    with pytest.raises(Forbidden) as caught:
        check_filer(WAYBILL, a_waybill(), actor)
    assert caught.value.code == "may_not_file"
    assert caught.value.text == (
        f"a waybill is filed by authority, sender; {actor.organisation} is none of them in WB-1"
    )


OPENING = a_document("opening_balance", "OB-1", [goods()], reason="opening", **party("holder", IMPORTER))

# Document, its state, the transition, who, why; the kind of refusal, its code, and the whole sentence.
REFUSALS: list[tuple[StoredDocument, str, Actor, str, type[KeruenError], str, str]] = [
    (stored(), "fly", filer(TRADER), "", InvalidInput, "unknown_transition", "a waybill knows {known}, not 'fly'"),
    (
        stored(state="confirmed"),
        "confirm",
        filer(TRADER),
        "",
        Conflict,
        "transition_closed",
        "WB-1 is confirmed; confirm is not open from there, only {open}",
    ),
    (
        stored(state="draft"),
        "confirm",
        filer(TRADER),
        "",
        Conflict,
        "transition_closed",
        "WB-1 is draft; confirm is not open from there, only cancel, send",
    ),
    (
        stored(),
        "confirm",
        filer(IMPORTER),
        "",
        Forbidden,
        "may_not_act",
        f"confirm of WB-1 is for receiver; user-{IMPORTER} of {IMPORTER} acts as filer",
    ),
    (
        stored(),
        "decline_by_authority",
        filer(TRADER),
        "why",
        Forbidden,
        "may_not_act",
        f"decline_by_authority of WB-1 is for authority; user-{TRADER} of {TRADER} acts as filer",
    ),
    (
        stored(),
        "lapse",
        OFFICER,
        "why",
        Forbidden,
        "may_not_act",
        "lapse of WB-1 is for system; officer-1 of authority acts as officer",
    ),
    (
        stored(),
        "confirm",
        AUDITOR,
        "",
        Forbidden,
        "may_not_act",
        "confirm of WB-1 is for receiver; auditor-1 of authority acts as auditor",
    ),
    (stored(), "decline", filer(TRADER), " ", InvalidInput, "reason_missing", "decline of WB-1 needs a reason"),
    (
        stored(
            OPENING,
            "held",
        ),
        "approve",
        filer(IMPORTER),
        "why",
        Forbidden,
        "may_not_act",
        f"approve of OB-1 is for authority; user-{IMPORTER} of {IMPORTER} acts as filer",
    ),
    (
        stored(OPENING, "posted", released_by="officer-1"),
        "annul",
        OFFICER,
        "why",
        Forbidden,
        "second_person",
        "annul of OB-1 needs a second person: officer-1 filed or released it before",
    ),
]


@pytest.mark.parametrize(("document", "name", "actor", "reason", "kind", "code", "text"), REFUSALS)
def test_a_refused_transition_says_why_and_what_is_open(
    document: StoredDocument, name: str, actor: Actor, reason: str, kind: type[KeruenError], code: str, text: str
) -> None:
    with pytest.raises(kind) as caught:
        find_transition(KZ.kind(document.kind), document, name, actor, reason)
    assert caught.value.code == code
    known = ", ".join(sorted({arrow.name for arrow in KZ.kind(document.kind).transitions}))
    left = KZ.kind(document.kind).open_transitions(document.state, document.document.header)
    names = ", ".join(sorted({arrow.name for arrow in left} - {"leave", "close"})) or "nothing"
    assert caught.value.text == text.format(known=known, open=names)


def test_another_officer_is_a_second_person() -> None:
    document = stored(OPENING, "posted", released_by="officer-1")
    assert find_transition(KZ.kind("opening_balance"), document, "annul", OTHER_OFFICER, "why").target == "annulled"


def test_the_clock_needs_no_reason() -> None:
    assert find_transition(WAYBILL, stored(), "lapse", SYSTEM, "").target == "lapsed"


def test_no_user_takes_a_step_that_is_another_document_s() -> None:
    export = stored(a_waybill(movement="export"), "released")
    for actor in (filer(IMPORTER), OFFICER, SYSTEM, GATEWAY):
        with pytest.raises(Forbidden, match="leave of WB-1 is for document"):
            find_transition(WAYBILL, export, "leave", actor, "why")


def test_an_arrow_of_another_movement_is_not_open() -> None:
    with pytest.raises(Conflict, match="WB-1 is sent; confirm is not open"):
        find_transition(WAYBILL, stored(a_waybill(movement="export")), "confirm", filer(TRADER), "")


@pytest.mark.parametrize("kind", sorted(KZ.kinds))
def test_nobody_but_another_document_the_clock_or_an_officer_leads_out_of_a_final_state(kind: str) -> None:
    spec = KZ.kind(kind)
    for arrow in spec.transitions:
        assert arrow.name == "review" or not arrow.sources & spec.final, f"{kind}: {arrow.name} leaves a final state"


@pytest.mark.parametrize("kind", sorted(KZ.kinds))
def test_every_state_can_be_reached_and_every_open_one_left(kind: str) -> None:
    spec = KZ.kind(kind)
    reached = {spec.initial, spec.on_file.target}
    if spec.on_file.decide or any(arrow.decide for arrow in spec.transitions):
        reached |= {"held"} | {state for state in spec.states if state in {"refused", "declined_by_authority"}}
    while True:
        more = reached | {arrow.target for arrow in spec.transitions if arrow.target and arrow.sources & reached}
        if more == reached:
            break
        reached = more
    assert reached == set(spec.states)


# After, the stored state, code, and the whole sentence.
CORRECTIONS: list[tuple[StoredDocument, Document, str, str]] = [
    (stored(), a_waybill(version=3), "version_order", "WB-1: version 2 comes next, got 3"),
    (stored(), a_waybill(version=1), "version_order", "WB-1: version 2 comes next, got 1"),
    (
        stored(state="confirmed"),
        a_waybill(version=2),
        "correction_closed",
        "WB-1 is confirmed; a waybill is corrected in draft, held, sent, viewed",
    ),
    (
        stored(OPENING, "held"),
        OPENING._replace(version=2),
        "correction_closed",
        "OB-1 is held; a opening_balance is corrected in no state",
    ),
    (
        stored(),
        a_waybill(version=2, receiver=MAKER),
        "correction_frozen",
        f"WB-1: a correction cannot change receiver_id from {TRADER} to {MAKER}; revoke it and file another",
    ),
    (
        stored(),
        a_waybill(version=2, movement="export"),
        "correction_frozen",
        "WB-1: a correction cannot change movement from transfer to export; revoke it and file another",
    ),
    (stored(), an_invoice("WB-1", version=2), "kind_differs", "WB-1 is a waybill in the books, not a invoice"),
    (
        stored(a_waybill(shipped_on=date(2025, 3, 4))),
        a_waybill(version=2, shipped_on=date(2025, 3, 3)),
        "correction_before",
        "WB-1: shipped_on 2025-03-03 is before the original's 2025-03-04",
    ),
]


@pytest.mark.parametrize(("before", "after", "code", "text"), CORRECTIONS)
def test_a_refused_correction_says_what_differs(before: StoredDocument, after: Document, code: str, text: str) -> None:
    with pytest.raises(Conflict) as caught:
        check_correction(KZ.kind(before.kind), before, after)
    assert (caught.value.code, caught.value.text) == (code, text)
    assert caught.value.params["document"] == before.id


@pytest.mark.parametrize("state", ["draft", "sent", "viewed", "held"])
def test_a_waybill_under_way_is_corrected(state: str) -> None:
    check_correction(WAYBILL, stored(state=state), a_waybill("WB-1", goods("39"), version=2))
