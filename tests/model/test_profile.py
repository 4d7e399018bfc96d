"""A profile is data: another country's papers run through the same code; a contradictory one is refused at load."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal is compared with the whole number it should be.

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from builders import IMPORTER, NOON, OFFICER, TRADER, TestClock, a_document, act, filed, filer, party
from keruen.errors import InvalidInput
from keruen.model.outcome import Verdict
from keruen.model.profile import parse_profile
from keruen.profiles import load
from keruen.store.memory import MemoryStore
from keruen.workflow.submit import Office, submit

ATOLL = """
[profile]
id = "at"
edition = "1"
jurisdiction = "AT"
union = ""
currency = "USD"
languages = ["en"]
working_days = [0, 1, 2, 3, 4, 5]
holidays = []

[fields]
id = { type = "document_id" }
version = { type = "integer", min = 1, max = 99 }
issued_on = { type = "date" }
line = { type = "integer", min = 1, max = 99 }
commodity_code = { type = "commodity_code" }
description = { type = "text", max = 80 }
quantity = { type = "quantity" }
unit = { type = "unit" }
lot = { type = "lot_ref" }
ferry = { type = "text", max = 20 }
document = { type = "document_ref" }
transition = { type = "text", max = 20 }

[party]
required = ["id", "name", "country"]
optional = []

[envelope]
fields = []

[action]
header = ["id!", "document!", "transition!"]
lines = ["line!", "quantity!"]

[kinds.entry_declaration]
parties = ["owner!"]
header = ["id!", "version", "issued_on!"]
lines = ["line!", "commodity_code!", "description!", "quantity!", "unit!"]
holder = "owner"
filed_by = ["owner"]
initial = "ashore"
states = ["ashore"]
final = ["ashore"]
on_file = { effect = "birth" }
transitions = []

[kinds.canoe_slip]
parties = ["giver!", "taker!"]
header = ["id!", "version", "issued_on!", "ferry!"]
lines = ["line!", "commodity_code!", "quantity!", "unit!", "lot"]
holder = "giver"
counterparty = "taker"
filed_by = ["giver"]
initial = "beached"
states = ["beached", "paddling", "landed", "sunk"]
final = ["landed", "sunk"]
frozen = ["taker_id"]
corrected_in = ["paddling"]
on_file = { then = "push_off" }
transitions = [
  { name = "push_off", from = ["beached"], to = "paddling", by = ["giver"], effect = "reserve" },
  { name = "land", from = ["paddling"], to = "landed", by = ["taker"], effect = "move" },
  { name = "sink", from = ["paddling"], to = "sunk", by = ["system"], effect = "unreserve", reason = true },
]
deadlines = [{ in = ["paddling"], days = 2, then = "sink" }]
"""


def atoll() -> dict[str, Any]:
    return tomllib.loads(ATOLL)


def test_another_country_s_papers_run_through_the_same_code() -> None:
    clock = TestClock()
    office = Office(MemoryStore(), parse_profile(atoll()), clock, lambda: b"s" * 16)
    line = {"commodity_code": "8542311000", "description": "shells", "quantity": Decimal(10), "unit": "H87"}
    slip = a_document(
        "canoe_slip",
        "CS-1",
        [{**line, "quantity": Decimal(4)}],
        ferry="Hina",
        **party("giver", IMPORTER),
        **party("taker", TRADER),
    )
    outcomes = submit(
        office,
        [
            filed(a_document("entry_declaration", "E-1", [line], **party("owner", IMPORTER)), filer(IMPORTER)),
            filed(slip, filer(IMPORTER)),
            act("CS-1", "land", filer(TRADER)),
        ],
    )
    assert [(each.verdict, each.state) for each in outcomes] == [
        (Verdict.ACCEPTED, "ashore"),
        (Verdict.ACCEPTED, "paddling"),
        (Verdict.ACCEPTED, "landed"),
    ]
    assert [(row.holder, row.free) for row in office.store.balances_of(["E-1/1"])] == [
        (IMPORTER, 6),
        (TRADER, 4),
    ]
    submit(office, [filed(slip._replace(id="CS-2"), filer(IMPORTER))])
    store = office.store
    assert isinstance(store, MemoryStore)
    clock.advance(days=2)
    (late,) = store.due(clock.now, 10)
    assert (late.document_id, late.transition) == ("CS-2", "sink")
    refused = submit(office, [filed(a_document("waybill", "WB-1", []), OFFICER)])[0]
    assert refused.problem is not None
    assert refused.problem.text == ("no document kind 'waybill' in profile at; it has canoe_slip, entry_declaration")


def at(data: dict[str, Any], *path: Any) -> Any:
    for key in path:
        data = data[key]
    return data


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Change one place: all but the last of the path lead there."""

    def change(data: dict[str, Any]) -> None:
        at(data, *path[:-2])[path[-2]] = path[-1]

    return change


def drop(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        del at(data, *path[:-1])[path[-1]]

    return change


SLIP = ("kinds", "canoe_slip")
ARROWS = (*SLIP, "transitions")
CONTRADICTIONS: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (put("fields", "ferry", "type", "boat"), "profile, field ferry: type 'boat' is none of"),
    (put(*SLIP, "header", ["id!", "oars"]), "profile, canoe_slip: field 'oars' is not in [fields]"),
    (put(*SLIP, "lines", ["line!", "oars"]), "profile, canoe_slip: field 'oars' is not in [fields]"),
    (put("envelope", "fields", ["oars"]), "profile, envelope: field 'oars' is not in [fields]"),
    (put("action", "header", ["oars"]), "profile, action: field 'oars' is not in [fields]"),
    (put(*SLIP, "initial", "lost"), "profile, canoe_slip: initial state 'lost' is not in its states"),
    (put(*SLIP, "final", ["lost"]), "profile, canoe_slip: final names 'lost', which is not one of its states"),
    (
        put(*SLIP, "corrected_in", ["lost"]),
        "profile, canoe_slip: corrected_in names 'lost', which is not one of its states",
    ),
    (put(*SLIP, "filed_by", ["pirate"]), "profile, canoe_slip: filed_by names 'pirate', which is not a party or"),
    (put(*SLIP, "frozen", ["oars"]), "profile, canoe_slip: frozen names 'oars', which is not a header field"),
    (put(*SLIP, "relates_to", "oars"), "profile, canoe_slip: relates_to names 'oars', which is not a header field"),
    (put(*SLIP, "correction_not_before", "oars"), "profile, canoe_slip: correction_not_before names 'oars'"),
    (put(*SLIP, "holder", "pirate"), "profile, canoe_slip: holder names 'pirate', which is not one of its parties"),
    (put(*SLIP, "counterparty", "pirate"), "profile, canoe_slip: counterparty names 'pirate'"),
    (drop(*SLIP, "holder"), "profile, canoe_slip: transition push_off: effect 'reserve' needs a holder"),
    (drop(*SLIP, "counterparty"), "profile, canoe_slip: transition land: effect 'move' needs a counterparty"),
    (
        put(*SLIP, "on_file", "then", "fly"),
        "profile, canoe_slip: on_file then names 'fly', which is not one of its transitions",
    ),
    (put(*ARROWS, 0, "effect", "vanish"), "profile, canoe_slip: transition push_off: effect 'vanish' is none of"),
    (put(*ARROWS, 0, "decide", "toss"), "profile, canoe_slip: transition push_off: decision 'toss' is none of"),
    (
        put(*ARROWS, 0, "decide", "second_person"),
        "profile, canoe_slip: transition push_off decides, but its states lack 'held' and one of",
    ),
    (put(*ARROWS, 0, "to", "lost"), "profile, canoe_slip: transition push_off: state 'lost' is not in its states"),
    (put(*ARROWS, 0, "from", ["lost"]), "profile, canoe_slip: transition push_off: state 'lost' is not in its states"),
    (put(*ARROWS, 0, "by", ["pirate"]), "profile, canoe_slip: transition push_off: 'pirate' is neither a party nor"),
    (put(*ARROWS, 0, "when", {"oars": ["two"]}), "profile, canoe_slip: when names 'oars', which is not a header field"),
    (put(*ARROWS, 1, "by", ["system"]), "profile, canoe_slip: transition land: the clock may not move"),
    (
        put(*ARROWS, 1, "cascade", {"invoice": "cancel"}),
        "profile, canoe_slip: cascade names invoice.cancel, which does not exist",
    ),
    (put(*SLIP, "deadlines", 0, "then", "land"), "profile, canoe_slip: the clock may not take 'land'"),
    (put(*SLIP, "deadlines", 0, "in", ["lost"]), "profile, canoe_slip: "),
    (put(*SLIP, "deadlines", 0, "field", "oars"), "profile, canoe_slip: deadline names 'oars'"),
    (drop(*SLIP, "states"), "profile, canoe_slip: the key 'states' is missing"),
    (drop(*ARROWS, 0, "to"), "profile, canoe_slip: the key 'to' is missing"),
    (drop("party"), "profile, top: the table [party] is missing"),
    (drop("kinds"), "profile, top: the table [kinds] is missing"),
]


@pytest.mark.parametrize(("change", "text"), CONTRADICTIONS, ids=[text[9:70] for _, text in CONTRADICTIONS])
def test_a_profile_that_contradicts_itself_is_refused_and_the_place_named(
    change: Callable[[dict[str, Any]], None], text: str
) -> None:
    data = copy.deepcopy(atoll())
    change(data)
    with pytest.raises(InvalidInput) as caught:
        parse_profile(data)
    assert caught.value.text.startswith(text)


def test_the_shipped_profile_and_the_small_one_load() -> None:
    assert load("kz").id == "kz"
    assert parse_profile(atoll()).kind("canoe_slip").deadline("paddling") is not None
    assert NOON.tzinfo is not None
