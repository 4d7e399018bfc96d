"""The quick ways of turning texts into numbers give what the slow ones do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

from keruen.descriptions import plausibility
from keruen.descriptions.plausibility import Reader, shipped_lines
from keruen.descriptions.vectors import Hashed, Weighted, beside
from keruen.descriptions.words import clean

TEXTS = [clean(each.text) for each in shipped_lines()[::40]] + ["", "ә", "насосы для воды насосы", "a" * 70]


def _same(found: sp.csr_matrix, expected: sp.csr_matrix) -> None:
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    assert (found != expected).nnz == 0


@pytest.mark.parametrize(
    "chosen",
    [
        {"token_pattern": plausibility.WORD, "ngram_range": (1, 2)},
        {"analyzer": "char_wb", "ngram_range": (3, 4), "min_df": 2, "max_df": 0.2},
    ],
)
def test_weights_are_those_of_the_library_to_the_bit(chosen: dict[str, object]) -> None:
    fitted = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **chosen).fit(TEXTS[: len(TEXTS) // 2])
    share = np.float32(0.6**0.5)
    _same(Weighted(fitted, 0.6).rows(TEXTS), fitted.transform(TEXTS) * share)
    for text in TEXTS[-5:]:
        _same(Weighted(fitted, 0.6).rows([text]), fitted.transform([text]) * share)


@pytest.mark.parametrize(
    "chosen", [{"token_pattern": plausibility.WORD, "ngram_range": (1, 2)}, {"analyzer": "char_wb"}]
)
def test_presence_is_that_of_the_library(chosen: dict[str, object]) -> None:
    made = HashingVectorizer(n_features=2**10, alternate_sign=False, norm=None, binary=True, **chosen)
    _same(Hashed(made, 0.3).rows(TEXTS), made.transform(TEXTS) * 0.3)


def test_matrices_stand_beside_each_other() -> None:
    left, right = sp.random_array((7, 5), density=0.4, rng=1), sp.random_array((7, 3), density=0.4, rng=2)
    left, right = sp.csr_matrix(left), sp.csr_matrix(right)
    _same(beside(left, right), sp.hstack([left, right]).tocsr())
    _same(beside(left[:1], right[:1]), sp.hstack([left[:1], right[:1]]).tocsr())


def test_a_text_gets_the_same_answer_whether_matrices_are_cut_down_first(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader.shipped()
    lines = shipped_lines()[3::60]
    texts = [each.text for each in lines] + ["frozen <ID> shrimps", "насосы центробежные"]
    headings = [each.hs6[:4] for each in lines] + ["8542", "8413"]
    quick = reader.suspicion(texts, headings)
    alone = [reader.suspicion([text], [heading])[0] for text, heading in zip(texts, headings, strict=True)]

    def uncut(vectors: sp.csr_matrix) -> tuple[slice, sp.csr_matrix]:
        return slice(None), vectors

    monkeypatch.setattr(plausibility, "_only_terms", uncut)
    _close(quick, reader.suspicion(texts, headings))
    _close(alone[:20], [reader.suspicion([t], [h])[0] for t, h in zip(texts[:20], headings[:20], strict=True)])


def _close(found: Sequence[float], expected: Sequence[float]) -> None:
    assert found == pytest.approx(expected, abs=1e-9, rel=0)
