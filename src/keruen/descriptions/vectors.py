"""Texts as sparse vectors: what scikit-learn's vectorisers give to the bit, without what they cost for a single text.

Fitting stays with scikit-learn. Its `transform` checks and converts for some three milliseconds a call whatever the
size; one filing is one text, so the loop over tokens is written out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.utils import murmurhash3_32
from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l2

Analyse = Callable[[str], Iterable[str]]
LEAST_INT: Final = -(2**31)


class Weighted:
    """Words or letter groups weighed by how rare they are, each text of length one: a fitted `TfidfVectorizer`.

    Args:
        fitted: With sublinear counts, 32-bit numbers and length one.
        share: Of the square of a text's length in all.
    """

    def __init__(self, fitted: TfidfVectorizer, share: float) -> None:
        assert fitted.sublinear_tf
        assert fitted.norm == "l2"
        self.analyse: Analyse = fitted.build_analyzer()
        self.vocabulary: dict[str, int] = fitted.vocabulary_
        self.rarity = np.asarray(fitted.idf_)
        self.size = len(self.vocabulary)
        self.weight = np.float32(share**0.5)

    def rows(self, texts: Sequence[str]) -> sp.csr_matrix:
        """One row a text."""
        place = self.vocabulary.get
        indices: list[int] = []
        counts: list[int] = []
        starts = [0]
        for text in texts:
            seen: dict[int, int] = {}
            for token in self.analyse(text):
                at = place(token)
                if at is not None:
                    seen[at] = seen.get(at, 0) + 1
            for at in sorted(seen):
                indices.append(at)
                counts.append(seen[at])
            starts.append(len(indices))
        data = np.array(counts, np.float32)
        np.log(data, data)
        data += 1.0
        at_terms = np.array(indices, np.int32)
        data *= self.rarity[at_terms]
        found = sp.csr_matrix((data, at_terms, np.array(starts, np.int32)), (len(texts), self.size))
        inplace_csr_row_normalize_l2(found)
        found.data *= self.weight
        return found


class Hashed:
    """Which words or letter groups a text has, by their hashes: a `HashingVectorizer` that tells presence alone.

    Args:
        made: Binary, without length and sign.
        value: What stands for presence.
    """

    def __init__(self, made: HashingVectorizer, value: float) -> None:
        assert made.binary
        assert made.norm is None
        assert not made.alternate_sign
        self.analyse: Analyse = made.build_analyzer()
        self.size: int = made.n_features
        self.value = value

    def rows(self, texts: Sequence[str]) -> sp.csr_matrix:
        """One row a text."""
        indices: list[int] = []
        starts = [0]
        for text in texts:
            indices += sorted({self._place(token) for token in self.analyse(text)})
            starts.append(len(indices))
        data = np.full(len(indices), self.value)
        return sp.csr_matrix((data, np.array(indices, np.int32), np.array(starts, np.int32)), (len(texts), self.size))

    def _place(self, token: str) -> int:
        hashed: int = murmurhash3_32(token.encode(), seed=0)
        if hashed == LEAST_INT:
            return int((2**31 - self.size) % self.size)
        return abs(hashed) % self.size


def beside(left: sp.csr_matrix, right: sp.csr_matrix) -> sp.csr_matrix:
    """Two matrices of the same rows, one to the right of the other."""
    rows = left.shape[0]
    order: NDArray[Any] | slice = slice(None)
    if rows > 1:
        at = np.arange(rows)
        owner = np.concatenate([np.repeat(at, np.diff(left.indptr)), np.repeat(at, np.diff(right.indptr))])
        order = np.argsort(owner, kind="stable")
    return sp.csr_matrix(
        (
            np.concatenate([left.data, right.data])[order],
            np.concatenate([left.indices, right.indices + np.int32(left.shape[1])])[order],
            left.indptr + right.indptr,
        ),
        (rows, left.shape[1] + right.shape[1]),
    )
