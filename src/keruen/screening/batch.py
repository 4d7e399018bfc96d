"""Batches: parties out of the rows of a table, and matches as the rows of another; the same wherever they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keruen.errors import InvalidInput
from keruen.model.party import Identifier, Party, PartyKind
from keruen.screening.explain import as_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from keruen.screening.screener import Screener

COLUMNS = ("name", "aliases", "kind", "dates", "countries", "identifiers", "addresses", "reference")
RESULT = (
    "row",
    "reference",
    "name",
    "score",
    "standing",
    "ground",
    "list",
    "edition",
    "id",
    "listed_name",
    "matched_name",
    "programmes",
    "measures",
    "identifier",
    "date",
    "country",
)


def identifier(text: str) -> Identifier:
    """A number written as `scheme:value`, such as `bin:123456789012`; without a scheme it is of another kind."""
    scheme, _, value = text.partition(":")
    return Identifier(scheme, value) if value else Identifier("other", scheme)


def parties_in(rows: Iterable[dict[str, Any]], first: int = 2) -> Iterator[tuple[int, Party]]:
    """Parties of a file's rows, with their row numbers; `|` stands between several values.

    Args:
        rows: A table's rows by the names of their columns.
        first: Number of the first row, as people count them: a header is row 1.

    Raises:
        InvalidInput: A row without a name, or a kind that is none; says the row.
    """
    for row_number, raw in enumerate(rows, first):
        row = {str(key).strip().lower(): str(cell if cell is not None else "").strip() for key, cell in raw.items()}
        if not row.get("name"):
            if any(row.values()):
                raise InvalidInput(f"row {row_number} has no name", code="screen_row", row=str(row_number))
            continue
        many = {name: tuple(each.strip() for each in row.get(name, "").split("|") if each.strip()) for name in COLUMNS}
        try:
            kind = PartyKind(row.get("kind", "").lower() or PartyKind.UNKNOWN)
        except ValueError:
            raise InvalidInput(
                f"row {row_number}: {row['kind']!r} is no kind; known are {', '.join(PartyKind)}",
                code="screen_row",
                row=str(row_number),
            ) from None
        yield (
            row_number,
            Party(
                (row["name"], *many["aliases"]),
                kind,
                many["dates"],
                tuple(each.lower() for each in many["countries"]),
                tuple(identifier(each) for each in many["identifiers"]),
                many["addresses"],
                row.get("reference", ""),
            ),
        )


def matches_of(
    screener: Screener, numbered: Iterable[tuple[int, Party]], on: date, limit: int
) -> Iterator[dict[str, Any]]:
    """Every match of every party, as a row of `RESULT`.

    Args:
        screener: Who is asked.
        numbered: Parties with the numbers of their rows.
        on: The day on which it is asked, for decisions that end.
        limit: Matches of one party at most.
    """
    for row, party in numbered:
        for hit in screener.screen(party, on)[:limit]:
            yield result(row, party, as_data(hit))


def result(row: int, party: Party, found: dict[str, Any]) -> dict[str, Any]:
    """One match of one row, flat."""
    return {
        "row": row,
        "reference": party.reference,
        "name": party.names[0],
        **{key: found[key] for key in ("score", "standing", "ground", "list", "edition", "id", "matched_name")},
        "listed_name": found["name"],
        "programmes": "; ".join(found["programmes"]),
        "measures": "; ".join(found["measures"]),
        **{key: found["facts"][key] or "" for key in ("identifier", "date", "country")},
    }
