"""Commands on risk models: train, report, reasons, list, promote, roll back."""

from __future__ import annotations

import getpass
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from keruen.faces.cli.app import app, chosen_settings, out, print_json
from keruen.risk import schema as schemas
from keruen.risk.frame import Rows, read_rows
from keruen.risk.model import train as fit
from keruen.risk.schema import Schema
from keruen.store.risk_models import RiskModels

risk_app = typer.Typer(no_args_is_help=True, help="Ranking by risk: train, judge and promote models.")
app.add_typer(risk_app, name="risk")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Rows as CSV.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def _models() -> RiskModels:
    return RiskModels(chosen_settings().home / "risk")


def _rows(path: Path, schema: Schema) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return read_rows(stream, schema, path.name)


@risk_app.command()
def train(
    file: File,
    name: Annotated[str, typer.Option(help="Name of the model; unset, the file's and the data's hash.")] = "",
    schema: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Columns, TOML.")] = None,
    json: Json = False,
) -> None:
    """Fit a model on the past and judge it walk-forward; it ranks nothing until it is promoted."""
    wanted = schemas.read(schema.read_text("utf-8")) if schema is not None else schemas.shipped()
    rows = _rows(file, wanted)
    began = time.monotonic()
    name = name or f"{file.stem}-{rows.sha256[:8]}"
    model = fit(rows, name)
    _models().keep(model, name)
    found = {
        "model": name,
        "sha256": model.sha256,
        "rows": model.data["rows"],
        "half_life_days": model.data["half_life_days"],
        "walk_forward": model.data["walked"],
        "threshold": model.threshold,
        "seconds": round(time.monotonic() - began, 1),
    }
    if json:
        print_json(found)
        return
    out.print(
        f"{name}: {found['rows']} rows from {model.data['from']} to {model.data['to']}, half-life "
        f"{model.data['half_life_days']:.0f} days, {found['seconds']} s",
        highlight=False,
    )
    _table("walk-forward, last months", model.data["walked"])
    out.print(f"It ranks nothing yet: keruen risk promote {name} --reviewed-by NAME")


@risk_app.command()
def report(
    file: File,
    model: Annotated[str, typer.Option(help="Which; unset, the champion, else the one trained last.")] = "",
    json: Json = False,
) -> None:
    """Judge a model on rows it was not trained on: precision and recall at 1, 5 and 10 %, months, drift."""
    kept = _models().get(model)
    rows = _rows(file, kept.schema)
    began = time.perf_counter()
    found = kept.report(rows)
    found["rows_per_s"] = round(found["n"] / (time.perf_counter() - began))
    if json:
        print_json(found)
        return
    _table(f"{kept.data['name']} on {file.name}: {found['n']} rows, {found['base_rate']:.1%} bad", found)
    _table(f"rows whose {found['unseen']['what']} was never seen", found["unseen"])
    published = Table("published", "figure", title=str(found["published"].get("source", "")))
    for name, value in found["published"].items():
        if name != "source":
            published.add_row(name, str(value))
    if published.rows:
        out.print(published)
    drift = Table("feature", "stability index", title="Drift against the training data; above 0.25 is large")
    for name, value in list(found["drift"]["stability"].items())[:8]:
        drift.add_row(name, f"{value:.3f}")
    out.print(drift)
    if "warning" in found:
        out.print(found["warning"], highlight=False)


@risk_app.command()
def reasons(
    file: File,
    model: Annotated[str, typer.Option(help="Which; unset, the champion, else the one trained last.")] = "",
    most: Annotated[int, typer.Option(min=1, max=1000, help="Rows, the riskiest first.")] = 10,
    json: Json = False,
) -> None:
    """The riskiest rows of a file and why each is there."""
    kept = _models().get(model)
    rows = _rows(file, kept.schema)
    scores = kept.scores(rows)
    at = [int(place) for place in np.argsort(-scores, kind="stable")[:most]]
    found: list[dict[str, Any]] = [
        {
            "id": rows.columns[kept.schema.id][place],
            "score": round(float(scores[place]), 6),
            "model": kept.sha256,
            "threshold": kept.threshold,
            "reasons": [reason._asdict() for reason in why],
        }
        for place, why in zip(at, kept.reasons(rows, at), strict=True)
    ]
    if json:
        print_json(found)
        return
    table = Table("id", "score", "because")
    for each in found:
        why = "; ".join(f"{one['feature']} = {one['value']} ({one['weight']:+.2f})" for one in each["reasons"])
        table.add_row(str(each["id"]), f"{each['score']:.3f}", why)
    out.print(table)


@risk_app.command("list")
def list_(json: Json = False) -> None:
    """Models, which ranks, and who promoted it."""
    models = _models()
    state = models.state()
    if json:
        print_json({"models": models.names(), **state})
        return
    table = Table("model", "role", "rows", "until", "hash")
    for name in models.names():
        kept = models.get(name)
        role = "champion" if name == state["champion"] else "challenger" if name == state["challenger"] else ""
        table.add_row(name, role, str(kept.data["rows"]), kept.data["to"], kept.sha256[:12])
    out.print(table)


@risk_app.command()
def promote(
    name: Annotated[str, typer.Argument(help="Which model.")],
    reviewed_by: Annotated[str, typer.Option(help="The second person.")] = "",
    by: Annotated[str, typer.Option(help="Who promotes it.")] = "",
    challenger: Annotated[bool, typer.Option("--challenger", help="Only beside the champion, without effect.")] = False,
) -> None:
    """Let a model rank; a second person reviews it."""
    state = _models().promote(name, by=by or getpass.getuser(), reviewed_by=reviewed_by, challenger=challenger)
    out.print(f"champion {state['champion'] or 'none'}, challenger {state['challenger'] or 'none'}", highlight=False)


@risk_app.command()
def rollback(
    reviewed_by: Annotated[str, typer.Option(help="The second person.")] = "",
    by: Annotated[str, typer.Option(help="Who rolls back.")] = "",
) -> None:
    """Let the champion before this one rank again."""
    state = _models().roll_back(by=by or getpass.getuser(), reviewed_by=reviewed_by)
    out.print(f"champion {state['champion']}", highlight=False)


def _table(title: str, found: dict[str, Any]) -> None:
    table = Table("highest", "rows", "precision", "95 % interval", "recall", title=title)
    for share, row in found["at"].items():
        low, high = row["precision_interval"]
        recall = "-" if row["recall"] is None else f"{row['recall']:.3f}"
        table.add_row(share, str(row["n"]), f"{row['precision']:.3f}", f"{low:.3f}–{high:.3f}", recall)
    out.print(table)
    auc = found["auc"]
    out.print(f"AUC {auc:.3f}" if auc is not None else "AUC not defined: one label only", highlight=False)
