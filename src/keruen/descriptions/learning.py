"""Fit the trees that weigh likeness, from labelled texts alone: right headings against wrong ones drawn for them.

No list of misdeclared lines is needed. Every labelled text is taken under its own heading and under others: drawn by
how often headings occur, from its own chapter, and from goods that often serve as a cover. A text never sees itself,
and a part is fitted with its whole source left out, so that texts in an unknown style are judged with care.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from keruen.descriptions.plausibility import FEATURES, Floats, Index, Labelled, Reader, View, WordMixtures
from keruen.descriptions.words import clean
from keruen.errors import InvalidInput

COVERS: Final = ("9503", "8516", "8509", "9405", "3926", "7326", "8708", "8518", "8479", "6307", "4203", "8205")
"""Headings under which controlled goods are hidden; docs/descriptions.md."""
SEED: Final = 5
FOLDS: Final = 5
LEAST: Final = 200
"""Labelled texts to learn from at all."""
OWN: Final = 6_000
"""Texts of one source that see the others of it."""
HELD_OUT: Final = 10
"""One text in so many of an administration's own is kept apart to set the mark by."""
LEAST_HELD_OUT: Final = 200
"""Fewer set no mark."""
FALSE_ALARMS: Final = 0.005
"""Share of right lines above the mark: five in a thousand, so that with what other rules hold an officer's day is not
filled by it (docs/descriptions.md)."""
STRANGE: Final = 2_500
"""Texts of one source judged by the other sources only."""
PARAMETERS: Final[dict[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 31,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "seed": 3,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}


def learn(lines: Sequence[Labelled], *, rounds: int = 500, leaves: int = 31) -> Reader:
    """A reader over labelled texts, its trees fitted on them.

    Args:
        lines: At least 200; those of one source have one style.
        rounds: Trees.
        leaves: Most leaves of a tree.

    Raises:
        InvalidInput: There are too few.
    """
    if len(lines) < LEAST:
        raise InvalidInput(f"at least {LEAST} labelled texts are needed, there are {len(lines)}", code="few_lines")
    index = Index(lines)
    return Reader(index, trees(index, rounds=rounds, leaves=leaves))


class Mark(NamedTuple):
    """From which suspicion on an officer is asked, and on how many lines kept apart it was set."""

    mark: float
    false_alarms: float
    lines: int


def calibrate(
    shipped: Sequence[Labelled], own: Sequence[Labelled], *, rounds: int = 500, leaves: int = 31
) -> Mark | None:
    """The mark for lines like an administration's own; None where these are too few to set one.

    One text in ten is kept apart, with all lines of the very same text, and judged by a reader that never saw it:
    each line under the heading it was declared under. What is above the mark is a false alarm as often as the lines
    are rightly declared.
    """
    apart = [line for line in own if (text := clean(line.text)) and zlib.crc32(text.encode()) % HELD_OUT == 0]
    if len(apart) < LEAST_HELD_OUT:
        return None
    judged = {clean(line.text) for line in apart}
    reader = learn([line for line in (*shipped, *own) if clean(line.text) not in judged], rounds=rounds, leaves=leaves)
    apart = [line for line in apart if line.hs6[:4] in reader.index.place]
    found = reader.suspicion([line.text for line in apart], [line.hs6 for line in apart])
    return Mark(round(float(np.quantile(found, 1 - FALSE_ALARMS, method="higher")), 4), FALSE_ALARMS, len(apart))


def trees(index: Index, *, rounds: int, leaves: int) -> str:
    """The trees fitted on an index's own texts, as LightGBM writes them."""
    drawn = np.random.default_rng(SEED)
    sources = np.array([each.source for each in index.lines])
    names, counts = np.unique(sources, return_counts=True)
    parts: list[tuple[Floats, NDArray[np.int64], float]] = []
    whole = index.view
    for name, count in zip(names, counts, strict=True):
        members = np.flatnonzero(sources == name)
        # The largest source teaches most, but a small one of another style is heard too.
        weight = 1.0 if count == counts.max() else 0.6
        chosen = drawn.choice(members, min(OWN, len(members)), replace=False)
        texts, declared, wrong, at = _pairs(index, chosen, drawn)
        parts.append(
            (
                whole.features(texts, declared, without_self=True, words=_words_out_of_fold(index, texts, at)),
                wrong,
                weight,
            )
        )
        others = np.flatnonzero(sources != name)
        if len(others) >= LEAST and count >= LEAST:
            chosen = drawn.choice(members, min(STRANGE, len(members)), replace=False)
            texts, declared, wrong, _ = _pairs(index, chosen, drawn)
            parts.append((View(index, others).features(texts, declared), wrong, weight / 2))
    features = np.vstack([part[0] for part in parts])
    wrong = np.concatenate([part[1] for part in parts])
    # Three wrong headings stand for each right one.
    weights = np.concatenate([np.where(part[1] == 0, 3.0, 1.0) * part[2] for part in parts])
    # Imported here: it brings scikit-learn and SciPy, half of the time in which any command of ours starts.
    import lightgbm

    data = lightgbm.Dataset(features, wrong, weight=weights, feature_name=[f"f{at}" for at in range(len(FEATURES))])
    return str(lightgbm.train(PARAMETERS | {"num_leaves": leaves}, data, rounds).model_to_string())


def _pairs(
    index: Index, chosen: NDArray[np.int64], drawn: np.random.Generator
) -> tuple[list[str], list[int], NDArray[np.int64], NDArray[np.int64]]:
    """Each chosen text under its heading and under three wrong ones."""
    covers = [index.place[each] for each in COVERS if each in index.place]
    texts: list[str] = []
    declared: list[int] = []
    at: list[int] = []
    for place in chosen:
        right = int(index.owner[place])
        siblings = index.siblings[index.chapter[right]]
        frequent = index.owner[index.chapter[index.owner] == index.chapter[right]]
        by_frequency = int(drawn.choice(index.owner))
        sibling = int(drawn.choice(siblings))
        common = int(drawn.choice(frequent))
        cover = covers[int(drawn.integers(len(covers)))] if drawn.random() < 0.3 else sibling  # noqa: PLR2004 - a share
        for heading in (right, by_frequency, common if common != right else sibling, cover):
            texts.append(index.lines[place].text)
            declared.append(heading)
            at.append(int(place))
    places = np.array(at)
    wrong = (np.array(declared) != index.owner[places]).astype(np.int64)
    return texts, declared, wrong, places


def _words_out_of_fold(index: Index, texts: Sequence[str], at: NDArray[np.int64]) -> Floats:
    """What words say for each heading, by mixtures that never saw the text."""
    fold = np.array([zlib.crc32(each.text.encode()) % FOLDS for each in index.lines])
    headings = len(index.headings)
    found = np.zeros((len(texts), headings), np.float32)
    for number in range(FOLDS):
        kept = np.concatenate([np.flatnonzero(fold != number), len(index.lines) + np.arange(headings)])
        asked = np.flatnonzero(fold[at] == number)
        if len(asked):
            words = WordMixtures(index.all_counts[kept], index.all_owners[kept], headings)
            found[asked] = words.scores(index.counts([texts[int(each)] for each in asked]))
    return found
