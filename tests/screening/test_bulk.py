"""What is worked out for many words together is what each would work out by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.screening import abjad, bulk, keys, names
from keruen.screening.romanise import script_of
from keruen.screening.words import Word

SOUNDS = "ie io eye zh dj tch ee yy iy h oo j ng er l r mc gh kn mb ien mu hs".split()  # noqa: SIM905
READINGS = st.lists(
    st.lists(st.sampled_from([*SOUNDS, *"abcdefghijklmnopqrstuvwxyz"]), min_size=1, max_size=7).map("".join), max_size=9
)
LETTERS = "abdeghijlmnoqrsuyzабгеёжикйнырцшяқңөіїўآابدرعلمنوية李建金明김철수אברהם"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=9), max_size=12)
WORKED_OUT = ("abjad", "korean", "chinese", "foreign", "classes", "surprise", "patronymic")


@given(READINGS)
def test_a_rule_over_many_lines_is_the_rule_over_each(readings: list[str]) -> None:
    for fold in (keys.korean, keys.foreign, keys.heard, abjad.latin, abjad.bare):
        assert keys.of_many(fold, readings) == [fold(each) for each in readings]
    assert keys.fine_of_many(readings) == [keys.fine(each) for each in readings]
    forms = [abjad.latin(each) for each in readings]
    assert abjad.coarse_of_many(forms) == [abjad.coarse(each) for each in forms]


@given(WORDS)
def test_a_vocabulary_worked_out_together_is_each_word_worked_out(texts: list[str]) -> None:
    scripts = [script_of(each[0]) for each in texts]
    alone = [Word(text, script) for text, script in zip(texts, scripts, strict=True)]
    together = [Word(text, script) for text, script in zip(texts, scripts, strict=True)]
    bulk.work_out(together)
    for one, other in zip(alone, together, strict=True):
        for name in WORKED_OUT:
            assert getattr(one, name) == getattr(other, name), (one, name)


def test_a_word_has_nothing_but_what_it_says() -> None:
    with pytest.raises(AttributeError, match="colour"):
        _ = Word("kairat", "latin").colour


@given(st.text(max_size=20))
@pytest.mark.parametrize("text", ["Ала-Тоо Трейд", "ООО «Ромашка»", "Łódź 3000", "Cергей", "Şäripov", "№ 5"])
def test_words_of_two_alphabets_are_found_as_letter_by_letter(text: str, more: str) -> None:
    whole = f"{text} {more}"
    names.split.cache_clear()
    fast = names.split(whole)
    prepared = names.prepared(whole, apart=False)
    assert fast == names.split_by_script(prepared)
