"""Every text is there in every language, and every code the source uses has a text."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from builders import KZ
from keruen.cases.case import Result, State, SubjectKind
from keruen.cases.commands import Command, Join
from keruen.documents.problems import TEXTS
from keruen.errors import KeruenError
from keruen.model.actor import Role
from keruen.model.finding import Channel, Severity
from keruen.model.lot import Birth, Status, World
from keruen.texts import LANGUAGES, catalogue, known, text

SOURCE = Path(__file__).parents[1] / "src" / "keruen"
RAISING = [
    *sorted((SOURCE / "ledger").glob("*.py")),
    *sorted((SOURCE / "workflow").glob("*.py")),
    *sorted((SOURCE / "cases").glob("*.py")),
    SOURCE / "documents" / "states.py",
]
FINDING = [*sorted((SOURCE / "verification").glob("*.py")), *sorted((SOURCE / "workflow").glob("*.py"))]
WOVEN = {
    # Findings read back from the record.
    "row[0]": (),
    "f'{what}_not_on_record'": ("invoice_not_on_record", "declaration_not_on_record"),
    "f'{what}_copy_differs'": ("invoice_copy_differs", "declaration_copy_differs"),
    "f'stock_from_{Birth(lot.birth).value}'": ("stock_from_opening", "stock_from_correction", "stock_from_production"),
    "'second_person_listed' if listed else 'second_person'": ("second_person_listed", "second_person"),
    "OVERDUE[stored.state]": ("expected_not_arrived", "exit_not_proved"),
    # A conflict of the books that becomes a finding where a document is decided on.
    "error.code": (
        "not_covered",
        "unknown_lot",
        "lot_differs",
        "nothing_asked",
        "no_allowance",
        "allowance_unit",
        "allowance_exceeded",
    ),
    "code": (),
    "_CODES[hit.ground]": ("listed_party", "owned_by_listed", "controlled_by_listed"),
}
"""Codes that are not written out where they are used, and what they can be."""


def calls(paths: list[Path]) -> Iterator[ast.Call]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def finding_codes() -> set[str]:
    found: set[str] = set()
    for call in calls(FINDING):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in {"Finding", "say"} and call.args:
            first = call.args[0]
            if isinstance(first, ast.Constant):
                found.add(str(first.value))
            else:
                found.update(WOVEN[ast.unparse(first)])
    return found


def problem_codes() -> set[str]:
    found = {"not_covered", "key_conflict", "linked_failed", "signed_out", "row_invalid"}
    for call in calls(RAISING):
        found.update(
            str(each.value.value)
            for each in call.keywords
            if each.arg == "code" and isinstance(each.value, ast.Constant)
        )
    return found | {kind.default_code for kind in KeruenError.__subclasses__()}


def used_codes() -> set[str]:
    """Codes named in templates and in the faces' Python."""
    found: set[str] = set()
    for path in (SOURCE / "faces" / "web").rglob("*.html"):
        content = path.read_text(encoding="utf-8")
        found.update(re.findall(r"""\{% text ['"]([a-z_0-9.]+)['"]""", content))
    for path in (SOURCE / "faces").rglob("*.py"):
        found.update(re.findall(r'"(ui\.[a-z_0-9.]+[a-z0-9])"', path.read_text(encoding="utf-8")))
    # Prefixes that a value is put behind.
    return found - {"ui.lang", "ui.nav", "ui.status"}


def values(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_values(lang: str) -> None:
    english, other = catalogue("en"), catalogue(lang)
    assert other.keys() == english.keys()
    assert {code: values(other[code]) for code in other} == {code: values(english[code]) for code in english}
    assert [code for code, found in other.items() if not found.strip() or found != found.strip()] == []


def test_russian_and_kazakh_are_translated() -> None:
    english, russian, kazakh = (catalogue(lang) for lang in ("en", "ru", "kk"))
    same = {code for code in english if english[code] in (russian[code], kazakh[code])}
    assert {code for code in same if not code.startswith("ui.lang.")} <= {
        "ui.title",
        "ui.utc",
        "ui.me.role",
        "field.gtin",
    }
    assert not [code for code, found in kazakh.items() if re.search("[Ѐ-ӿ]", found) is None and code not in same]


def test_every_finding_has_its_text_and_says_what_to_do_next() -> None:
    codes = finding_codes()
    assert len(codes) > 40
    assert [code for code in sorted(codes) if not known(f"finding.{code}") or not known(f"officer.{code}")] == []


def test_every_problem_has_its_text() -> None:
    assert [code for code in sorted(problem_codes()) if not known(f"problem.{code}")] == []


def test_every_problem_of_a_row_has_its_text_with_its_values() -> None:
    english = catalogue("en")
    for code, parts in TEXTS.items():
        assert values(english[f"row.{code}"]) == set().union(*(values(part) for part in parts)), code
    assert {code.removeprefix("row.") for code in english if code.startswith("row.")} == set(TEXTS)


def test_everything_of_the_profile_has_a_name() -> None:
    wanted: set[str] = set()
    for kind in KZ.kinds.values():
        parties = {f"{role}_" for role, _ in kind.parties}
        wanted.add(f"kind.{kind.name}")
        wanted.update(f"state.{state}" for state in kind.states)
        wanted.update(f"action.{arrow.name}" for arrow in kind.transitions)
        wanted.update(f"party.{role}" for role, _ in kind.parties)
        for spec in (*kind.header, *kind.lines):
            if "_copy_" in spec.name:
                wanted.add(f"field.{spec.name.split('_copy_')[1]}")
            elif not any(
                spec.name.startswith(role) and known(f"party_field.{spec.name.removeprefix(role)}") for role in parties
            ):
                wanted.add(f"field.{spec.name}")
            wanted.update(f"value.{spec.name}.{value}" for value in spec.values)
    wanted.update(f"field.{spec.name}" for spec in (*KZ.envelope, *KZ.action_header, *KZ.action_lines))
    assert [code for code in sorted(wanted) if not known(code)] == []


def test_every_word_of_the_model_has_a_name() -> None:
    wanted = [
        *(f"role.{each.value}" for each in Role),
        *(f"channel.{each.value}" for each in Channel),
        *(f"severity.{each.name.lower()}" for each in Severity),
        *(f"status.{each.value}" for each in Status),
        *(f"world.{each.value}" for each in World),
        *(f"birth.{each.value}" for each in Birth),
        *(f"case.state.{each.value}" for each in State),
        *(f"case.subject.{each.value}" for each in SubjectKind),
        *(f"case.result.{each.value}" for each in Result),
        *(f"case.event.{each.__name__.lower()}" for each in get_args(Command)),
        *(f"case.do.{each.__name__.lower()}" for each in get_args(Command) if each is not Join),
    ]
    assert [code for code in wanted if not known(code)] == []


def test_every_code_a_page_names_is_there() -> None:
    codes = used_codes()
    assert len(codes) > 100
    assert [code for code in sorted(codes) if not known(code)] == []


def test_asking_for_a_text_never_fails() -> None:
    assert text("ui.queue.title", "de") == text("ui.queue.title", "en")
    assert text("no.such.code", "kk") == "no.such.code"
    assert text("ui.more_than", "en") == "more than "
    assert text("ui.more_than", "en", count="{evil.__class__}", more=1) == "more than {evil.__class__}"
    assert text("row.not_a_record", "ru").count("{...}") == 1
