"""Profiles: a country's document kinds, fields, states, deadlines and effects, as data.

A profile is a TOML file under `keruen/profiles/`; this module says what may stand in it and
refuses one that contradicts itself, so that a wrong profile fails at start, not at the border.
What an effect does to the books is in `workflow/effects.py`, one function a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from keruen.errors import InvalidInput

EFFECTS = frozenset(
    {
        "none",
        "birth",
        "produce",
        "reserve",
        "unreserve",
        "move",
        "depart",
        "leave",
        "match_waybill",
        "set_aside",
        "write_off",
        "return_in",
        "grant",
        "withdraw_grant",
        "close_expected",
        "close_export",
        "reverse",
        "seize",
        "leave_held",
    }
)
CLOCK_EFFECTS = frozenset({"none", "unreserve", "withdraw_grant"})
"""What the clock may do by itself: give back, close, ask. It never lets goods go."""
DECISIONS = frozenset({"", "export_waybill", "export_application", "second_person"})
FIELD_TYPES = frozenset(
    {
        "document_id",
        "document_ref",
        "lot_ref",
        "text",
        "choice",
        "integer",
        "date",
        "instant",
        "country",
        "unit",
        "commodity_code",
        "quantity",
        "money",
        "currency",
        "party_id",
    }
)
OF_A_HOLDER = frozenset({"birth", "produce", "reserve", "set_aside", "return_in"})
"""Effects on the goods of a party, which the kind must name."""
REFUSED_STATES = frozenset({"refused", "declined_by_authority"})
"""What a decision's refusal leads to, whichever of them a kind has."""
OUTSIDERS = frozenset({"authority", "system", "document", "partner"})
"""Who may act beside the parties: `document` is another document's effect or cascade."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """How one named field is read. `max` is a length for texts, a value for integers."""

    name: str
    type: str
    required: bool = False
    min: int | None = None
    max: int | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    """One arrow of a state table."""

    name: str
    sources: frozenset[str]
    target: str
    """Where it leads; empty for `review`, which leaves the document in its state."""
    by: frozenset[str]
    when: Mapping[str, tuple[str, ...]]
    """Header field to the values it must have for this arrow to exist; empty means always."""
    effect: str
    decide: str
    second_person: bool
    """Refused to whoever filed the document or released it before."""
    needs_reason: bool
    cascade: Mapping[str, str]
    """Kind to the transition that documents relating to this one are taken through."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a document in one of `states` is due, and the transition the clock may take (never a release)."""

    states: frozenset[str]
    days: int | None
    working_days: int | None
    field: str
    """Header date the days count from; empty means from entering the state."""
    then: str


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One document kind."""

    name: str
    parties: tuple[tuple[str, bool], ...]
    """Party roles and whether each must be given."""
    header: tuple[FieldSpec, ...]
    """Header fields, those of the parties among them."""
    lines: tuple[FieldSpec, ...]
    holder: str
    """Party role whose goods the document moves; empty for none."""
    counterparty: str
    filed_by: frozenset[str]
    initial: str
    states: tuple[str, ...]
    final: frozenset[str]
    pending: frozenset[str]
    """States in which goods may yet move on this document's strength: its parties are asked about again when a list
    changes."""
    frozen: tuple[str, ...]
    """Header fields a correction cannot change."""
    corrected_in: frozenset[str]
    correction_not_before: str
    relates_to: str
    """Header field that names the document this one belongs to."""
    on_file: Transition
    then: str
    """Transition taken at once after filing, unless the document is filed as a draft."""
    transitions: tuple[Transition, ...]
    deadlines: tuple[Deadline, ...]
    routine_reasons: frozenset[str] = frozenset()
    """Reasons for which unlisted goods need no second person."""
    consumed_for: frozenset[str] = frozenset()
    """Reasons that count as consumption; any other is a loss."""

    def transition(self, name: str, state: str, header: Mapping[str, Any]) -> Transition | None:
        """The arrow of that name open in that state for that document, or None."""
        for arrow in self.transitions:
            if arrow.name == name and state in arrow.sources and _applies(arrow, header):
                return arrow
        return None

    def open_transitions(self, state: str, header: Mapping[str, Any]) -> list[Transition]:
        """Every arrow that leaves the state for that document."""
        return [arrow for arrow in self.transitions if state in arrow.sources and _applies(arrow, header)]

    def deadline(self, state: str) -> Deadline | None:
        """The deadline that runs in a state, or None."""
        return next((deadline for deadline in self.deadlines if state in deadline.states), None)


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Everything Keruen knows of one jurisdiction's papers."""

    id: str
    edition: str
    jurisdiction: str
    union: str
    currency: str
    languages: tuple[str, ...]
    working_days: frozenset[int]
    holidays: frozenset[str]
    """`MM-DD` for a yearly day, `YYYY-MM-DD` for one of one year."""
    envelope: tuple[FieldSpec, ...]
    action_header: tuple[FieldSpec, ...]
    action_lines: tuple[FieldSpec, ...]
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    def kind(self, name: str) -> Kind:
        """The kind of that name.

        Raises:
            InvalidInput: The profile has no such kind; the message lists those it has.
        """
        found = self.kinds.get(name)
        if found is None:
            raise InvalidInput(
                f"no document kind {name!r} in profile {self.id}; it has {', '.join(sorted(self.kinds))}",
                code="unknown_kind",
                found=name,
                expected=", ".join(sorted(self.kinds)),
            )
        return found


def parse_profile(data: Mapping[str, Any]) -> Profile:
    """Read a profile from its parsed TOML.

    Raises:
        InvalidInput: A key is missing, or names a field, state, role, effect or kind that does not exist.
    """
    for name in ("profile", "fields", "party", "kinds", "envelope", "action"):
        if name not in data:
            raise _wrong("top", f"the table [{name}] is missing")
    specs = {name: _field(name, raw) for name, raw in data["fields"].items()}
    about = data["profile"]
    party = data["party"]
    kinds = {name: _kind_or_place(name, raw, specs, party, data.get("review")) for name, raw in data["kinds"].items()}
    for kind in kinds.values():
        for arrow in kind.transitions:
            for other, name in arrow.cascade.items():
                if other not in kinds or all(name != there.name for there in kinds[other].transitions):
                    raise _wrong(kind.name, f"cascade names {other}.{name}, which does not exist")
    return Profile(
        id=about["id"],
        edition=about["edition"],
        jurisdiction=about["jurisdiction"],
        union=about["union"],
        currency=about["currency"],
        languages=tuple(about["languages"]),
        working_days=frozenset(about["working_days"]),
        holidays=frozenset(about["holidays"]),
        envelope=tuple(_named(name, specs, "envelope") for name in data["envelope"]["fields"]),
        action_header=tuple(_named(name, specs, "action") for name in data["action"]["header"]),
        action_lines=tuple(_named(name, specs, "action") for name in data["action"]["lines"]),
        kinds=kinds,
    )


def _applies(arrow: Transition, header: Mapping[str, Any]) -> bool:
    return all(header.get(name) in values for name, values in arrow.when.items())


def _wrong(where: str, what: str) -> InvalidInput:
    return InvalidInput(f"profile, {where}: {what}", code="profile", where=where, what=what)


def _field(name: str, raw: Mapping[str, Any]) -> FieldSpec:
    if raw["type"] not in FIELD_TYPES:
        raise _wrong(f"field {name}", f"type {raw['type']!r} is none of {', '.join(sorted(FIELD_TYPES))}")
    return FieldSpec(name, raw["type"], min=raw.get("min"), max=raw.get("max"), values=tuple(raw.get("values", ())))


def _named(name: str, specs: Mapping[str, FieldSpec], where: str) -> FieldSpec:
    bare = name.removesuffix("!")
    if bare not in specs:
        raise _wrong(where, f"field {bare!r} is not in [fields]")
    spec = specs[bare]
    return FieldSpec(bare, spec.type, name.endswith("!"), spec.min, spec.max, spec.values)


def _party_fields(role: str, required: bool, party: Mapping[str, Any]) -> list[FieldSpec]:
    fields = []
    for part in (*party["required"], *party["optional"]):
        kind, longest = {"id": ("party_id", 40), "country": ("country", None)}.get(part, ("text", 300))
        fields.append(FieldSpec(f"{role}_{part}", kind, required and part in party["required"], max=longest))
    return fields


def _arrow(kind: str, raw: Mapping[str, Any], states: tuple[str, ...], roles: frozenset[str]) -> Transition:
    name = raw.get("name", "file")
    effect, decide = raw.get("effect", "none"), raw.get("decide", "")
    if effect not in EFFECTS:
        raise _wrong(kind, f"transition {name}: effect {effect!r} is none of {', '.join(sorted(EFFECTS))}")
    if decide not in DECISIONS:
        raise _wrong(kind, f"transition {name}: decision {decide!r} is none of {', '.join(sorted(DECISIONS - {''}))}")
    for state in (*raw.get("from", ()), raw["to"]):
        if state not in states:
            raise _wrong(kind, f"transition {name}: state {state!r} is not in its states")
    for role in raw.get("by", ()):
        if role not in roles:
            raise _wrong(kind, f"transition {name}: {role!r} is neither a party nor {', '.join(sorted(OUTSIDERS))}")
    if "system" in raw.get("by", ()) and effect not in CLOCK_EFFECTS:
        raise _wrong(kind, f"transition {name}: the clock may not {effect}, only {', '.join(sorted(CLOCK_EFFECTS))}")
    return Transition(
        name,
        frozenset(raw.get("from", ())),
        raw["to"],
        frozenset(raw.get("by", ())),
        {key: tuple(values) for key, values in raw.get("when", {}).items()},
        effect,
        decide,
        raw.get("second_person", False),
        raw.get("reason", False),
        dict(raw.get("cascade", {})),
    )


def _kind_or_place(
    name: str,
    raw: Mapping[str, Any],
    specs: Mapping[str, FieldSpec],
    party: Mapping[str, Any],
    review: Mapping[str, Any] | None,
) -> Kind:
    try:
        return _kind(name, raw, specs, party, review)
    except KeyError as error:
        raise _wrong(name, f"the key {error.args[0]!r} is missing") from error


def _check_names(
    kind: str, raw: Mapping[str, Any], roles: frozenset[str], known: frozenset[str], arrows: Iterable[Transition]
) -> None:
    """Refuse a name that means nothing: it would fail at the border, or never apply and nobody would know."""
    states = frozenset(raw["states"])
    parties = {role.removesuffix("!") for role in raw["parties"]}
    deadlines = raw.get("deadlines", ())
    then = raw["on_file"].get("then", "")
    for what, found, allowed, meaning in (
        ("final", raw["final"], states, "one of its states"),
        ("corrected_in", raw.get("corrected_in", ()), states, "one of its states"),
        ("filed_by", raw["filed_by"], roles, "a party or " + ", ".join(sorted(OUTSIDERS))),
        ("frozen", raw.get("frozen", ()), known, "a header field"),
        ("holder", filter(None, [raw.get("holder", "")]), parties, "one of its parties"),
        ("counterparty", filter(None, [raw.get("counterparty", "")]), parties, "one of its parties"),
        ("deadline", (state for each in deadlines for state in each["in"]), states, "one of its states"),
        ("deadline", (each["field"] for each in deadlines if each.get("field")), known, "a header field"),
        ("on_file then", filter(None, [then]), {arrow.name for arrow in arrows}, "one of its transitions"),
        ("when", (name for arrow in arrows for name in arrow.when), known, "a header field"),
    ):
        for name in found:
            if name not in allowed:
                raise _wrong(kind, f"{what} names {name!r}, which is not {meaning}")
    for arrow in arrows:
        if arrow.decide and ("held" not in states or not states & REFUSED_STATES):
            raise _wrong(
                kind,
                f"transition {arrow.name} decides, but its states lack 'held' and one of "
                f"{', '.join(sorted(REFUSED_STATES))}",
            )
        if arrow.effect in OF_A_HOLDER and not raw.get("holder"):
            raise _wrong(kind, f"transition {arrow.name}: effect {arrow.effect!r} needs a holder")
        if arrow.effect == "move" and not raw.get("counterparty"):
            raise _wrong(kind, "transition " + arrow.name + ": effect 'move' needs a counterparty")


def _review(states: tuple[str, ...], raw: Mapping[str, Any]) -> Transition:
    """The arrow by which an officer says that what was up for attention was looked at.

    It is not open where an answer is owed: a held document leaves the queue by a decision alone.
    """
    sources = frozenset(states) - {"held", "draft"}
    return Transition("review", sources, "", frozenset(raw["by"]), {}, "none", "", False, True, {})


RESCREEN: Final = "rescreen"
"""The arrow by which the system says that a list changed and a party of a pending document may be on it now."""


def _rescreen(kind: str, pending: frozenset[str], states: tuple[str, ...]) -> Transition:
    """That arrow. It leads nowhere and moves no goods; it brings the document before an officer."""
    if unknown := sorted(pending - set(states)):
        raise _wrong(kind, f"pending names {unknown[0]!r}, which is not a state")
    return Transition(RESCREEN, pending, "", frozenset({"system"}), {}, "none", "", False, False, {})


def _kind(
    name: str,
    raw: Mapping[str, Any],
    specs: Mapping[str, FieldSpec],
    party: Mapping[str, Any],
    review: Mapping[str, Any] | None,
) -> Kind:
    parties = tuple((role.removesuffix("!"), role.endswith("!")) for role in raw["parties"])
    roles = frozenset(role for role, _ in parties) | OUTSIDERS
    states = tuple(raw["states"])
    header = [_named(each, specs, name) for each in raw["header"]]
    for role, required in parties:
        header += _party_fields(role, required, party)
    known = {spec.name for spec in header}
    for key in ("relates_to", "correction_not_before"):
        if raw.get(key, "") and raw[key] not in known:
            raise _wrong(name, f"{key} names {raw[key]!r}, which is not a header field")
    if raw["initial"] not in states:
        raise _wrong(name, f"initial state {raw['initial']!r} is not in its states")
    on_file = _arrow(name, {"to": raw["initial"], **raw["on_file"]}, states, roles)
    transitions = tuple(_arrow(name, each, states, roles) for each in raw["transitions"])
    _check_names(name, raw, roles, frozenset(known), (on_file, *transitions))
    if review is not None:
        transitions = (*transitions, _review(states, review))
    pending = frozenset(raw.get("pending", ()))
    if pending:
        transitions = (*transitions, _rescreen(name, pending, states))
    deadlines = tuple(
        Deadline(
            frozenset(each["in"]),
            each.get("days"),
            each.get("working_days"),
            each.get("field", ""),
            each.get("then", ""),
        )
        for each in raw.get("deadlines", ())
    )
    for deadline in deadlines:
        if deadline.then and all(
            not (arrow.name == deadline.then and "system" in arrow.by and deadline.states & arrow.sources)
            for arrow in transitions
        ):
            raise _wrong(name, f"the clock may not take {deadline.then!r}: no such transition by system")
    return Kind(
        name=name,
        parties=parties,
        header=tuple(header),
        lines=tuple(_named(each, specs, name) for each in raw["lines"]),
        holder=raw.get("holder", ""),
        counterparty=raw.get("counterparty", ""),
        filed_by=frozenset(raw["filed_by"]),
        initial=raw["initial"],
        states=states,
        final=frozenset(raw["final"]),
        pending=pending,
        frozen=tuple(raw.get("frozen", ())),
        corrected_in=frozenset(raw.get("corrected_in", ())),
        correction_not_before=raw.get("correction_not_before", ""),
        relates_to=raw.get("relates_to", ""),
        on_file=on_file,
        then=raw["on_file"].get("then", ""),
        transitions=transitions,
        deadlines=deadlines,
        routine_reasons=frozenset(raw.get("routine_reasons", ())),
        consumed_for=frozenset(raw.get("consumed_for", ())),
    )
