"""Which findings open a case, on what, and where it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import BUYER, IMPORTER, NOON, an_application, an_entry, an_office, shipped_rules
from keruen.cases.case import Result, SubjectKind
from keruen.cases.outcomes import COLUMNS, Label, row, yields
from keruen.cases.routing import read, shipped
from keruen.cases.subjects import parties, subject_of
from keruen.errors import InvalidInput
from keruen.model.finding import Finding, Severity
from keruen.texts import LANGUAGES, known, text


def a_finding(code: str, severity: Severity = Severity.WARNING, path: str = "", **params: str) -> Finding:
    return Finding(code, severity, path, params)


@pytest.mark.parametrize(
    ("finding", "rule"),
    [
        (a_finding("listed_party"), "listed_party"),
        (a_finding("made_where_barred", Severity.REFUSE), "barred_manufacture"),
        (a_finding("exit_not_proved"), "false_transit"),
        (a_finding("licence_exceeded", Severity.REFUSE), "licence"),
        (a_finding("listed_goods", tier="1"), "high_tier"),
        (a_finding("listed_goods", tier="4"), ""),
        (a_finding("waybill_differs"), ""),
        (a_finding("not_covered", Severity.REFUSE), "grave"),
        (a_finding("lots_chosen", Severity.NOTICE), ""),
    ],
)
def test_the_first_rule_that_fits_says_where_a_finding_goes(finding: Finding, rule: str) -> None:
    found = shipped().route(finding, Severity.WARNING, document_id="EA-1")
    assert (found[1].rule if found else "") == rule


def test_below_the_level_nothing_opens() -> None:
    assert shipped().route(a_finding("listed_party"), Severity.INSPECT, document_id="EA-1") is None
    grave = a_finding("listed_party", Severity.INSPECT)
    assert shipped().route(grave, Severity.INSPECT, document_id="EA-1") is not None


def test_every_rule_says_why_in_every_language_and_every_code_it_names_is_known() -> None:
    for each in shipped().rules:
        for lang in LANGUAGES:
            assert "EA-1" in text(f"case.why.{each.name}", lang, document="EA-1")
        assert known(f"case.queue.{each.queue}")
        for code in each.codes:
            rule = shipped_rules().live.rule(code.removeprefix("rule:")) if code.startswith("rule:") else None
            assert code.endswith("*") or rule is not None or known(f"finding.{code}"), code


RULE = """
edition = "1"
[[rule]]
name = "a"
severity = "warning"
subject = "party"
queue = "q"
team = "t"
priority = 1
days = 2
"""


def test_a_rule_that_can_never_fire_is_refused() -> None:
    second = RULE.partition("[[rule]]")[2].replace('"a"', '"b"')
    with pytest.raises(InvalidInput, match="rule b of the routing table never fires"):
        read(f'{RULE}[[rule]]{second}codes = ["x"]\n')
    assert len(read(RULE.replace('"warning"', '"refuse"') + "[[rule]]" + second).rules) == 2


@pytest.mark.parametrize(
    ("found", "mended"),
    [("days = 2", "days = 0"), ("priority = 1", "priority = 9"), ('"q"', '"a queue"'), ("days", "dais"), ("=", ":")],
)
def test_a_table_that_cannot_be_right_is_refused(found: str, mended: str) -> None:
    with pytest.raises(InvalidInput):
        read(RULE.replace(found, mended))


def test_a_finding_on_a_party_is_about_that_party_else_about_whose_paper_it_is() -> None:
    document = an_application()
    on_consignee = subject_of(SubjectKind.PARTY, a_finding("x", path="header/consignee_id"), document, "exporter")
    assert on_consignee is not None
    assert on_consignee.key == BUYER
    on_line = subject_of(SubjectKind.PARTY, a_finding("x", path="line/1"), document, "exporter")
    assert on_line is not None
    assert (on_line.key, on_line.name) == (IMPORTER, f"Firm {IMPORTER}")
    assert subject_of(SubjectKind.PARTY, a_finding("x"), document, "") is None


def test_a_party_without_a_number_is_known_by_its_name() -> None:
    document = an_application()
    header = {**document.header, "consignee_id": "", "consignee_name": "Blue  Sky LLC"}
    found = subject_of(
        SubjectKind.PARTY, a_finding("x", path="header/consignee_name"), document._replace(header=header), "exporter"
    )
    assert found is not None
    assert found.key == "blue sky llc"


def test_a_route_is_from_to_and_goods() -> None:
    found = subject_of(SubjectKind.ROUTE, a_finding("x", path="line/1"), an_application(), "exporter")
    assert found is not None
    assert found.key == "CN>UZ:854231"
    entry = subject_of(SubjectKind.ROUTE, a_finding("x"), an_entry(), "importer")
    assert entry is not None
    assert entry.kind == SubjectKind.PARTY, "an entry names no destination"


def test_a_scheme_is_named_by_the_finding() -> None:
    found = subject_of(SubjectKind.SCHEME, a_finding("scheme_loop", scheme="loop"), an_application(), "exporter")
    assert found is not None
    assert found.key == "loop"


def test_parties_of_a_document() -> None:
    assert set(parties(an_application())) == {IMPORTER, BUYER}


def a_label(code: str, case: str, result: Result) -> Label:
    return Label(case, "party", "X", "EA-1", 1, "EA-1@1", code, "warning", "", "", result, NOON)


def test_precision_counts_cases_and_leaves_out_what_others_decide() -> None:
    found = yields(
        [
            a_label("a", "C-1", Result.DIVERSION),
            a_label("a", "C-1", Result.DIVERSION),
            a_label("a", "C-2", Result.NO_FINDING),
            a_label("a", "C-3", Result.REFERRED),
            a_label("a", "C-4", Result.DOCUMENT_ERROR),
            a_label("b", "C-3", Result.REFERRED),
        ]
    )
    assert [each.code for each in found] == ["a", "b"]
    assert (found[0].cases, found[0].offences, found[0].errors, found[0].nothing, found[0].referred) == (4, 1, 1, 1, 1)
    assert found[0].precision == pytest.approx(1 / 3)
    assert found[1].precision is None
    assert yields([]) == []


def test_a_label_is_one_nought_or_empty() -> None:
    rows = [row(a_label("a", "C-1", each)) for each in (Result.DIVERSION, Result.NO_FINDING, Result.REFERRED)]
    assert [each[-1] for each in rows] == ["1", "0", ""]
    assert all(len(each) == len(COLUMNS) for each in rows)


def test_an_installation_may_bring_its_own_table(tmp_path: Path) -> None:
    from keruen import compose
    from keruen.settings import Settings

    office = an_office()
    own = tmp_path / "own.toml"
    own.write_text(RULE, encoding="utf-8")
    settings = Settings(home=tmp_path, case_routing=own, case_level="refuse")
    found = compose.case_office(settings, office)
    assert (found.table.queues, found.level) == (("q",), Severity.REFUSE)
    with pytest.raises(InvalidInput, match="cannot be read"):
        compose.case_office(Settings(home=tmp_path, case_routing=tmp_path / "none.toml"), office)
