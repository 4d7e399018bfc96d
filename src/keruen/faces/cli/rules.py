"""Commands on rules: write, try, review and publish them; backtest; what is known and what is remembered."""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from keruen import compose
from keruen.errors import IntegrityFailure, InvalidInput
from keruen.faces.cli.app import app, chosen_settings, err, open_office, out, print_json, progress
from keruen.facts.catalogue import catalogue
from keruen.profiles import load as load_profile
from keruen.risk.live import Ranker
from keruen.rules import shipped
from keruen.rules.channels import commitment, day_key
from keruen.rules.engine import evaluate, filled
from keruen.rules.ruleset import RuleSet, diff, read
from keruen.workflow.judge import kinds_of
from keruen.workflow.memories import differences

rules_app = typer.Typer(no_args_is_help=True, help="The rules that decide: write, try, review, publish.")
app.add_typer(rules_app, name="rules")

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def _kinds() -> tuple[str, ...]:
    return kinds_of(load_profile(chosen_settings().profile))


def _read(path: Path) -> RuleSet:
    """A set from a file: nothing but the file is looked at, no database is opened."""
    return read(path.read_bytes(), catalogue(), _kinds())


def _named(name: str) -> RuleSet:
    """A set by file, by edition, or `shipped`."""
    if name == "shipped":
        return read(shipped.body(chosen_settings().profile), catalogue(), _kinds())
    path = Path(name)
    return _read(path) if path.is_file() else compose.rulebook(chosen_settings()).get(name)


@rules_app.command("list")
def list_(json: Json = False) -> None:
    """Editions of the rules: who wrote, reviewed and published each, and which decides."""
    book = compose.rulebook(chosen_settings())
    rows = [
        {
            "edition": row.edition,
            "name": row.name,
            "sha256": row.sha256,
            "state": row.state,
            "in_force": row.in_force,
            "shadow": row.shadow,
            "drafted_by": row.drafted_by,
            "reviewed_by": row.reviewed_by,
            "published_by": row.published_by,
            "note": row.note,
        }
        for row in book.editions()
    ]
    live = book.in_force()
    if json:
        print_json({"in_force": live.version, "rules": len(live.rules), "editions": rows})
        return
    out.print(f"in force: {live.version}, {len(live.rules)} rules", highlight=False)
    if rows:
        table = Table("edition", "state", "decides", "in the shadow", "written by", "reviewed by", "published by")
        for row in rows:
            marks = ("yes" if row["in_force"] else "", "yes" if row["shadow"] else "")
            table.add_row(
                str(row["edition"]),
                str(row["state"]),
                *marks,
                str(row["drafted_by"]),
                str(row["reviewed_by"]),
                str(row["published_by"]),
            )
        out.print(table)


@rules_app.command()
def facts(json: Json = False) -> None:
    """Every fact a rule may read: its type, its values, who supplies it."""
    rows = [
        {
            "fact": fact.name,
            "type": fact.type.value,
            "values": list(fact.values),
            "supplied_by": fact.supplier,
            "text": fact.text,
        }
        for fact in catalogue().values()
    ]
    if json:
        print_json(rows)
        return
    table = Table("fact", "type", "supplied by", "what it is")
    for row in rows:
        table.add_row(str(row["fact"]), str(row["type"]), str(row["supplied_by"]) or "nobody yet", str(row["text"]))
    out.print(table)


@rules_app.command()
def check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A rule set, TOML.")]) -> None:
    """Check a rule set: every rule is read, and its two examples are tried. Needs no database."""
    found = _read(file)
    out.print(f"{found.version}: {len(found.rules)} rules hold; each fires on its example and not on the other")


@rules_app.command()
def show(
    rule: Annotated[str, typer.Argument(help="The rule's code.")],
    edition: Annotated[str, typer.Option(help="Edition, file, or `shipped`.")] = "shipped",
) -> None:
    """One rule in words, with its source and its examples.

    Raises:
        InvalidInput: There is no such rule.
    """
    found = _named(edition).rule(rule)
    if found is None:
        raise InvalidInput(f"no rule {rule} in {edition}; `keruen rules list` and the file name them", code="no_rule")
    table = Table(show_header=False, title=found.code)
    for name, value in (
        ("looks at", ", ".join(found.kinds)),
        ("fires when", found.when),
        ("severity", found.severity.name.lower()),
        *((f"says ({lang})", text) for lang, text in found.reason.items()),
        *((f"the officer ({lang})", text) for lang, text in found.instruction.items()),
        ("source", found.source),
        ("warning signs", ", ".join(found.flags) or "none published"),
        ("stands from", str(found.valid_from)),
        ("to", str(found.valid_to or "further notice")),
        ("fires on", str(dict(found.fires))),
        ("not on", str(dict(found.clear))),
    ):
        table.add_row(name, value)
    out.print(table, highlight=False)


@rules_app.command("diff")
def diff_(
    old: Annotated[str, typer.Argument(help="Edition, file, or `shipped`.")],
    new: Annotated[str, typer.Argument(help="Edition, file, or `shipped`.")],
    json: Json = False,
) -> None:
    """What differs between two rule sets, rule by rule."""
    rows = diff(_named(old), _named(new))
    if json:
        print_json([dict(zip(("rule", "key", "before", "after"), row, strict=True)) for row in rows])
        return
    if not rows:
        out.print("no difference")
        return
    table = Table("rule", "what", "before", "after")
    for row in rows:
        table.add_row(*row)
    out.print(table)


@rules_app.command()
def export(
    edition: Annotated[str, typer.Argument(help="Edition, or `shipped`.")],
    file: Annotated[Path, typer.Option("--out", help="Where to write it.")],
) -> None:
    """Write a rule set as the file it was read from, to the byte."""
    found = _named(edition)
    file.write_bytes(found.body)
    out.print(f"{found.version} written to {file}", highlight=False)


@rules_app.command()
def propose(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A rule set, TOML.")],
    note: Annotated[str, typer.Option(help="What changes, and why.")],
    by: Annotated[str, typer.Option(help="Who wrote it.")] = "",
) -> None:
    """Keep a rule set as a draft; one that does not hold is refused."""
    row = compose.rulebook(chosen_settings()).propose(file.read_bytes(), by=by or getpass.getuser(), note=note)
    out.print(f"{row.name} {row.edition} is a {row.state}; another person: keruen rules review {row.edition}")


@rules_app.command()
def review(
    edition: Annotated[str, typer.Argument(help="The draft's edition.")],
    by: Annotated[str, typer.Option(help="Who reviewed it; not its author.")] = "",
) -> None:
    """Sign a draft as its second person."""
    row = compose.rulebook(chosen_settings()).review(edition, by=by or getpass.getuser())
    out.print(f"{row.edition} is reviewed by {row.reviewed_by}")


@rules_app.command()
def publish(
    edition: Annotated[str, typer.Argument(help="A reviewed edition, or a retired one to go back to.")],
    by: Annotated[str, typer.Option(help="Who publishes it.")] = "",
) -> None:
    """Bring a reviewed edition into force; running servers take it up within seconds."""
    row = compose.rulebook(chosen_settings()).publish(edition, by=by or getpass.getuser())
    out.print(f"{row.edition} decides from now on")


@rules_app.command()
def retire(edition: Annotated[str, typer.Argument(help="Which edition.")]) -> None:
    """Take an edition out of force; the shipped rules decide until another is published."""
    row = compose.rulebook(chosen_settings()).retire(edition)
    out.print(f"{row.edition} is retired")


@rules_app.command()
def shadow(edition: Annotated[str, typer.Argument(help="Which edition; an empty text ends it.")]) -> None:
    """Let an edition run beside the live one: recorded with every decision, without effect."""
    row = compose.rulebook(chosen_settings()).stand_in_shadow(edition)
    out.print(f"{row.edition} runs in the shadow" if row else "nothing runs in the shadow")


@rules_app.command("try")
def try_(
    file: Annotated[str, typer.Argument(help="Edition, file, or `shipped`.")],
    facts_file: Annotated[Path, typer.Option("--facts", exists=True, dir_okay=False, help="Facts as JSON object.")],
    kind: Annotated[str, typer.Option(help="What they are facts of, such as export_application.")],
    on: Annotated[str, typer.Option(help="The day, YYYY-MM-DD; unset, today.")] = "",
    rule: Annotated[str, typer.Option(help="This rule alone; unset, all that look at the kind.")] = "",
    json: Json = False,
) -> None:
    """Evaluate a rule set on facts of one's own: what fires, what is clear, what lacks which fact.

    Raises:
        InvalidInput: The facts are no JSON object, one is not what the catalogue says, or the set has no such rule.
    """
    given = _facts(facts_file)
    day = date.fromisoformat(on) if on else datetime.now(UTC).date()
    wanted = _named(file)
    if rule:
        alone = wanted.rule(rule)
        if alone is None:
            raise InvalidInput(f"no rule {rule} in {file}", code="no_rule")
        wanted = wanted._replace(rules=(alone,))
    found = evaluate(wanted, kind, given, day)
    if json:
        print_json(
            {
                "fired": [{"rule": each.code, "reason": filled(each.reason["en"], given)} for each in found.fired],
                "clear": [each.code for each in found.clear],
                "not_evaluated": [{"rule": each.code, "lacks": list(names)} for each, names in found.open],
            }
        )
        return
    table = Table("rule", "says", "why")
    for each in found.fired:
        table.add_row(each.code, each.severity.name.lower(), filled(each.reason["en"], given))
    for each, names in found.open:
        table.add_row(each.code, "not evaluated", f"lacks {', '.join(names)}")
    for each in found.clear:
        table.add_row(each.code, "clear", "")
    out.print(table)


def _facts(path: Path) -> dict[str, Any]:
    try:
        data = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{path} is not JSON: {error}", code="facts_json") from error
    if not isinstance(data, dict):
        raise InvalidInput(f"{path} must be a JSON object of facts", code="facts_json")
    known = catalogue()
    for name, value in data.items():
        if name not in known:
            raise InvalidInput(f"{name} is no fact; `keruen rules facts` names them all", code="facts_unknown")
        if not known[name].holds(value):
            raise InvalidInput(f"{name} = {value!r}: that fact is {known[name].type.value}", code="facts_value")
    return data


@rules_app.command("red-flags")
def red_flags(json: Json = False) -> None:
    """Every published warning sign: the rules or checks that stand for it, or the facts it waits for."""
    live = _named("shipped")
    covered = shipped.coverage()
    rows: dict[str, dict[str, list[str]]] = {}
    for rule in live.rules:
        for sign in rule.flags:
            rows.setdefault(sign, {"rules": [], "checks": [], "lacking": []})["rules"].append(rule.code)
    for name, table in (("checks", covered.checks), ("lacking", covered.lacking)):
        for sign, names in table.items():
            rows.setdefault(sign, {"rules": [], "checks": [], "lacking": []})[name] += names
    if json:
        print_json(rows)
        return
    shown = Table("sign", "rules", "checks", "waits for")
    for sign in sorted(rows):
        shown.add_row(sign, *(", ".join(rows[sign][name]) for name in ("rules", "checks", "lacking")))
    out.print(shown)
    out.print(
        f"{len(rows)} signs: {sum(1 for row in rows.values() if row['rules'])} with rules, "
        f"{sum(1 for row in rows.values() if row['checks'])} with checks, "
        f"{sum(1 for row in rows.values() if row['lacking'])} wait for data",
        highlight=False,
    )


@rules_app.command()
def backtest(
    edition: Annotated[str, typer.Argument(help="Edition, file, or `shipped`.")],
    since: Annotated[str, typer.Option(help="First day, YYYY-MM-DD; unset, all.")] = "",
    outcomes: Annotated[Path | None, typer.Option(exists=True, help="CSV document_id,outcome (1 bad, 0 good).")] = None,
    model: Annotated[str, typer.Option(help="A risk model whose scores take the place of those on record.")] = "",
    samples: Annotated[int, typer.Option(min=0, help="Documents named per change.")] = 5,
    cores: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    json: Json = False,
) -> None:
    """Run rules, or a risk model with them, over decisions on record: what would have changed channel, and the load."""
    from keruen.workflow import backtest as run

    wanted = _named(edition)
    known = run.read_outcomes(outcomes.read_text("utf-8")) if outcomes is not None else {}
    ranker = _ranker(model) if model else None
    with progress() as bar:
        task = bar.add_task("decisions", total=None)
        found = run.backtest(
            open_office().store.decided(date.fromisoformat(since) if since else None),
            wanted,
            known,
            ranker=ranker,
            samples=samples,
            cores=cores,
            on_progress=lambda done: bar.update(task, completed=done),
        )
    if json:
        print_json(found)
        return
    out.print(
        f"{found['documents']} documents, {found['changed']} would change channel; live set agreed with the record on "
        f"{found['agreed']}",
        highlight=False,
    )
    table = Table("from", "to", "documents", "samples")
    for change in found["changes"]:
        table.add_row(change["before"], change["after"], str(change["count"]), ", ".join(change["samples"]))
    out.print(table)
    rules = Table("rule", "fires", "precision", "recall")
    for code, row in sorted(found["rules"].items()):
        rules.add_row(code, str(row["fires"]), _share(row["precision"]), _share(row["recall"]))
    out.print(rules)
    out.print(f"held a day: {found['load']['mean']:.1f} on average, {found['load']['most']} at most", highlight=False)


def _ranker(name: str) -> Ranker:
    from keruen.store.risk_models import RiskModels

    return Ranker(RiskModels(chosen_settings().home / "risk" / "decisions").get(name))


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


@rules_app.command("rebuild")
def rebuild() -> None:
    """Make what is remembered anew from every command, and compare. Exits with 7 where it differs.

    Raises:
        IntegrityFailure: A memory is not what the commands make of it.
    """
    with progress() as bar:
        task = bar.add_task("commands", total=None)
        found = differences(open_office().store, lambda done: bar.update(task, completed=done))
    if found:
        names = ", ".join(each.key for each in found[:10])
        raise IntegrityFailure(f"{len(found)} memories differ from the commands on record: {names}", code="memories")
    out.print("what is remembered is what the commands make of it, to the byte")


@rules_app.command()
def draw(on: Annotated[str, typer.Argument(help="The day, YYYY-MM-DD.")]) -> None:
    """The key of one day's draw by lot, for an auditor to repeat it, and what may be published before the day.

    Raises:
        InvalidInput: Nothing is drawn here.
    """
    secret = compose.rules(chosen_settings()).secret
    if secret is None:
        raise InvalidInput("nothing is drawn by lot: KERUEN_DRAW_BY_LOT is false", code="no_draw")
    key = day_key(secret, date.fromisoformat(on))
    out.print(f"key        {key.hex()}\ncommitment {commitment(key)}", highlight=False)
    err.print("Give the key away only after the day; the commitment may be published before.")
