"""Commands on risk models: train, report, reasons, list, promote, roll back, retire; on files and on live decisions."""

from __future__ import annotations

import getpass
import time
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from keruen import compose
from keruen.errors import InvalidInput
from keruen.faces.cli.app import app, chosen_settings, open_office, out, print_json
from keruen.risk import schema as schemas
from keruen.risk.frame import Rows, read_rows
from keruen.risk.live import Ranker, Ranking
from keruen.risk.model import Model
from keruen.risk.model import train as fit
from keruen.risk.schema import Schema
from keruen.store.risk_models import RiskModels

risk_app = typer.Typer(no_args_is_help=True, help="Ranking by risk: train, judge and promote models.")
app.add_typer(risk_app, name="risk")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Rows as CSV.")]
MaybeFile = Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="Rows as CSV.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Decisions = Annotated[bool, typer.Option("--decisions", help="On decisions on record, not on a file.")]
Since = Annotated[str, typer.Option(help="First day of decisions, YYYY-MM-DD; unset, all.")]
Until = Annotated[str, typer.Option(help="Last day of decisions, YYYY-MM-DD; unset, all.")]


def _models(*, decisions: bool = False) -> RiskModels:
    """Models of files, or those of live decisions: two shelves, each with its own champion."""
    home = chosen_settings().home / "risk"
    return RiskModels(home / "decisions" if decisions else home)


def _shelf_of(name: str) -> RiskModels:
    """The models among which one of this name stands."""
    live = _models(decisions=True)
    return live if name in live.names() else _models()


def _rows(path: Path, schema: Schema) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return read_rows(stream, schema, path.name)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no day as YYYY-MM-DD", code="risk_day", found=text) from None


def _either(file: Path | None, *, decisions: bool) -> None:
    if (file is None) != decisions:
        raise InvalidInput("give a file of rows, or --decisions; not both", code="risk_file_or_decisions")


@risk_app.command()
def train(
    file: MaybeFile = None,
    decisions: Decisions = False,
    name: Annotated[str, typer.Option(help="Name of the model; unset, made of its data.")] = "",
    schema: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Columns of the file, TOML.")] = None,
    since: Since = "",
    until: Until = "",
    share: Annotated[
        float, typer.Option(min=0.0001, max=0.5, help="Of decisions that nothing else holds, so many go to an officer.")
    ] = 0.005,
    json: Json = False,
) -> None:
    """Fit a model on the past and judge it walk-forward; it ranks nothing until it is promoted."""
    _either(file, decisions=decisions)
    began = time.monotonic()
    counts: dict[str, int] = {}
    if file is None:
        from keruen.workflow.learning import learn

        office = open_office()
        cases = compose.case_office(chosen_settings(), office)
        model, counts = learn(
            office.store.decided(_day(since)),
            cases.cases.labels(),
            name,
            since=_day(since),
            until=_day(until),
            share=share,
        )
        name = model.data["name"]
    else:
        rows = _rows(file, schemas.read(schema.read_text("utf-8")) if schema is not None else schemas.shipped())
        name = name or f"{file.stem}-{rows.sha256[:8]}"
        model = fit(rows, name)
    if name in _models(decisions=not decisions).names():
        raise InvalidInput(f"a model {name} is there already; give it another name", code="risk_name_taken")
    _models(decisions=decisions).keep(model, name)
    found = {
        "model": name,
        "sha256": model.sha256,
        "rows": model.data["rows"],
        "half_life_days": model.data["half_life_days"],
        "walk_forward": model.data["walked"],
        "threshold": model.threshold,
        **({"decisions": counts} if counts else {}),
        "seconds": round(time.monotonic() - began, 1),
    }
    if json:
        print_json(found)
        return
    if counts:
        out.print(
            f"{counts['documents']} decisions: learnt from {counts['learnt_from']} whose outcome is known, "
            f"{counts['offences']} of them offences, {counts['drawn_by_lot']} drawn by lot. No label: "
            f"{counts['not_looked_at']} that nobody looked at, {counts['outcome_open']} without a known outcome, "
            f"{counts['selection_unknown']} whose selection is not on record",
            highlight=False,
        )
    out.print(
        f"{name}: {found['rows']} rows from {model.data['from']} to {model.data['to']}, half-life "
        f"{model.data['half_life_days']:.0f} days, {found['seconds']} s",
        highlight=False,
    )
    if model.data["walked"]["n"]:
        _table("walk-forward, last months", model.data["walked"])
    else:
        out.print("not judged walk-forward: of no month were outcomes of both kinds known before it began")
    out.print(f"It ranks nothing yet: keruen risk promote {name} --reviewed-by NAME")


@risk_app.command()
def report(
    file: MaybeFile = None,
    decisions: Decisions = False,
    model: Annotated[str, typer.Option(help="Which; unset, the champion, else the one trained last.")] = "",
    since: Since = "",
    until: Until = "",
    outcomes: Annotated[
        Path | None, typer.Option(exists=True, help="Outcomes known from elsewhere: CSV document_id,outcome (1 bad).")
    ] = None,
    json: Json = False,
) -> None:
    """Judge a model: on a file's rows, or live decisions by champion and challenger; figures, load and drift."""
    _either(file, decisions=decisions)
    if file is None:
        _report_decisions(model, since, until, outcomes, json=json)
        return
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
    _drift(found["drift"]["stability"])
    if "warning" in found:
        out.print(found["warning"], highlight=False)


def _report_decisions(model: str, since: str, until: str, outcomes: Path | None, *, json: bool) -> None:
    from keruen.workflow.backtest import read_outcomes
    from keruen.workflow.learning import report as judge

    shelf = _models(decisions=True)
    ranking = Ranking(*(_ranker(shelf.standing(role)) for role in Ranking._fields))
    if model or not any(ranking):
        ranking = Ranking(_ranker(shelf.get(model)))
    office = open_office()
    found = judge(
        office.store.decided(_day(since)),
        compose.case_office(chosen_settings(), office).cases.labels(),
        ranking,
        since=_day(since),
        until=_day(until),
        given=read_outcomes(outcomes.read_text("utf-8")) if outcomes is not None else None,
    )
    if json:
        print_json(found)
        return
    out.print(
        f"{found['since']} to {found['until']}: {found['documents']} decisions, {found['held']} held, "
        f"{found['drawn_by_lot']} drawn by lot, {found['not_looked_at']} nobody looked at; {found['outcomes_known']} "
        f"outcomes known. {found['note']}",
        highlight=False,
    )
    let_go = found["let_go"]
    low, high = let_go["rate_interval"]
    out.print(
        f"of {let_go['documents']} that nothing held, {let_go['drawn_and_known']} were drawn and are known, "
        f"{let_go['offences']} of them offences: between {low:.1%} and {high:.1%} of what is let go",
        highlight=False,
    )
    for name, each in (("rules alone", found["rules_alone"]), *found["models"].items()):
        title = f"{name} {each.get('model', '')}".strip()
        for part, said in (("known", "known outcomes"), ("given", "given outcomes")):
            if each.get(part, {}).get("at"):
                _table(f"{title}: {said}", each[part])
        if "above_threshold" in each:
            above, load = each["above_threshold"], each["load_a_day"]
            out.print(
                f"{title}: {above['documents']} above the threshold, {above['more']} that nothing else held; a day "
                f"{load['mean']:.1f} on average, {load['most']} at most; scores on record given again: "
                f"{each['scores_on_record']['the_same']} of {each['scores_on_record']['compared']}",
                highlight=False,
            )
            _drift(each["drift"]["stability"])
        if "warning" in each:
            out.print(each["warning"], highlight=False)


def _ranker(model: Model | None) -> Ranker | None:
    return Ranker(model) if model is not None else None


def _drift(stability: dict[str, float]) -> None:
    drift = Table("feature", "stability index", title="Drift against the training data; above 0.25 is large")
    for name, value in list(stability.items())[:8]:
        drift.add_row(name, f"{value:.3f}")
    out.print(drift)


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
    """Models, which ranks, and who promoted it: those of files, and those of live decisions."""
    shelves = {"files": _models(), "decisions": _models(decisions=True)}
    if json:
        files = shelves["files"]
        live = shelves["decisions"]
        print_json({"models": files.names(), **files.state(), "decisions": {"models": live.names(), **live.state()}})
        return
    table = Table("ranks", "model", "role", "rows", "until", "hash")
    for ranks, models in shelves.items():
        state = models.state()
        for name in models.names():
            kept = models.get(name)
            role = "champion" if name == state["champion"] else "challenger" if name == state["challenger"] else ""
            table.add_row(ranks, name, role, str(kept.data["rows"]), kept.data["to"], kept.sha256[:12])
    out.print(table)


@risk_app.command()
def promote(
    name: Annotated[str, typer.Argument(help="Which model.")],
    reviewed_by: Annotated[str, typer.Option(help="The second person.")] = "",
    by: Annotated[str, typer.Option(help="Who promotes it.")] = "",
    challenger: Annotated[bool, typer.Option("--challenger", help="Only beside the champion, without effect.")] = False,
) -> None:
    """Let a model rank; a second person reviews it. One of decisions ranks live documents within seconds."""
    shelf = _shelf_of(name)
    if shelf.folder.name == "decisions":
        # One that this version cannot use would be refused by every server.
        Ranker(shelf.get(name))
    state = shelf.promote(name, by=by or getpass.getuser(), reviewed_by=reviewed_by, challenger=challenger)
    out.print(f"champion {state['champion'] or 'none'}, challenger {state['challenger'] or 'none'}", highlight=False)


@risk_app.command()
def rollback(
    decisions: Decisions = False,
    reviewed_by: Annotated[str, typer.Option(help="The second person.")] = "",
    by: Annotated[str, typer.Option(help="Who rolls back.")] = "",
) -> None:
    """Let the champion before this one rank again."""
    state = _models(decisions=decisions).roll_back(by=by or getpass.getuser(), reviewed_by=reviewed_by)
    out.print(f"champion {state['champion']}", highlight=False)


@risk_app.command()
def retire(
    decisions: Decisions = False,
    challenger: Annotated[bool, typer.Option("--challenger", help="The one beside the champion.")] = False,
    by: Annotated[str, typer.Option(help="Who retires it.")] = "",
) -> None:
    """Let nothing rank until another model is promoted."""
    state = _models(decisions=decisions).retire(by=by or getpass.getuser(), challenger=challenger)
    out.print(f"champion {state['champion'] or 'none'}, challenger {state['challenger'] or 'none'}", highlight=False)


def _table(title: str, found: dict[str, Any]) -> None:
    table = Table("highest", "rows", "precision", "95 % interval", "recall", title=title)
    for share, row in found["at"].items():
        low, high = row["precision_interval"]
        recall = "-" if row["recall"] is None else f"{row['recall']:.3f}"
        table.add_row(share, str(row["n"]), f"{row['precision']:.3f}", f"{low:.3f}–{high:.3f}", recall)
    out.print(table)
    auc = found["auc"]
    out.print(f"AUC {auc:.3f}" if auc is not None else "AUC not defined: one label only", highlight=False)
