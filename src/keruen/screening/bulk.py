"""What many words would each work out at the first question, worked out for all of them together.

The same rules run over one text with a word a line (`keys.of_many`), which takes a third of the time of running
them over each word. Whoever keeps a vocabulary under keys does this first; nothing else depends on it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from keruen.screening import abjad, keys
from keruen.screening.romanise import ARABIC, HAN, HANGUL, HEBREW
from keruen.screening.words import as_written_by_arabs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from keruen.screening.words import Word

_BY_SYLLABLES: Final = frozenset({HAN, HANGUL})
_BY_THEMSELVES: Final = _BY_SYLLABLES | {ARABIC, HEBREW}
"""Scripts whose words have rules of their own, and are few."""


def work_out(words: Iterable[Word]) -> None:
    """Fill in `abjad`, `korean` and `foreign` of words in alphabets."""
    spelled = [each for each in words if each.script not in _BY_THEMSELVES and not each.initial and not each.number]
    _fill(spelled, "abjad", lambda each: [*as_written_by_arabs(each)], abjad.latin)
    _fill(spelled, "korean", lambda each: each.readings, keys.korean)
    _fill([each for each in spelled if not each.native], "foreign", lambda each: each.readings[:1], keys.foreign)


def coarse(words: Sequence[Word]) -> list[list[str]]:
    """The coarse keys (`abjad.coarse`) of each word's consonants; none of words that are not written by sounds."""
    forms = [() if each.script in _BY_SYLLABLES or each.initial or each.number else each.abjad for each in words]
    return _like(forms, abjad.coarse_of_many([one for few in forms for one in few]))


def _fill(words: Sequence[Word], name: str, texts: Callable[[Word], Sequence[str]], fold: Callable[[str], str]) -> None:
    asked = [texts(each) for each in words]
    folded = keys.of_many(fold, [text for few in asked for text in few])
    for each, found in zip(words, _like(asked, folded), strict=True):
        setattr(each, name, tuple(dict.fromkeys(found)))


def _like(groups: Sequence[Sequence[str]], flat: Iterable[str]) -> list[list[str]]:
    """Texts in a row divided as they were before."""
    rest = iter(flat)
    return [list(islice(rest, len(each))) for each in groups]
