from __future__ import annotations

import json
from typing import Any

from keruen.simulate import score, score_schemes


def an_instance(
    scheme: str = "resale_chain", stop: tuple[str, ...] = ("APP-1",), *, findable: bool = True
) -> dict[str, Any]:
    return {
        "scheme": scheme,
        "id": f"{scheme}-1",
        "findable": findable,
        "documents": ["SNT-1", *stop],
        "cover": ["DT-9"],
        "actions": [],
        "should_stop": list(stop),
    }


def a_result(
    document: str, channel: str = "green", state: str = "approved", findings: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {"document_id": document, "channel": channel, "state": state, "findings": list(findings)}


def test_one_stopped_document_finds_the_instance() -> None:
    truth = {"instances": [an_instance(stop=("APP-1", "APP-2"))]}
    found = score_schemes(truth, [a_result("APP-1"), a_result("APP-2", "refuse", "refused", ("made_where_barred",))])
    assert found["schemes"]["resale_chain"] == {
        "instances": 1,
        "findable": 1,
        "found": 1,
        "pointed_out": 1,
        "missed": 0,
        "found_not_findable": 0,
    }


def test_a_document_never_seen_is_missed() -> None:
    assert score_schemes({"instances": [an_instance()]}, [])["schemes"]["resale_chain"]["missed"] == 1


def test_a_hold_that_everyone_gets_finds_but_does_not_point_out() -> None:
    row = score_schemes({"instances": [an_instance()]}, [a_result("APP-1", "yellow", "held", ("listed_goods",))])
    assert (row["total"]["found"], row["total"]["pointed_out"]) == (1, 0)


def test_stopping_another_document_of_the_scheme_is_no_find() -> None:
    row = score_schemes({"instances": [an_instance()]}, [a_result("SNT-1", "red", "held", ("x",)), a_result("APP-1")])
    assert row["total"]["found"] == 0


def test_an_overdue_expectation_counts_as_stopped() -> None:
    truth = {"instances": [an_instance("false_transit", ("PEN-1",))]}
    assert score_schemes(truth, [a_result("PEN-1", "", "overdue")])["total"]["found"] == 1


def test_what_cannot_be_found_is_never_missed() -> None:
    total = score_schemes({"instances": [an_instance(findable=False)]}, [a_result("APP-1")])["total"]
    assert (total["findable"], total["missed"]) == (0, 0)


def test_honest_holds_are_routine_or_false() -> None:
    results = [
        a_result("WO-5", "yellow", "held"),
        a_result("APP-5", "yellow", "held", ("listed_goods",)),
        a_result("APP-6", "refuse", "refused", ("origin_differs",)),
        a_result("SNT-5"),
        a_result("SNT-6", "red", "held"),
        a_result("DT-5"),
        a_result("DT-9", "yellow"),
    ]
    honest = score_schemes({"instances": [an_instance()]}, results)["honest"]
    assert honest == {"decided": 5, "routine_holds": 2, "false_holds": 2, "false_holds_per_1000": 400.0}


def test_findings_may_be_codes_or_mappings_and_the_answer_is_json() -> None:
    result = {**a_result("APP-1", "yellow", "held"), "findings": [{"code": "shared_phone"}]}
    truth = {"instances": [an_instance()]}
    assert json.loads(json.dumps(score_schemes(truth, [result])))["total"]["pointed_out"] == 1
    assert score(truth, [result])[-1]["scheme"] == "total"
