"""Write docs/formats.md: every kind with its fields and an example, how to hand in, errors and limits.

python tools/formats_doc.py           writes it
python tools/formats_doc.py --check   says whether it is up to date, for CI
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from keruen.documents.parsing import ACTION  # noqa: E402 - found on the path set above
from keruen.documents.problems import TEXTS  # noqa: E402
from keruen.formats import Limits  # noqa: E402
from keruen.formats.examples import example, story, write_csv  # noqa: E402
from keruen.formats.schema import meaning, meaning_of_kind  # noqa: E402
from keruen.profiles import load  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keruen.model.profile import FieldSpec, Profile

TARGET = ROOT / "docs" / "formats.md"

OPENING = """\
# Documents and files

Made by `tools/formats_doc.py` from the profile `{profile}`, edition {edition}; do not edit.

A document is a set of named fields and numbered lines. The names are the same in JSON, CSV, XLSX and
in the answers of the API. A field that is empty (`""`, `null`, an empty cell) is a field not given.

## How to hand in

| format | one document is | notes |
|---|---|---|
| JSON | an object; the file is one, a list, or `{{"records": [...]}}` | quantities and values in quotes: `"12.5"` |
| NDJSON | one object a line | for large files; a bad line does not stop the others |
| CSV | a row for each line of goods, its own fields in all | UTF-8 or UTF-16; comma, semicolon or tab; names in row 1 |
| XLSX | as CSV, in one sheet | format codes and identifiers as Text, so that leading zeros stay |

- Name the kind in the field or column `kind`, or choose it when handing in.
- Rows of one document stand together and agree in all fields of the document; the order of columns is free.
- `version` is 1 when left out. The same id and version with the same content is answered as the first
  time; with other content it is refused: hand in the next version.
- Dates are `YYYY-MM-DD`. Times carry their zone: `2026-03-04T10:00:00+05:00`.
- Quantities have at most ten digits before the point and six after it, no sign, no spaces, no comma.
- Units are codes of UN/ECE Recommendation 20, countries ISO 3166-1 (two letters), currencies ISO 4217.
- Identifiers of documents are 1 to 64 of `A-Z a-z 0-9 . _ - :`.
- A party of Kazakhstan is named by its BIN or IIN, and the check digit is verified.
- Spaces around a value are dropped; text is kept in Unicode form NFC.

## Errors

Every problem of a record is told at once: row, field (`lines/2/quantity` is the field `quantity` of the
second line), code, what was found, what was expected, how to mend it. Rows count from 1; in tables row 1
holds the names. A whole file can be kept or refused together, as chosen when handing in.

For example:

{errors}

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the page; the exit code is 1 when a check finds it out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it would change")
    asked = parser.parse_args(arguments)
    text = page(load("kz"))
    if asked.check:
        current = TARGET.read_text("utf-8") if TARGET.exists() else ""
        if current != text:
            print(f"{TARGET.relative_to(ROOT)} is out of date: run python tools/formats_doc.py", file=sys.stderr)
            return 1
        return 0
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, "utf-8")
    return 0


def page(profile: Profile) -> str:
    """The whole page."""
    parts = [OPENING.format(profile=profile.id, edition=profile.edition, errors=_errors(profile))]
    parts.append("## Limits\n\n| setting | default |\n|---|---|\n")
    parts += [f"| `{field.name}` | {field.default:,} |\n" for field in fields(Limits)]
    parts.append(
        "\n## Who hands it in, and when\n\nThese fields may stand in any record and are no part of the document.\n\n"
    )
    parts.append(_table(profile.envelope, ()))
    parts.append("\n## Kinds\n\n")
    parts += [f"- [{kind}](#{kind}): {meaning_of_kind(kind)}\n" for kind in (*profile.kinds, ACTION)]
    for name, kind in profile.kinds.items():
        roles = [role for role, _ in kind.parties]
        filed = f"\nFiled by: {', '.join(sorted(kind.filed_by))}. States: {', '.join(kind.states)}.\n"
        parts.append(_section(name, filed, kind.header, kind.lines, roles))
    parts.append(_section(ACTION, "", profile.action_header, profile.action_lines, ()))
    parts.append(_story())
    parts.append(_codes())
    return "".join(parts)


def _section(
    kind: str, filed: str, header: Sequence[FieldSpec], lines: Sequence[FieldSpec], roles: Sequence[str]
) -> str:
    record = example(kind)
    sheet = io.StringIO()
    write_csv([record], sheet)
    text = f"\n### {kind}\n\n{meaning_of_kind(kind)}\n{filed}\n{_table(header, roles)}"
    if lines:
        text += f"\nEach line:\n\n{_table(lines, ())}"
    return f"{text}\n```json\n{_json(record)}\n```\n\n```csv\n{sheet.getvalue()}```\n"


def _json(record: dict[str, object]) -> str:
    """One field a row, and one line of goods a row."""
    rows = [
        f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in record.items()
        if name != "lines"
    ]
    lines = record.get("lines")
    if isinstance(lines, list):
        inner = ",\n".join(f"    {json.dumps(line, ensure_ascii=False)}" for line in lines)
        rows.append(f'  "lines": [\n{inner}\n  ]')
    return "{\n" + ",\n".join(rows) + "\n}"


def _table(specs: Sequence[FieldSpec], roles: Sequence[str]) -> str:
    rows = ["| field | type | required | meaning |\n|---|---|---|---|\n"]
    rows += [
        f"| `{spec.name}` | {_type(spec)} | {'yes' if spec.required else ''} | {meaning(spec.name, roles)} |\n"
        for spec in specs
    ]
    return "".join(rows)


def _type(spec: FieldSpec) -> str:
    if spec.type == "choice":
        return "one of " + ", ".join(f"`{value}`" for value in spec.values)
    words = {
        "document_id": "identifier",
        "document_ref": "identifier of a document",
        "lot_ref": "lot",
        "instant": "time",
        "commodity_code": "commodity code",
        "party_id": "number of a party",
        "money": "amount",
    }
    word = words.get(spec.type, spec.type)
    if spec.type in {"text", "party_id"} and spec.max is not None:
        return f"{word}, to {spec.max} characters"
    if spec.type == "integer" and spec.min is not None and spec.max is not None:
        return f"whole number, {spec.min} to {spec.max}"
    return word


def _errors(profile: Profile) -> str:
    """Real answers of the real parser to a record with the usual mistakes."""
    from keruen.documents.parsing import Parser, Rejected

    record = example("waybill")
    record.update(issued_on="20.02.2026", sender_id="120340999999", carier_name="Carrier LLP")
    record["lines"][0].update(quantity="4 000,5", unit="796", commodity_code="8542319999")
    answer = Parser(profile).parse(record, row=2)
    assert isinstance(answer, Rejected)
    rows = ["| row | field | code | found | expected | how to mend |\n|---|---|---|---|---|---|"]
    rows += [
        f"| {each.row} | `{each.field}` | `{each.code}` | {each.found} | {each.expected} | {each.how_to_mend} |"
        for each in answer.problems
    ]
    return "\n".join(rows)


def _story() -> str:
    rows = "".join(f"| `{each.record['id']}` | {each.record['kind']} | {each.story} |\n" for each in story())
    return f"\n## The examples tell one story\n\n| record | kind | what happens |\n|---|---|---|\n{rows}"


def _codes() -> str:
    rows = (
        "".join(f"| `{code}` | {expected} | {how} |\n" for code, (expected, how) in TEXTS.items())
        .replace("{{", "{")
        .replace("}}", "}")
    )
    head = "\n## Codes of problems\n\nWords in braces are filled in.\n\n"
    head += "| code | expected | how to mend |\n|---|---|---|\n"
    return head + rows


if __name__ == "__main__":
    sys.exit(main())
