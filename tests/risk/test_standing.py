"""Which models rank just now: taken up when promoted, refused when they are not what was promoted, rolled back."""

from __future__ import annotations

import json
import logging
from dataclasses import replace as dataclass_replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from typer.testing import CliRunner

from builders import CABLE, an_entry, filed, made, one, shipped_rules
from keruen.compose import CHECK_S, CurrentRanks
from keruen.errors import IntegrityFailure, NotFound
from keruen.faces.cli.app import app, use
from keruen.risk import live
from keruen.risk.live import GIVEN
from keruen.risk.model import Model
from keruen.settings import Settings
from keruen.store.risk_models import RiskModels
from keruen.workflow.submit import Office
from rankings import a_model, an_export, facts_of, history

if TYPE_CHECKING:
    from keruen.store.postgres import PostgresStore


@pytest.fixture
def models(tmp_path: Path) -> RiskModels:
    found = RiskModels(tmp_path)
    found.keep(a_model(), "first")
    found.keep(a_model("second", count=320), "second")
    return found


def asked(ranks: CurrentRanks) -> dict[str, str]:
    """Names of the models that rank, asked after the time in which they are not looked for again."""
    ranks.checked -= CHECK_S
    ranking = ranks()
    found = ranking._asdict() if ranking is not None else {}
    return {role: ranker.model.data["name"] for role, ranker in found.items() if ranker is not None}


def promote(models: RiskModels, name: str, **parts: Any) -> None:
    models.promote(name, by="ann", reviewed_by="ben", **parts)


def test_nothing_ranks_until_a_model_is_promoted_and_then_it_does_and_back_again(models: RiskModels) -> None:
    ranks = CurrentRanks(models.folder)
    assert asked(ranks) == {}
    promote(models, "first")
    assert ranks() is None, "it is looked for again after some seconds"
    assert asked(ranks) == {"champion": "first"}
    promote(models, "second", challenger=True)
    assert asked(ranks) == {"champion": "first", "challenger": "second"}
    promote(models, "second")
    assert asked(ranks) == {"champion": "second"}
    models.roll_back(by="ann", reviewed_by="ben")
    assert asked(ranks) == {"champion": "first"}
    models.retire(by="ann")
    assert asked(ranks) == {}


def tamper(path: Path) -> None:
    """Lower the threshold and leave the hash."""
    data = orjson.loads(path.read_bytes())
    data["threshold"] = 0.0
    path.write_bytes(orjson.dumps(data))


def test_a_tampered_file_is_refused_and_the_last_good_one_goes_on(
    models: RiskModels, caplog: pytest.LogCaptureFixture
) -> None:
    ranks = CurrentRanks(models.folder)
    promote(models, "first")
    assert asked(ranks) == {"champion": "first"}
    promote(models, "second")
    tamper(models.folder / "second.json")
    with caplog.at_level(logging.ERROR):
        assert asked(ranks) == {"champion": "first"}
    assert "is refused" in caplog.text
    # A process that begins now has no last good one: it ranks nothing, and documents go on being filed.
    assert asked(CurrentRanks(models.folder)) == {}


def test_another_model_under_the_name_that_was_promoted_is_refused(models: RiskModels) -> None:
    promote(models, "first")
    (models.folder / "first.json").write_bytes(a_model("first", count=320).as_bytes())
    with pytest.raises(IntegrityFailure, match="not the one that was promoted"):
        models.standing("champion")
    assert asked(CurrentRanks(models.folder)) == {}


def test_a_model_of_another_form_or_other_features_is_refused(
    models: RiskModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(models, "first")
    ranks = CurrentRanks(models.folder)
    assert asked(ranks) == {"champion": "first"}
    promote(models, "second")
    data = {**a_model("second", count=320).data, "format": 99}
    (models.folder / "second.json").write_bytes(orjson.dumps(data))
    assert asked(ranks) == {"champion": "first"}
    # The next version of the program declares other features: a model of these ones ranks nothing there.
    other = live.declared()._replace(edition="2030-01-01")
    monkeypatch.setattr(live, "declared", lambda: other)
    models.roll_back(by="ann", reviewed_by="ben")
    assert asked(CurrentRanks(models.folder)) == {}


def test_an_unreadable_state_leaves_the_last_good_ones(models: RiskModels) -> None:
    promote(models, "first")
    ranks = CurrentRanks(models.folder)
    assert asked(ranks) == {"champion": "first"}
    (models.folder / "state.json").write_bytes(b"{")
    assert asked(ranks) == {"champion": "first"}


def test_what_was_never_promoted_does_not_stand(models: RiskModels) -> None:
    assert models.standing("champion") is None
    state = {"champion": "first", "challenger": "", "history": []}
    (models.folder / "state.json").write_bytes(orjson.dumps(state))
    with pytest.raises(IntegrityFailure):
        models.standing("champion")
    (models.folder / "state.json").write_bytes(orjson.dumps(state | {"champion": "gone"}))
    with pytest.raises(NotFound):
        models.standing("champion")


def test_a_refused_model_leaves_the_score_unknown_and_filing_goes_on(models: RiskModels, office: Office) -> None:
    promote(models, "first")
    tamper(models.folder / "first.json")
    judged = dataclass_replace(office, rules=shipped_rules, ranks=CurrentRanks(models.folder))
    one(judged, filed(an_entry("ED-1", made("100", CABLE))))
    outcome = one(judged, filed(an_export("WB-1")))
    assert outcome.channel == "green"
    assert (
        "ranked_high" in next(each for each in outcome.findings if each.code == "rules_not_evaluated").params["rules"]
    )
    assert not GIVEN & facts_of(judged, "WB-1").keys()


@pytest.mark.postgres
def test_the_commands_train_on_decisions_promote_report_and_roll_back(
    postgres: PostgresStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keruen.store.cases import PostgresCases
    from keruen.store.postgres import PostgresStore as Store

    decided, labels = history()
    monkeypatch.setattr(Store, "decided", lambda _self, _since: iter(decided))
    monkeypatch.setattr(PostgresCases, "labels", lambda _self: iter(labels))
    use(settings)
    run = CliRunner().invoke

    def said(*words: str) -> Any:
        done = run(app, ["risk", *words])
        assert done.exit_code == 0, (done.output, repr(done.exception))
        return json.loads(done.stdout) if "--json" in words else done.stdout

    trained = said("train", "--decisions", "--name", "live-1", "--json")
    assert trained["decisions"]["learnt_from"] == 200
    assert trained["decisions"]["not_looked_at"] == 200
    assert "No label: 160 that nob" in said("train", "--decisions", "--name", "live-2", "--until", "2024-11-20")
    assert said("report", "--decisions", "--json")["models"]["champion"]["model"] == "live-2"
    said("promote", "live-1", "--by", "ann", "--reviewed-by", "ben")
    said("promote", "live-2", "--by", "ann", "--challenger")
    found = said("report", "--decisions", "--since", "2024-11-21", "--json")
    assert {name: each["model"] for name, each in found["models"].items()} == {
        "champion": "live-1",
        "challenger": "live-2",
    }
    assert "champion live-1: known outcomes" in said("report", "--decisions")
    said("promote", "live-2", "--by", "ann", "--reviewed-by", "ben")
    assert "champion live-1" in said("rollback", "--decisions", "--by", "ann", "--reviewed-by", "ben")
    assert said("list", "--json")["decisions"]["champion"] == "live-1"
    tried = run(app, ["rules", "backtest", "shipped", "--model", "live-1", "--cores", "1", "--json"])
    assert tried.exit_code == 0, repr(tried.exception)
    assert "champion none" in said("retire", "--decisions", "--by", "ann")
    both = run(app, ["risk", "report", "--json"])
    assert "not both" in str(both.exception)
    Model.from_bytes((settings.home / "risk" / "decisions" / "live-1.json").read_bytes())
