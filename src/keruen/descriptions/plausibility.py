"""How well a text fits a heading: likeness to labelled texts and to the nomenclature, weighed by trees.

A reader is built from labelled texts (those shipped, and an administration's own lines) and the headings' official
texts. Four views of a text are taken: nearest labelled lines by words and letter groups, the heading's centre, a
mixture of word counts (naive Bayes), and a space of latent topics. Each says how the declared heading stands beside the
best other one; gradient-boosted trees weigh them. The trees hold numbers of likeness only, no text.

Same labelled texts, same text, same answer. Source of the set-up and of what it is measured against:
docs/descriptions.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

import lightgbm
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize
from sparse_dot_topn import sp_matmul_topn

from keruen.codes import hs, tnved
from keruen.descriptions.vectors import Hashed, Weighted, beside
from keruen.descriptions.words import clean
from keruen.errors import InvalidInput

Floats = NDArray[np.float32]

NEAR: Final = 80
"""Labelled lines looked at around a text."""
VOTERS: Final = 30
TOPICS: Final = 160
MIXTURE: Final = 300.0
"""Words of background mixed into a heading's own; of 100, 300 and 1,000 the best on development folds."""
WORD_SHARE: Final = 0.6
EMPTY_SCORE: Final = 0.5
"""Suspicion of a text without a word: nothing can be said."""
WORD: Final = r"(?u)\b\w+\b"
BLOCK: Final = 2_000
"""Lines judged at a time."""
FEW: Final = 32
"""Up to so many lines at a time a second thread costs more than it saves."""

FEATURES: Final = (
    "likeness to the nearest line of the heading",
    "mean likeness to its three nearest",
    "likeness to the nearest line of any heading",
    "likeness to the nearest line of another heading",
    "nearest of the heading less nearest of another",
    "nearest of the heading over nearest of another",
    "share of the neighbours' votes",
    "share of the votes for the chapter",
    "share of the votes for the first heading",
    "headings with more votes",
    "likeness to the nearest line of the chapter",
    "share of neighbours in the heading",
    "share of neighbours in the chapter",
    "words of the heading, per word",
    "words of the heading less those of the best other, per word",
    "words of the heading less those of the best other",
    "headings whose words fit better",
    "headings of the chapter whose words fit better",
    *(
        f"{view}: {what}"
        for view in ("centre of the lines", "official text", "topics of the lines")
        for what in ("likeness", "less the best other", "headings that fit better", "of the chapter that fit better")
    ),
    "topics of the official text: likeness",
    "topics of the official text: less the best other",
    "topics of the official text: headings that fit better",
    "nearest official line of the heading",
    "nearest official line of the heading less of another",
    "labelled lines of the heading, logarithm",
    "words of the text",
    "letters of the text",
)


class Labelled(NamedTuple):
    """A text with the code an administration or a publisher gave it."""

    text: str
    hs6: str
    source: str


class Heading(NamedTuple):
    """A heading a text may belong to, with its share of the belief in all."""

    code: str
    official: str
    score: float


class Nearest(NamedTuple):
    """A labelled text like the one asked about."""

    text: str
    hs6: str
    source: str
    likeness: float
    declared: bool
    """It is under a declared heading."""


@cache
def shipped_lines() -> tuple[Labelled, ...]:
    """The labelled texts that come with Keruen; their licences stand in NOTICE."""
    text = (resources.files(__package__) / "tables" / "references.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(Labelled(*row) for row in rows)


def shipped_model() -> str:
    """The trees fitted on those texts."""
    return (resources.files(__package__) / "tables" / "suspicion.txt").read_text(encoding="utf-8")


class WordMixtures:
    """Mixture of a heading's words with all words, and what a text's words say for each heading."""

    def __init__(self, counts: sp.csr_matrix, owners: NDArray[np.int64], headings: int) -> None:
        spread = sp.csr_matrix((np.ones(len(owners)), (owners, np.arange(len(owners)))), (headings, len(owners)))
        own = (spread @ counts).tocsr()
        total = np.asarray(own.sum(1)).ravel()
        overall = np.asarray(counts.sum(0)).ravel()
        background = (overall + 1) / (overall.sum() + counts.shape[1])
        own.data = np.log1p(own.data / (MIXTURE * background[own.indices]))
        self.gains = own.T.tocsr()
        self.base = np.log(MIXTURE / (total + MIXTURE))

    def scores(self, counts: sp.csr_matrix) -> Floats:
        """Log-likelihood over the background, texts by headings."""
        long = np.asarray(counts.sum(1)).ravel()
        return np.asarray((counts @ self.gains).todense() + long[:, None] * self.base[None, :], dtype=np.float32)


class Index:
    """Labelled texts and official texts, ready to be compared with.

    Args:
        lines: Labelled texts; one text may stand under several codes.
    """

    def __init__(self, lines: Iterable[Labelled]) -> None:
        kept = [each._replace(text=clean(each.text)) for each in lines]
        self.lines = [each for each in kept if each.text]
        self.headings = sorted({*_official_headings(), *(each.hs6[:4] for each in self.lines)})
        self.place = {heading: at for at, heading in enumerate(self.headings)}
        chapters = sorted({heading[:2] for heading in self.headings})
        self.chapter = np.array([chapters.index(heading[:2]) for heading in self.headings])
        self.siblings = [np.flatnonzero(self.chapter == chapter) for chapter in range(len(chapters))]
        official = [clean(_whole_text(heading)) for heading in self.headings]
        texts = [each.text for each in self.lines]
        self.texts = np.array(texts, dtype=object)
        self.owner = np.array([self.place[each.hs6[:4]] for each in self.lines], dtype=np.int64)
        by_word = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
        by_letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, min_df=2, max_df=0.2, dtype=np.float32
        )
        self.by_word = Weighted(by_word.fit(texts + official), WORD_SHARE)
        self.by_letters = Weighted(by_letters.fit(texts + official), 1 - WORD_SHARE)
        plain: dict[str, Any] = {"n_features": 2**18, "alternate_sign": False, "norm": None, "binary": True}
        self.counted = (
            Hashed(HashingVectorizer(token_pattern=WORD, ngram_range=(1, 2), **plain), 1.0),
            Hashed(HashingVectorizer(analyzer="char_wb", ngram_range=(4, 5), **plain), 0.3),
        )
        self.rows = self.vectors(texts)
        self.official = self.vectors(official)
        below = [(clean(f"{text} {_heading_text(code)}"), code[:4]) for code, text in _official_lines()]
        self.below_turned = self.vectors([text for text, _ in below]).T.tocsr()
        self.below_owner = np.array([self.place[heading] for _, heading in below])
        self.all_counts = self.counts(texts + official)
        self.all_owners = np.concatenate([self.owner, np.arange(len(self.headings))])
        topics = TruncatedSVD(TOPICS, random_state=1, n_iter=3).fit(sp.vstack([self.rows, self.official]))
        self.axes = np.ascontiguousarray(topics.components_.T)
        self.official_topics = self.in_topics(self.official)
        self.view = View(self, np.arange(len(self.lines)))

    def vectors(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Texts as words and letter groups, each of length one in all."""
        return beside(self.by_word.rows(texts), self.by_letters.rows(texts))

    def counts(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Texts as counts, for the mixtures."""
        return beside(self.counted[0].rows(texts), self.counted[1].rows(texts))

    def in_topics(self, vectors: sp.csr_matrix) -> Floats:
        """Vectors in the space of topics, of length one."""
        return _unit(vectors @ self.axes)


class View:
    """What may be looked at of an index: all its lines, or those of other sources for fitting."""

    def __init__(self, index: Index, kept: NDArray[np.int64]) -> None:
        self.index, self.kept = index, kept
        headings = len(index.headings)
        self.owner = index.owner[kept]
        self.texts = index.texts[kept]
        self.count = np.bincount(self.owner, minlength=headings)
        self.rows = index.rows[kept]
        self.turned = self.rows.T.tocsr()
        self.members = [np.flatnonzero(self.owner == heading) for heading in range(headings)]
        weight = 1.0 / np.sqrt(np.maximum(self.count[self.owner], 1))
        gather = sp.csr_matrix((weight, (self.owner, np.arange(len(kept)))), (headings, len(kept)), dtype=np.float32)
        centres = normalize((gather @ self.rows + index.official).tocsr())
        self.headings_turned = sp.vstack([centres, index.official]).T.tocsr()
        self.centre_topics = index.in_topics(centres)
        at = np.concatenate([kept, len(index.lines) + np.arange(headings)])
        self.words = WordMixtures(index.all_counts[at], index.all_owners[at], headings)

    def features(
        self, texts: Sequence[str], declared: Sequence[int], *, without_self: bool = False, words: Floats | None = None
    ) -> Floats:
        """Features of cleaned texts under headings (places in the index), in the order of `FEATURES`.

        Args:
            texts: Cleaned.
            declared: Place of each text's declared heading.
            without_self: Labelled lines of the very same text are not looked at: for fitting.
            words: What the words say for each heading, where they were left out too.
        """
        index = self.index
        # A text is asked under several headings when trees are fitted: what is said of it alone is worked out once.
        row_of = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        different = list(row_of)
        asked = index.vectors(different)
        terms, short = _only_terms(asked)
        threads = 1 if len(different) <= FEW else 2
        near = sp_matmul_topn(short, self.turned[terms], top_n=NEAR, n_threads=threads, sort=True)
        below = sp_matmul_topn(short, index.below_turned[terms], top_n=VOTERS + 10, n_threads=threads, sort=True)
        topics = _unit(short @ index.axes[terms])
        score = self.words.scores(index.counts(different)) if words is None else words
        fits = (short @ self.headings_turned[terms]).toarray()
        views = (
            fits[:, : len(index.headings)],
            fits[:, len(index.headings) :],
            topics @ self.centre_topics.T,
            topics @ index.official_topics.T,
        )
        scratch = np.zeros(asked.shape[1], np.float32)
        found = np.zeros((len(texts), len(FEATURES)), np.float32)
        for at, (text, heading) in enumerate(zip(texts, declared, strict=True)):
            row = row_of[text]
            line = slice(near.indptr[row], near.indptr[row + 1])
            places, likeness = near.indices[line], near.data[line]
            if without_self:
                other = self.texts[places] != text
                places, likeness = places[other], likeness[other]
            own = likeness[self.owner[places] == heading]
            if not len(own):
                said_by = slice(asked.indptr[row], asked.indptr[row + 1])
                scratch[asked.indices[said_by]] = asked.data[said_by]
                own = self._from_afar(scratch, text if without_self else None, heading)
                scratch[asked.indices[said_by]] = 0
            first, three = (float(own[0]), float(own[:3].sum() / 3)) if len(own) else (0.0, 0.0)
            long = max(1, len(text.split()))
            said = _standing(score[at if words is not None else row], heading, index)
            line = slice(below.indptr[row], below.indptr[row + 1])
            found[at] = (
                first,
                three,
                *self._votes(places, likeness, heading, first),
                said[0] / long,
                said[1] / long,
                *said[1:],
                *(value for view in views[:3] for value in _standing(view[row], heading, index)),
                *_standing(views[3][row], heading, index)[:3],
                *_of_and_not(below.data[line], index.below_owner[below.indices[line]], heading),
                np.log1p(self.count[heading]),
                long,
                len(text),
            )
        return found

    def _from_afar(self, asked: Floats, without: str | None, heading: int) -> Floats:
        """Likeness of a heading's lines where none is near, best first; of other texts than `without`."""
        members = self.members[heading]
        if without is not None:
            members = members[self.texts[members] != without]
        return np.sort(np.asarray(self.rows[members] @ asked))[::-1]

    def _votes(self, places: NDArray[np.int32], likeness: Floats, heading: int, first: float) -> tuple[float, ...]:
        index = self.index
        owner = self.owner[places]
        chapter = index.chapter[owner] == index.chapter[heading]
        top, voter = likeness[:VOTERS] ** 2, owner[:VOTERS]
        votes = np.bincount(voter, weights=top, minlength=len(index.headings))
        total = votes.sum() + 1e-9
        other = likeness[owner != heading]
        best_other = float(other[0]) if len(other) else 0.0
        return (
            float(likeness[0]) if len(likeness) else 0.0,
            best_other,
            first - best_other,
            first / (best_other + 1e-3),
            votes[heading] / total,
            top[chapter[:VOTERS]].sum() / total,
            votes.max() / total,
            float((votes > votes[heading]).sum()),
            float(likeness[chapter][0]) if chapter.any() else 0.0,
            float((owner == heading).sum()) / NEAR,
            float(chapter.sum()) / NEAR,
        )


def _only_terms(vectors: sp.csr_matrix) -> tuple[NDArray[np.int32], sp.csr_matrix]:
    """The terms that some vectors have, and the vectors over these alone.

    A matrix with a row a term is cut down to those rows before it is multiplied: a text has a hundred terms of the
    two hundred thousand.
    """
    terms, places = np.unique(vectors.indices, return_inverse=True)
    shape = (vectors.shape[0], len(terms))
    return terms, sp.csr_matrix((vectors.data, places.astype(np.int32), vectors.indptr), shape)


def _unit(vectors: NDArray[Any]) -> Floats:
    """Rows of length one."""
    found = vectors.astype(np.float32)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def _standing(scores: Floats, heading: int, index: Index) -> tuple[float, float, float, float]:
    """A heading's score, how far it is from the best other, and how many stand before it, in all and in its chapter."""
    own = scores[heading]
    kept = scores[heading]
    scores[heading] = -np.inf
    best = scores.max()
    scores[heading] = kept
    siblings = scores[index.siblings[index.chapter[heading]]]
    return float(own), float(own - best), float((scores > own).sum()), float((siblings > own).sum())


def _of_and_not(likeness: Floats, owner: NDArray[np.int64], heading: int) -> tuple[float, float]:
    own, other = likeness[owner == heading], likeness[owner != heading]
    first = float(own[0]) if len(own) else 0.0
    return first, first - (float(other[0]) if len(other) else 0.0)


class Reader:
    """Judges texts under headings.

    Args:
        index: Labelled and official texts.
        model: Trees, as LightGBM writes them.

    Raises:
        InvalidInput: The trees were fitted on other features.
    """

    def __init__(self, index: Index, model: str) -> None:
        self.index = index
        try:
            self.trees = lightgbm.Booster(model_str=model)
        except lightgbm.basic.LightGBMError as error:
            raise InvalidInput(f"the trees cannot be read: {error}", code="descriptions_model") from error
        if self.trees.num_feature() != len(FEATURES):
            raise InvalidInput(
                f"the trees look at {self.trees.num_feature()} features, this version gives {len(FEATURES)}: "
                f"learn them anew with `keruen descriptions learn`",
                code="descriptions_model",
            )

    @classmethod
    def shipped(cls) -> Reader:
        """From the texts that come with Keruen; built once in a process."""
        return _shipped()

    def suspicion(self, texts: Sequence[str], headings: Sequence[str]) -> list[float]:
        """How little each text fits its heading (four digits or more), from nought to one.

        Raises:
            InvalidInput: A heading is none of the nomenclature's.
        """
        unknown = sorted({each for each in headings if each[:4] not in self.index.place})
        if unknown:
            raise InvalidInput(f"no such heading: {', '.join(unknown[:5])}", code="unknown_heading", found=unknown[0])
        found: list[float] = []
        for start in range(0, len(texts), BLOCK):
            cleaned = [clean(text) for text in texts[start : start + BLOCK]]
            declared = [self.index.place[each[:4]] for each in headings[start : start + BLOCK]]
            threads = 1 if len(cleaned) <= FEW else 2
            scores = self.trees.predict(self.index.view.features(cleaned, declared), num_threads=threads)
            found += [
                float(score) if text else EMPTY_SCORE for score, text in zip(np.asarray(scores), cleaned, strict=True)
            ]
        return found

    def headings(self, text: str, most: int = 5) -> tuple[Heading, ...]:
        """Headings a text fits best, by neighbours' votes, words and topics together."""
        belief = self._belief([clean(text)])[0]
        order = np.argsort(-belief, kind="stable")[:most]
        return tuple(
            Heading(self.index.headings[at], _heading_text(self.index.headings[at]), round(float(belief[at]), 4))
            for at in order
            if belief[at] > 0
        )

    def best_headings(self, texts: Sequence[str], most: int = 5) -> list[tuple[str, ...]]:
        """The same for many texts, codes only."""
        found: list[tuple[str, ...]] = []
        for start in range(0, len(texts), BLOCK):
            belief = self._belief([clean(text) for text in texts[start : start + BLOCK]])
            for row in belief:
                order = np.argpartition(-row, most)[:most]
                order = order[np.argsort(-row[order], kind="stable")]
                found.append(tuple(self.index.headings[at] for at in order))
        return found

    def _belief(self, cleaned: Sequence[str]) -> Floats:
        index, view = self.index, self.index.view
        asked = index.vectors(cleaned)
        near = sp_matmul_topn(asked, view.turned, top_n=VOTERS, n_threads=2, sort=True)
        words = view.words.scores(index.counts(cleaned))
        long = np.maximum([len(text.split()) for text in cleaned], 1)[:, None]
        words = np.exp((words - words.max(1, keepdims=True)) / long)
        topics = np.maximum(index.in_topics(asked) @ view.centre_topics.T, 0) ** 4
        belief = words / words.sum(1, keepdims=True) + topics / (topics.sum(1, keepdims=True) + 1e-9)
        for at in range(len(cleaned)):
            line = slice(near.indptr[at], near.indptr[at + 1])
            votes = np.bincount(
                view.owner[near.indices[line]], weights=near.data[line] ** 3, minlength=len(index.headings)
            )
            belief[at] += 2 * votes / (votes.sum() + 1e-9)
        return np.asarray(belief / 4, dtype=np.float32)

    def nearest(self, text: str, declared: Sequence[str], most: int = 3) -> tuple[Nearest, ...]:
        """Labelled texts like this one: first those under the declared headings, then the nearest of others."""
        index, view = self.index, self.index.view
        asked = index.vectors([clean(text)])
        likeness = np.asarray((view.rows @ asked.T).todense()).ravel()
        own = np.isin(view.owner, [index.place[each] for each in declared if each in index.place])
        found: list[Nearest] = []
        for mask, here in ((own, True), (~own, False)):
            places = np.flatnonzero(mask & (likeness > 0))
            places = places[np.argsort(-likeness[places], kind="stable")]
            seen: set[str] = set()
            for at in places:
                line = index.lines[at]
                if line.text not in seen and len(seen) < most:
                    seen.add(line.text)
                    found.append(Nearest(line.text, line.hs6, line.source, round(float(likeness[at]), 4), here))
        return tuple(found)


@cache
def _shipped() -> Reader:
    return Reader(Index(shipped_lines()), shipped_model())


@cache
def _official_lines() -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for code, text in hs.all_codes("HS2022"):
        if len(code) in {4, 6}:
            found.append((code, text))
    # In Russian from the union's nomenclature; its headings are those of the HS.
    found += [(code, text) for code, text in tnved.all_codes() if len(code) > 2 and text]  # noqa: PLR2004 - chapters
    return tuple(found)


@cache
def _official_headings() -> tuple[str, ...]:
    return tuple(dict.fromkeys(code[:4] for code, _ in _official_lines()))


@cache
def _texts_below() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, text in _official_lines():
        if len(code) > 4 or not text.isascii():  # noqa: PLR2004 - below the heading, or its name in Russian
            found.setdefault(code[:4], []).append(text)
    return found


def _heading_text(code: str) -> str:
    heading = code[:4]
    return hs.describe(heading, "HS2022") if hs.exists(heading, "HS2022") else ""


def _whole_text(heading: str) -> str:
    return " ".join([_heading_text(heading), *_texts_below().get(heading, ())])
