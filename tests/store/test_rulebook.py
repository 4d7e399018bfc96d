"""Editions of rules: two people bring one into force, and one that was tampered with decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from builders import KZ
from keruen import compose
from keruen.errors import Conflict, Forbidden, IntegrityFailure, InvalidInput, NotFound
from keruen.facts.catalogue import catalogue
from keruen.rules import shipped
from keruen.settings import Settings
from keruen.workflow.judge import kinds_of

if TYPE_CHECKING:
    from keruen.store.rulebook import Rulebook

BODY = shipped.body("kz")


def edition(name: str, old: str = "", new: str = "") -> bytes:
    """The shipped set under another name, perhaps with something in it changed."""
    text = BODY.decode()
    first = text.index('edition = "')
    text = text[:first] + f'edition = "{name}"' + text[text.index("\n", first) :]
    assert old in text
    return text.replace(old, new, 1).encode() if old else text.encode()


@pytest.fixture
def book(settings: Settings) -> Iterator[Rulebook]:
    compose.connect(settings)
    from keruen.store.models import RuleEdition
    from keruen.store.rulebook import Rulebook

    RuleEdition.objects.all().delete()
    yield Rulebook(catalogue(), kinds_of(KZ), BODY)
    RuleEdition.objects.all().delete()


def in_force(book: Rulebook, name: str) -> None:
    book.propose(edition(name), by="ann", note="try")
    book.review(name, by="ben")
    book.publish(name, by="ben")


def test_the_shipped_set_decides_until_a_reviewed_one_is_published(book: Rulebook) -> None:
    assert book.in_force().body == BODY
    book.propose(edition("A"), by="ann", note="try")
    with pytest.raises(Forbidden, match="a second person reviews it"):
        book.review("A", by="ann")
    with pytest.raises(Conflict, match="before it is published"):
        book.publish("A", by="ben")
    book.review("A", by="ben")
    book.publish("A", by="ben")
    assert book.in_force().edition == "A"
    in_force(book, "B")
    assert {row.edition: row.state for row in book.editions()} == {"A": "retired", "B": "published"}
    book.publish("A", by="ben")
    assert book.in_force().edition == "A"
    book.retire("A")
    assert book.in_force().body == BODY


def test_an_edition_is_never_changed_in_place(book: Rulebook) -> None:
    first = book.propose(edition("A"), by="ann", note="try")
    assert book.propose(edition("A"), by="ann", note="again").id == first.id
    with pytest.raises(Conflict, match="there with other content"):
        book.propose(edition("A", "price_per_kg_ratio >= 4.0", "price_per_kg_ratio >= 5.0"), by="ann", note="x")
    with pytest.raises(NotFound):
        book.get("C")


def test_a_set_that_does_not_hold_is_no_draft(book: Rulebook) -> None:
    with pytest.raises(InvalidInput, match="dear_by_weight"):
        book.propose(edition("A", "price_per_kg_ratio >= 4.0", "price_per_kg_ratio >= 400.0"), by="a", note="x")
    assert book.editions() == []


def test_a_tampered_edition_is_refused_and_the_last_good_one_goes_on_deciding(
    book: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keruen.store.models import RuleEdition

    in_force(book, "A")
    rules = compose.CurrentRules(book, None)
    assert rules().live.edition == "A"
    in_force(book, "B")
    RuleEdition.objects.filter(edition="B").update(body=edition("B", "yellow = 400", "yellow = 1").decode())
    with pytest.raises(IntegrityFailure, match="not what was reviewed"):
        book.in_force()
    with pytest.raises(IntegrityFailure, match="not what was reviewed"):
        book.stand_in_shadow("B")
    monkeypatch.setattr(compose, "CHECK_S", 0.0)
    assert rules().live.edition == "A"
    with pytest.raises(IntegrityFailure):
        compose.CurrentRules(book, None)()
