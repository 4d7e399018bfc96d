"""Commands on goods descriptions: hold one against its code, learn from own lines, measure on labelled pairs."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table

from keruen import compose
from keruen.descriptions.check import check, declared_headings, suspicion
from keruen.descriptions.quality import Pair, figures
from keruen.descriptions.words import clean
from keruen.errors import InvalidInput, NotFound
from keruen.faces.cli.app import app, chosen_settings, err, out, print_json
from keruen.faces.cli.bench import bench_app
from keruen.store.descriptions import read_lines

if TYPE_CHECKING:
    from keruen.descriptions.plausibility import Labelled, Reader

descriptions_app = typer.Typer(no_args_is_help=True, help="Goods descriptions held against their codes.")
app.add_typer(descriptions_app, name="descriptions")

ALONE: Final = 200
"""Texts judged one by one, for the time of one."""
COLUMNS: Final = ("text", "true_hs6", "declared_hs6", "misdeclared", "kind")
OWN_LINES: Final = Path("hs_descriptions") / "bacuda_lines.csv"
"""Real customs lines of the shared data: without a licence, hence for measuring only, never shipped."""


@descriptions_app.command("check")
def check_(
    text: Annotated[str, typer.Argument(help="The description, as filed.")],
    code: Annotated[str, typer.Option(help="The declared code, four digits or more.")],
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Hold a description against its code. Exits with 4 where it names controlled goods of another code."""
    found = check(text, code, compose.descriptions(chosen_settings()).reader())
    if json:
        print_json(
            {
                **found._asdict(),
                "controlled": [
                    {
                        "goods": hit.entry.name,
                        "words": hit.words,
                        "codes": hit.entry.headings,
                        "source": hit.entry.source,
                    }
                    for hit in found.controlled
                ],
                "headings": [each._asdict() for each in found.headings],
                "nearest": [each._asdict() for each in found.nearest],
            }
        )
    else:
        out.print(f"{found.code}: {found.official}", highlight=False)
        out.print(f"suspicion {found.suspicion:.2f}; language {found.language or 'not told'}", highlight=False)
        if found.vague:
            out.print("The words say nothing of the goods: ask for maker, model and use.")
        for hit in found.controlled:
            out.print(
                f"“{hit.words}” names {hit.entry.name.replace('_', ' ')} ({', '.join(hit.entry.headings)}); "
                f"{hit.entry.source}",
                highlight=False,
            )
        table = Table("heading", "belief", "official text", title="Headings the text fits best")
        for each in found.headings:
            table.add_row(each.code, f"{each.score:.2f}", each.official)
        out.print(table)
        near = Table("code", "likeness", "text", "source", title="Labelled texts like it, the declared heading's first")
        for one in found.nearest:
            near.add_row(one.hs6, f"{one.likeness:.2f}", one.text, one.source)
        out.print(near)
    if found.controlled:
        raise typer.Exit(4)


@descriptions_app.command("learn")
def learn(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="CSV with text and code.")],
) -> None:
    """Learn from an administration's own labelled lines; from then on descriptions are held against these too."""
    lines = [line for path in files for line in read_lines(path)]
    began = time.monotonic()
    _, mark = compose.descriptions(chosen_settings()).learn(lines)
    out.print(f"learnt from {len(lines)} lines in {time.monotonic() - began:.0f} s", highlight=False)
    if mark is None:
        out.print("too few lines to set a mark: plausibility is told when asked for, and decides nothing")
        return
    out.print(
        f"an officer is asked from a suspicion of {mark.mark:.4f} on: of {mark.lines} own lines kept apart "
        f"{mark.false_alarms:.1%} are above it",
        highlight=False,
    )


@bench_app.command("descriptions")
def bench(
    pairs: Annotated[list[Path], typer.Option(metavar="FILE", help=f"CSV with {', '.join(COLUMNS)}.")],
    reference: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Labelled lines to learn from, CSV with text and code; repeatable."),
    ] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="With the shipped texts alone.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Measure on labelled pairs how many wrong headings are caught where one right line in twenty is suspected.

    It learns for the measuring alone, whatever was learnt before: from the lines of --reference, else from real lines
    that lie beside the pairs (bacuda_lines.csv) or in the shared data, else from the shipped texts. Texts of the pairs
    are left out of what is learnt from.
    """
    from keruen.descriptions.learning import learn as learn_from
    from keruen.descriptions.plausibility import shipped_lines

    asked = [pair for path in pairs for pair in _read(path)]
    files = [] if shipped else list(reference or _at_hand(pairs))
    judged = {clean(pair.text) for pair in asked}
    lines = [line for line in shipped_lines() if line.text not in judged]
    own = [line for path in files for line in read_lines(path) if clean(line.text) not in judged]
    for path in files:
        err.print(f"learning from {path}", highlight=False)
    reader = learn_from([*lines, *own]) if own else _over(lines)
    began = time.perf_counter()
    scores = _suspicion(reader, asked)
    took = time.perf_counter() - began
    single = [_one_ms(reader, pair) for pair in asked[:ALONE]]
    report: dict[str, Any] = {
        **figures(asked, scores),
        "lines_per_s": len(asked) / took,
        "one_text_cpu_ms": sorted(single)[len(single) // 2] if single else None,
        "labelled_texts": {"shipped": len(lines), "own": len(own)},
    }
    if json:
        print_json(report)
        return
    table = Table("wrong heading", "n", "AUC", "caught at 5 % false alarms")
    for kind, count in report["n"].items():
        if kind != "true":
            table.add_row(kind, str(count), f"{report['auc'][kind]:.3f}", f"{report['caught_at_5pct'][kind]:.1%}")
    out.print(table)
    out.print(
        f"{report['lines_per_s']:,.0f} lines/s, one text alone {report['one_text_cpu_ms']:.1f} ms of processor time; "
        f"{len(lines)} shipped and {len(own)} own labelled texts"
    )


def _one_ms(reader: Reader, pair: Pair) -> float:
    """Milliseconds of processor time to judge one text by itself."""
    began = time.process_time()
    suspicion(pair.text, pair.declared, reader)
    return 1000 * (time.process_time() - began)


def _over(lines: list[Labelled]) -> Reader:
    """The shipped texts without those asked about, under the shipped trees."""
    from keruen.descriptions.plausibility import Index, Reader, shipped_model

    return Reader(Index(lines), shipped_model())


def _at_hand(pairs: list[Path]) -> list[Path]:
    """Real lines to learn from: beside the pairs, or of the shared data where it is. For measuring only."""
    places = [path.resolve().parent / OWN_LINES.name for path in pairs]
    shared = [os.environ.get("KERUEN_SHARED_DATA", ""), str(Path.cwd().parent / "shared" / "data")]
    shared.append(str(Path(__file__).resolve().parents[5] / "shared" / "data"))
    places += [Path(place) / OWN_LINES for place in shared if place]
    return [path for path in places if path.exists()][:1]


def _suspicion(reader: Reader, asked: list[Pair]) -> list[float]:
    """One score a pair; where a declared code of an older edition became several headings, the mildest."""
    texts: list[str] = []
    headings: list[str] = []
    spans = []
    for pair in asked:
        try:
            declared = declared_headings(pair.declared)
        except NotFound:
            declared = ("",)
        spans.append((len(texts), len(texts) + len(declared)))
        texts += [pair.text] * len(declared)
        headings += declared
    known = [heading if heading in reader.index.place else "" for heading in headings]
    found = iter(reader.suspicion([t for t, h in zip(texts, known, strict=True) if h], [h for h in known if h]))
    # A code that no edition has fits no text.
    scores = [next(found) if heading else 1.0 for heading in known]
    return [min(scores[first:last]) for first, last in spans]


def _read(path: Path) -> list[Pair]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        lacking = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if lacking:
            raise InvalidInput(
                f"{path}: the columns {', '.join(COLUMNS)} are needed; {', '.join(lacking)} not found",
                code="pairs_columns",
                path=str(path),
            )
        found = []
        for number, row in enumerate(rows, 2):
            declared, flag = row["declared_hs6"].strip(), row["misdeclared"].strip()
            if not declared.isdigit() or len(declared) < 4:  # noqa: PLR2004 - a heading
                raise InvalidInput(
                    f"{path}, row {number}, declared_hs6: digits expected, found {declared!r}",
                    code="pairs_code",
                    path=str(path),
                    row=str(number),
                )
            if flag not in {"0", "1"}:
                raise InvalidInput(
                    f"{path}, row {number}, misdeclared: 0 or 1 expected, found {flag!r}",
                    code="pairs_flag",
                    path=str(path),
                    row=str(number),
                )
            found.append(Pair(row["text"], declared, row["kind"] if flag == "1" else "true", row.get("set") or ""))
    return found
