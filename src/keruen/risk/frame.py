"""Rows of declarations as columns, checked, and the features a model sees of them.

Rates of categories are learnt from the past alone: a row of the training data is encoded by what was known before its
month, a row to be scored by the whole of the training data.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from keruen.errors import InvalidInput
from keruen.risk.schema import Schema

Floats = NDArray[np.float64]
SMOOTHING: Final = 20.0
"""Rows of the average that are mixed into each rate."""
MAX_ROWS: Final = 5_000_000


class Rows(NamedTuple):
    """A file's rows: columns of text, with days, labels and what is known of their selection."""

    schema: Schema
    columns: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Floats]
    days: NDArray[np.int64]
    labels: NDArray[np.int64]
    probability: Floats | None
    drawn: NDArray[np.bool_] | None
    sha256: str
    known: NDArray[np.int64] | None = None
    """Day on which each label became known; unset, with the row."""

    def part(self, kept: NDArray[np.bool_]) -> Rows:
        """The rows of a mask, in their order."""
        at = np.flatnonzero(kept)
        return self._replace(
            columns={name: tuple(values[i] for i in at) for name, values in self.columns.items()},
            numbers={name: values[at] for name, values in self.numbers.items()},
            days=self.days[at],
            labels=self.labels[at],
            probability=None if self.probability is None else self.probability[at],
            drawn=None if self.drawn is None else self.drawn[at],
            known=None if self.known is None else self.known[at],
        )


def size(rows: Rows) -> int:
    """How many rows."""
    return len(rows.days)


def read_rows(stream: TextIO, schema: Schema, name: str) -> Rows:
    """Read and check a CSV file.

    Raises:
        InvalidInput: A column is missing, or a value cannot be read; row and column are named.
    """
    lines = csv.reader(stream)
    head = next(lines, [])
    lacking = [column for column in schema.columns if column not in head]
    if lacking:
        raise InvalidInput(
            f"{name}: columns {', '.join(lacking)} not found; the schema {schema.name} wants "
            f"{', '.join(schema.columns)}",
            code="risk_columns",
            path=name,
        )
    digest = hashlib.sha256()
    values: list[list[str]] = []
    for number, line in enumerate(lines, 2):
        if len(line) != len(head):
            raise InvalidInput(
                f"{name}, row {number}: {len(line)} values, {len(head)} expected", code="risk_row", path=name
            )
        if number > MAX_ROWS:
            raise InvalidInput(f"{name}: more than {MAX_ROWS} rows", code="risk_rows", path=name)
        digest.update("\x1f".join(line).encode())
        digest.update(b"\n")
        values.append(line)
    if not values:
        raise InvalidInput(f"{name}: no rows", code="risk_rows", path=name)
    turned = dict(zip(head, zip(*values, strict=True), strict=True))
    probability = None
    if schema.selection_probability in turned:
        probability = _numbers(turned[schema.selection_probability], schema.selection_probability, name)
        if ((probability <= 0) | (probability > 1)).any():
            at = int(np.flatnonzero((probability <= 0) | (probability > 1))[0])
            raise InvalidInput(
                f"{name}, row {at + 2}, {schema.selection_probability}: above nought and at most one expected",
                code="risk_probability",
                path=name,
            )
    return Rows(
        schema,
        {column: tuple(turned[column]) for column in (schema.id, *schema.categories)}
        | {column: tuple(turned[column]) for column in schema.numbers},
        {column: _numbers(turned[column], column, name) for column in schema.numbers},
        _days(turned[schema.time], schema.time, name),
        _labels(turned[schema.label], schema.label, name),
        probability,
        np.array([value == "random" for value in turned[schema.stream]]) if schema.stream in turned else None,
        digest.hexdigest(),
    )


def _numbers(values: Sequence[str], column: str, name: str) -> Floats:
    found = np.empty(len(values))
    for at, text in enumerate(values):
        try:
            found[at] = float(text) if text.strip() else math.nan
        except ValueError:
            raise _wrong(name, at, column, "a number", text) from None
    return found


def _days(values: Sequence[str], column: str, name: str) -> NDArray[np.int64]:
    found = np.empty(len(values), dtype=np.int64)
    for at, text in enumerate(values):
        try:
            found[at] = date.fromisoformat(text[:10]).toordinal()
        except ValueError:
            raise _wrong(name, at, column, "a date as YYYY-MM-DD", text) from None
    return found


def _labels(values: Sequence[str], column: str, name: str) -> NDArray[np.int64]:
    for at, text in enumerate(values):
        if text not in {"0", "1"}:
            raise _wrong(name, at, column, "0 or 1", text)
    return np.array([text == "1" for text in values], dtype=np.int64)


def _wrong(name: str, at: int, column: str, expected: str, found: str) -> InvalidInput:
    return InvalidInput(
        f"{name}, row {at + 2}, {column}: {expected} expected, found {found!r}",
        code="risk_value",
        path=name,
        row=str(at + 2),
        column=column,
    )


# -- rates -------------------------------------------------------------------------------------

Tally = dict[str, tuple[float, float]]
"""Value to its weighted rows and weighted hits."""


class Rates(NamedTuple):
    """What is known of categories: overall rate, and by category or combination value to rows and hits."""

    overall: float
    tallies: dict[str, Tally]
    usual: dict[str, dict[str, float]]
    """Ratio's name to its usual logarithm by category."""

    def as_data(self) -> dict[str, Any]:
        """For keeping with the model."""
        return {"overall": self.overall, "tallies": self.tallies, "usual": self.usual}


def months(rows: Rows) -> list[str]:
    """Each row's month, `YYYY-MM`."""
    return [date.fromordinal(int(day)).isoformat()[:7] for day in rows.days]


def _keys(rows: Rows, names: tuple[str, ...]) -> list[str]:
    columns = [rows.columns[name] for name in names]
    return list(columns[0]) if len(columns) == 1 else ["\x1f".join(values) for values in zip(*columns, strict=True)]


def _groups(schema: Schema) -> list[tuple[str, ...]]:
    return [*((name,) for name in schema.categories), *schema.combinations]


def learn_rates(rows: Rows, weights: Floats) -> Rates:
    """Rates over rows, weighted."""
    total = float(weights.sum())
    overall = float((weights * rows.labels).sum() / total) if total else 0.0
    hits = weights * rows.labels
    tallies: dict[str, Tally] = {}
    for names in _groups(rows.schema):
        found: dict[str, list[float]] = {}
        for key, weight, hit in zip(_keys(rows, names), weights.tolist(), hits.tolist(), strict=True):
            entry = found.setdefault(key, [0.0, 0.0])
            entry[0] += weight
            entry[1] += hit
        tallies[" + ".join(names)] = {key: (entry[0], entry[1]) for key, entry in found.items()}
    usual: dict[str, dict[str, float]] = {}
    for value, mass, code in rows.schema.ratios:
        logs = _log_ratio(rows, value, mass)
        by_code: dict[str, list[float]] = {}
        for key, log in zip(rows.columns[code], logs.tolist(), strict=True):
            if not math.isnan(log):
                by_code.setdefault(key, []).append(log)
        usual[f"{value}/{mass}/{code}"] = {key: float(np.median(values)) for key, values in by_code.items()}
    return Rates(overall, tallies, usual)


def _log_ratio(rows: Rows, value: str, mass: str) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(rows.numbers[value] / rows.numbers[mass])
    found[~np.isfinite(found)] = np.nan
    return found


def features(rows: Rows, rates: Rates) -> Floats:
    """Features of rows by given rates, in the order of `Schema.features`."""
    schema = rows.schema
    columns: list[Floats] = [rows.numbers[name] for name in schema.numbers]
    for value, mass, code in schema.ratios:
        usual = rates.usual.get(f"{value}/{mass}/{code}", {})
        logs = _log_ratio(rows, value, mass)
        columns.append(logs - np.array([usual.get(key, math.nan) for key in rows.columns[code]]))
    rate_columns: list[Floats] = []
    count_columns: list[Floats] = []
    single: dict[str, Floats] = {}
    for names in _groups(schema):
        tally = rates.tallies[" + ".join(names)]
        seen = [tally.get(key, (0.0, 0.0)) for key in _keys(rows, names)]
        count = np.array([each[0] for each in seen])
        hits = np.array([each[1] for each in seen])
        # What stands together falls back to its first column, that to the average.
        fallback = rates.overall if len(names) == 1 else single[names[0]]
        rate = (hits + SMOOTHING * fallback) / (count + SMOOTHING)
        if len(names) == 1:
            single[names[0]] = rate
        rate_columns.append(rate)
        count_columns.append(np.log1p(count))
    split = len(schema.categories)
    ordered = [*columns, *rate_columns[:split], *count_columns[:split], *rate_columns[split:], *count_columns[split:]]
    return np.column_stack(ordered)


def past_features(rows: Rows, weights: Floats) -> Floats:
    """Features of training rows, each month by the rates of the months before it; the first month by the average."""
    of_month = np.array(months(rows))
    found = np.empty((size(rows), len(rows.schema.features)))
    for month in sorted(set(of_month)):
        before = of_month < month
        here = of_month == month
        rates = learn_rates(rows.part(before), weights[before]) if before.any() else empty_rates(rows, weights)
        found[here] = features(rows.part(here), rates)
    return found


def empty_rates(rows: Rows, weights: Floats) -> Rates:
    """Nothing known but the average."""
    overall = float((weights * rows.labels).sum() / weights.sum())
    return Rates(overall, {" + ".join(names): {} for names in _groups(rows.schema)}, {})


def recency(rows: Rows, half_life: float) -> Floats:
    """Weight of each row: half after so many days before the newest."""
    age = rows.days.max() - rows.days
    return np.asarray(0.5 ** (age / half_life), dtype=np.float64)


def unseen(rows: Rows, seen: Iterable[str]) -> NDArray[np.bool_]:
    """Rows whose combination of `Schema.unseen` is none of these."""
    known = set(seen)
    return np.array([key not in known for key in combination(rows)])


def combination(rows: Rows) -> list[str]:
    """Each row's combination of `Schema.unseen`."""
    return _keys(rows, rows.schema.unseen) if rows.schema.unseen else [""] * size(rows)
