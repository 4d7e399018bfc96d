"""Write the tables of docs/profile-kz.md from the profile: states, who may act, deadlines, effects.

python tools/profile_doc.py           writes them
python tools/profile_doc.py --check   says whether they are up to date, for CI

Each kind has a block between two marks; what is around it is written by hand and left alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tools.settings_doc import write_or_check  # noqa: E402 - the same

from keruen.profiles import load  # noqa: E402 - found on the path set above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keruen.model.profile import Deadline, Kind, Transition

TARGET = ROOT / "docs" / "profile-kz.md"

CONDITIONS = {
    "export_waybill": "decided: the checks on an export",
    "export_application": "decided: the checks on an application",
    "second_person": "decided: does it need a second person",
}
"""What a decision of the profile is called here."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the tables; the exit code is 1 when a check finds them out of date."""
    return write_or_check(__doc__ or "", TARGET, blocks(), "profile_doc", arguments)


def blocks() -> dict[str, str]:
    """Name of a block to its text: one for the overview, one for each kind."""
    profile = load("kz")
    rows = ["| kind | filed by | begins as | ends as | on filing |\n|---|---|---|---|---|\n"]
    rows += [
        f"| [`{name}`](#{name}) | {_words(kind.filed_by)} | {_first(kind)} | "
        f"{', '.join(state for state in kind.states if state in kind.final)} | {_on_filing(kind)} |\n"
        for name, kind in profile.kinds.items()
    ]
    return {"overview": "".join(rows), **{name: kind_text(kind) for name, kind in profile.kinds.items()}}


def kind_text(kind: Kind) -> str:
    """Everything the profile says of how a kind lives."""
    parts = [
        f"Parties: {', '.join(f'{role} (must be given)' if must else role for role, must in kind.parties) or 'none'}. "
        f"Filed by: {_words(kind.filed_by)}. Goods moved are those of the {kind.holder}.\n"
        if kind.holder
        else f"Parties: {', '.join(role for role, _ in kind.parties) or 'none'}. Filed by: {_words(kind.filed_by)}. "
        "It moves nobody's goods by itself.\n",
        "\n| from | by this | to | who | what it does | needs |\n|---|---|---|---|---|---|\n",
        _row(kind, kind.on_file, "(filed)", "file", _words(kind.filed_by)),
    ]
    for arrow in kind.transitions:
        states = ", ".join(f"`{state}`" for state in kind.states if state in arrow.sources)
        parts.append(_row(kind, arrow, states, arrow.name, _words(arrow.by)))
    if kind.deadlines:
        parts.append("\n| due in | after | then |\n|---|---|---|\n")
        parts += [_deadline(kind, each) for each in kind.deadlines]
    if kind.corrected_in:
        changeable = ", ".join(f"`{state}`" for state in kind.states if state in kind.corrected_in)
        frozen = ", ".join(f"`{name}`" for name in kind.frozen)
        later = f" `{kind.correction_not_before}` cannot become earlier." if kind.correction_not_before else ""
        parts.append(f"\nCorrected by a new version in {changeable}; {frozen} cannot change.{later}\n")
    else:
        parts.append("\nNot corrected by a new version.\n")
    if kind.routine_reasons:
        parts.append(f"\nReasons that pass alone for unlisted goods: {_words(kind.routine_reasons)}.\n")
    if kind.consumed_for:
        parts.append(f"\nReasons that count as consumption: {_words(kind.consumed_for)}; any other is a loss.\n")
    return "".join(parts)


def _row(kind: Kind, arrow: Transition, states: str, name: str, who: str) -> str:
    target = f"`{arrow.target}`"
    asks = []
    if arrow.decide:
        others = [state for state in ("held", "refused", "declined_by_authority") if state in kind.states]
        target += "".join(f" or `{state}`" for state in others if state != arrow.target)
        asks.append(CONDITIONS[arrow.decide])
    if name == "file" and kind.then:
        target += f", then `{kind.then}`"
    if arrow.needs_reason:
        asks.append("a reason")
    if arrow.second_person:
        asks.append("a second person")
    only = "; ".join(f"{field} is {' or '.join(values)}" for field, values in arrow.when.items())
    does = "" if arrow.effect == "none" else f"`{arrow.effect}`"
    for other, step in arrow.cascade.items():
        does += f"{', ' if does else ''}{other}: {step}"
    return f"| {states} | {name}{f' ({only})' if only else ''} | {target} | {who} | {does} | {', '.join(asks)} |\n"


def _deadline(kind: Kind, deadline: Deadline) -> str:
    states = ", ".join(f"`{state}`" for state in kind.states if state in deadline.states)
    if deadline.working_days is not None:
        after = f"{deadline.working_days} working days in the state"
    elif deadline.field:
        after = f"{deadline.days} day{'' if deadline.days == 1 else 's'} from `{deadline.field}`"
    else:
        after = f"{deadline.days} day{'' if deadline.days == 1 else 's'} in the state"
    return f"| {states} | {after} | {f'the clock takes `{deadline.then}`' if deadline.then else 'shown as late'} |\n"


def _first(kind: Kind) -> str:
    """The state a filing ends in when nothing stands against it."""
    if not kind.then:
        return kind.on_file.target
    return ", ".join(dict.fromkeys(arrow.target for arrow in kind.transitions if arrow.name == kind.then))


def _on_filing(kind: Kind) -> str:
    arrows = [kind.on_file] if not kind.then else [arrow for arrow in kind.transitions if arrow.name == kind.then]
    found = [f"`{arrow.effect}`" for arrow in arrows if arrow.effect != "none"]
    found += [CONDITIONS[arrow.decide] for arrow in arrows if arrow.decide]
    return ", ".join(dict.fromkeys(found))


def _words(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


if __name__ == "__main__":
    sys.exit(main())
