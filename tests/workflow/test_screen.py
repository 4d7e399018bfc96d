"""Parties of documents are asked of the lists in force, and what is found stands with the document."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from builders import BUYER, KZ, TestClock, a_waybill, an_application, an_entry, an_invoice, filed, one, party
from keruen.model.document import Document
from keruen.model.finding import Severity
from keruen.model.outcome import Verdict as Answer
from keruen.model.party import Edition, Identifier, Link, LinkKind, ListedParty, Name, PartyKind
from keruen.screening.screener import PairDecision, Screener, Thresholds, Verdict, entry_hash, fingerprint
from keruen.store.memory import MemoryStore
from keruen.store.screeners import screener_of
from keruen.workflow.screen import parties_of, screened
from keruen.workflow.submit import Office

NOW = date(2026, 3, 4)
LISTED = ListedParty(
    "X-1",
    PartyKind.ORGANISATION,
    (Name("Zhetysu Orion Electronics LLP"), Name("Жетісу Орион Электроникс")),
    programmes=("Example programme",),
    identifiers=(Identifier("bin", "050640002859"),),
)
OWNED = ListedParty("X-2", PartyKind.ORGANISATION, (Name("Karatau Vector Systems"),), listed=False)
EDITION = Edition("example", NOW, "e" * 64, None, (LISTED, OWNED), (Link(LinkKind.OWNS, "X-1", "X-2", Fraction(3, 5)),))


def a_screener(*decisions: PairDecision, edition: Edition = EDITION) -> Screener:
    return screener_of([edition], Thresholds(), decisions)


def an_office(screener: Screener | None) -> Office:
    return Office(MemoryStore(), KZ, TestClock(), lambda: b"s" * 16, lambda: screener)


def named(document: Document, **fields: str) -> Document:
    """The document with other names in its header."""
    return document._replace(header={**document.header, **fields})


def test_every_party_of_a_document_is_asked_about() -> None:
    document = a_waybill(driver_name="Ivan Ivanov", vehicle_number="123", sender_director="Aigul Bekova")
    found = dict(parties_of(document))
    assert set(found) == {"header/sender_name", "header/receiver_name", "header/driver_name", "header/sender_director"}
    assert found["header/driver_name"].kind == PartyKind.PERSON
    assert found["header/sender_name"].countries == ("kz",)


def test_a_listed_consignee_brings_an_export_before_an_officer() -> None:
    office = an_office(a_screener())
    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ")):
        assert one(office, filed(document)).verdict == Answer.ACCEPTED
    application = named(an_application(), consignee_name='ТОО "Жетису Орион Электроникс"')
    outcome = one(office, filed(application))
    [finding] = [each for each in outcome.findings if each.code == "listed_party"]
    assert (outcome.state, finding.path, finding.severity) == ("held", "header/consignee_name", Severity.WARNING)
    assert (finding.params["entry"], finding.params["list"], finding.source) == ("X-1", "example", EDITION.name)


def test_an_entry_with_a_listed_party_goes_on_but_is_pointed_out() -> None:
    office = an_office(a_screener())
    outcome = one(office, filed(named(an_entry(), importer_name="Zhetysu Orion Electronics")))
    assert outcome.verdict == Answer.ACCEPTED
    assert [each.code for each in outcome.findings] == ["listed_party"]
    stored = office.store.document("ED-1")
    assert stored is not None
    assert stored.attention


def test_the_decision_keeps_the_editions_it_rests_on() -> None:
    office = an_office(a_screener())
    one(office, filed(named(an_entry(), importer_name="Zhetysu Orion Electronics")))
    stored = office.store.document("ED-1")
    assert stored is not None
    assert stored.decision is not None
    assert stored.decision.editions["example"] == EDITION.name


def test_honest_parties_find_nothing() -> None:
    outcome = one(an_office(a_screener()), filed(named(an_entry(), importer_name="Almaty Bread Factory")))
    assert outcome.findings == ()


def test_without_a_list_it_is_said_that_nobody_was_screened() -> None:
    empty = screener_of([], Thresholds())
    findings = screened(empty, an_entry(), NOW)
    assert [(each.code, each.severity) for each in findings] == [("not_screened", Severity.NOTICE)]


def test_an_entity_owned_by_half_is_a_finding_of_its_own_kind_with_the_path() -> None:
    findings = screened(a_screener(), named(an_entry(), importer_name="Karatau Vector Systems LLP"), NOW)
    [finding] = findings
    assert (finding.code, finding.params["share"]) == ("owned_by_listed", "3/5")
    assert finding.params["path"] == "Zhetysu Orion Electronics LLP owns 3/5 of Karatau Vector Systems"


def test_a_number_decides_whatever_the_name() -> None:
    document = named(an_entry(), **party("importer", "050640002859", name="Nothing Alike"))
    [finding] = screened(a_screener(), document, NOW)
    assert float(finding.params["score"]) >= 0.99


def decided(verdict: Verdict, *, entry: ListedParty = LISTED, expires_on: date | None = None) -> PairDecision:
    asked = dict(parties_of(named(an_entry(), importer_name="Zhetysu Orion Electronics")))["header/importer_name"]
    return PairDecision(
        fingerprint(asked),
        "example",
        "X-1",
        verdict,
        entry_hash(entry),
        "aigul",
        "seen",
        datetime(2026, 1, 1, tzinfo=UTC),
        expires_on,
    )


def asked_again(screener: Screener, on: date = NOW) -> list[str]:
    found = screened(screener, named(an_entry(), importer_name="Zhetysu Orion Electronics"), on)
    return [each.params["standing"] for each in found]


def test_a_pair_decided_to_be_two_is_left_out() -> None:
    assert asked_again(a_screener()) == ["open"]
    assert asked_again(a_screener(decided(Verdict.NOT_SAME))) == []


def test_a_pair_decided_to_be_one_is_for_inspection() -> None:
    screener = a_screener(decided(Verdict.SAME))
    [finding] = screened(screener, named(an_entry(), importer_name="Zhetysu Orion Electronics"), NOW)
    assert (finding.severity, finding.params["standing"]) == (Severity.INSPECT, "same")


def test_a_changed_entry_opens_the_decision_again() -> None:
    changed = LISTED._replace(countries=("kz",))
    edition = EDITION._replace(parties=(changed, OWNED))
    assert asked_again(a_screener(decided(Verdict.NOT_SAME), edition=edition)) == ["changed"]


def test_a_decision_ends_with_its_day() -> None:
    screener = a_screener(decided(Verdict.NOT_SAME, expires_on=date(2026, 6, 1)))
    assert asked_again(screener, date(2026, 6, 1)) == []
    assert asked_again(screener, date(2026, 6, 2)) == ["expired"]


@pytest.mark.parametrize("text", ["un_sc", "un_sc=2", "=0.5", "un_sc=high"])
def test_thresholds_that_are_none_are_refused(text: str) -> None:
    from keruen.errors import InvalidInput

    with pytest.raises(InvalidInput):
        Thresholds.read(text)


def test_the_narrowest_threshold_counts() -> None:
    found = Thresholds.read("example=0.9, example:entry_declaration=0.4")
    assert (found.of("example"), found.of("example", "entry_declaration"), found.of("other")) == (0.9, 0.4, 0.5)
    assert found.lowest == 0.4
