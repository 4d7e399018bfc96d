"""Rank documents as they are decided: the facts a model looks at, and what it says of one document.

The features are declared in `live.toml`, by name and edition. A fact that is not known is a missing value of its
feature; the trees learn where such documents belong, and nothing is guessed. A score and its reasons become facts
themselves: they are recorded with the decision, so that it can be given again without the model.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from keruen.errors import InvalidInput
from keruen.model.fact import Facts, FactValue

if TYPE_CHECKING:
    from keruen.risk.model import Model

LANGUAGES: Final = ("kk", "ru", "en")
REASONS: Final = 5
SCORE, ABOVE, WHY = "risk_score", "risk_above_threshold", "risk_reasons"
GIVEN: Final = frozenset({SCORE, ABOVE, *(f"{WHY}_{lang}" for lang in LANGUAGES)})
"""Facts that a model supplies."""


class Feature(NamedTuple):
    """One number a model sees of a document.

    `order` places the values of a text; `holds` is what is looked for in a list; without either the fact is a number,
    or yes and no.
    """

    name: str
    fact: str
    order: tuple[str, ...]
    holds: str
    words: Mapping[str, str]

    def value(self, facts: Facts) -> float:
        """Its value; not a number where the fact is not known."""
        known = facts.get(self.fact)
        if known is None:
            return math.nan
        if self.holds:
            return float(isinstance(known, (tuple, list)) and self.holds in known)
        if self.order:
            return float(self.order.index(known)) if known in self.order else math.nan
        return float(known)  # type: ignore[arg-type]


class Declared(NamedTuple):
    """The features that are declared, and the kinds of documents that are ranked."""

    name: str
    edition: str
    kinds: frozenset[str]
    features: tuple[Feature, ...]
    words: Mapping[str, Mapping[str, str]]
    sha256: str
    """Of all that changes a number."""

    @property
    def version(self) -> str:
        """As models name it."""
        return f"{self.name} {self.edition} {self.sha256[:12]}"

    def vector(self, facts: Facts) -> list[float]:
        """Features of one document, in order."""
        return [feature.value(facts) for feature in self.features]


@cache
def declared() -> Declared:
    """The features that come with this version."""
    return read((resources.files(__package__) / "live.toml").read_text(encoding="utf-8"))


def read(text: str) -> Declared:
    """Features from their file."""
    data = tomllib.loads(text)
    features = tuple(
        Feature(
            name,
            row.get("fact", name),
            tuple(row.get("order", ())),
            row.get("holds", ""),
            {lang: row[lang] for lang in LANGUAGES},
        )
        for name, row in data["features"].items()
    )
    hashed = [data["name"], data["edition"], sorted(data["kinds"]), [feature[:4] for feature in features]]
    return Declared(
        data["name"],
        data["edition"],
        frozenset(data["kinds"]),
        features,
        data["words"],
        hashlib.sha256(orjson.dumps(hashed)).hexdigest(),
    )


def kind_of(facts: Facts) -> str:
    """What a document is, as rules and models name it: `export_application`, `waybill/export`."""
    movement = facts.get("movement")
    return f"{facts.get('kind', '')}/{movement}" if movement else str(facts.get("kind", ""))


class Ranker:
    """One model, ready to rank.

    Raises:
        InvalidInput: It was trained on other features than those declared here.
    """

    def __init__(self, model: Model, features: Declared | None = None) -> None:
        self.features = features or declared()
        if model.schema.name != self.features.version:
            raise InvalidInput(
                f"the model looks at {model.schema.name}, this version supplies {self.features.version}: train it anew",
                code="risk_model_features",
            )
        self.model = model
        self.threshold = model.threshold
        needs = set(model.data["needs"])
        self.needs = tuple(at for at, feature in enumerate(self.features.features) if feature.name in needs)

    @property
    def version(self) -> str:
        """As decisions name it."""
        return f"{self.model.data['name']} {self.model.sha256[:12]}"

    def score(self, facts: Facts) -> float | None:
        """Risk of a document, nought to one.

        None for kinds that are not ranked, and where a fact is missing that never was before: the trees would read it
        as nought.
        """
        if kind_of(facts) not in self.features.kinds:
            return None
        return self.scores([facts])[0]

    def scores(self, several: Sequence[Facts]) -> list[float | None]:
        """Risk of many documents of ranked kinds at once; each the same as alone."""
        return self.of_vectors([self.features.vector(facts) for facts in several])

    def of_vectors(self, vectors: Sequence[Sequence[float]]) -> list[float | None]:
        """Risk of documents by their features."""
        # Threads cost more than a row takes.
        found = self.model.trees.predict(_table(vectors), num_threads=1) if len(vectors) else ()
        return [
            None if any(math.isnan(vector[at]) for at in self.needs) else round(float(score), 6)
            for vector, score in zip(vectors, found, strict=True)
        ]

    def record(self, score: float) -> dict[str, Any]:
        """What a decision keeps of this model."""
        return {
            "model": self.model.data["name"],
            "sha256": self.model.sha256,
            "data_sha256": self.model.data["data_sha256"],
            "threshold": self.threshold,
            "score": score,
        }

    def facts(self, facts: Facts, score: float | None, *, reasons: bool = True) -> dict[str, FactValue]:
        """What the model says of a document as facts; nothing where it says nothing."""
        if score is None:
            return {}
        found: dict[str, FactValue] = {SCORE: score, ABOVE: score >= self.threshold}
        if reasons and score >= self.threshold:
            found |= {f"{WHY}_{lang}": text for lang, text in self.reasons(facts).items()}
        return found

    def reasons(self, facts: Facts) -> dict[str, str]:
        """What raised the score most, in words (exact TreeSHAP); dear, so for selected documents only."""
        vector = self.features.vector(facts)
        shares = self.model.trees.predict(_table([vector]), pred_contrib=True, num_threads=1)[0]
        order = sorted(range(len(vector)), key=lambda at: (-float(shares[at]), at))
        raising = [at for at in order if shares[at] > 0][:REASONS]
        words = self.features.words
        return {
            lang: "; ".join(
                f"{self.features.features[at].words[lang]}: {self._said(self.features.features[at], facts, lang)}"
                for at in raising
            )
            or words["nothing"][lang]
            for lang in LANGUAGES
        }

    def _said(self, feature: Feature, facts: Facts, lang: str) -> str:
        known = facts.get(feature.fact)
        if known is None:
            return self.features.words["unknown"][lang]
        if feature.holds or isinstance(known, bool):
            return self.features.words["yes" if feature.value(facts) else "no"][lang]
        if isinstance(known, float):
            return f"{known:.4g}"
        return str(known) or self.features.words["none"][lang]


class Ranked(NamedTuple):
    """What the models say of one document."""

    facts: Mapping[str, FactValue]
    """Of the champion alone; empty where it says nothing."""
    record: Mapping[str, Any]
    """`champion` and `challenger`: model, its hash, its data's hash, threshold and score."""


NOTHING: Final = Ranked({}, {})


class Ranking(NamedTuple):
    """The model that ranks and one beside it without effect; either may be absent."""

    champion: Ranker | None = None
    challenger: Ranker | None = None

    def of(self, facts: Facts) -> Ranked:
        """Rank a document."""
        found: dict[str, FactValue] = {}
        record: dict[str, Any] = {}
        if self.champion is not None and (score := self.champion.score(facts)) is not None:
            found = self.champion.facts(facts, score)
            record["champion"] = self.champion.record(score)
        if self.challenger is not None and (score := self.challenger.score(facts)) is not None:
            record["challenger"] = self.challenger.record(score)
        return Ranked(found, record)

    @property
    def editions(self) -> dict[str, str]:
        """The models as decisions name them beside lists."""
        found = {"risk model": self.champion, "risk challenger": self.challenger}
        return {name: ranker.version for name, ranker in found.items() if ranker is not None}


def _table(vectors: Sequence[Sequence[float]]) -> Any:  # noqa: ANN401 - an array, without loading numpy where nothing ranks
    import numpy as np

    return np.asarray(vectors, dtype=np.float64)
