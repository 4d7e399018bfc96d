"""Kazakh people in Cyrillic, in the Latin alphabets of 2018 and 2021, and as Russian passports spell them.

The letters are those of decree No. 637 of 19 February 2018 (acutes) and of the alphabet shown on 28 January 2021
(umlauts); they are written down here apart from the package's own tables. Names are common ones, put together at
random; a near
namesake (one part other) is the wrong answer beside each right one.
"""

from __future__ import annotations

import random
from typing import Final

import pytest

from keruen.model.party import Edition, ListedParty, Name, Party, PartyKind
from keruen.screening.index import Index

_FROM, _TO = "абвгдезийклмнопрстуфхыіңғқһэ", "a b v g d e z ı ı k l m n o p r s t ý f h y i ń ǵ q h e"
COMMON: Final = dict(zip(_FROM, _TO.split(), strict=True))
YEAR_2018: Final = {
    **COMMON, "ә": "á", "ж": "j", "ө": "ó", "ү": "ú", "ұ": "u", "у": "ý", "ч": "ch", "ш": "sh", "и": "ı", "й": "ı",
    "ю": "ıý", "я": "ıa", "ё": "ıo", "ъ": "", "ь": "", "щ": "sh", "ц": "s", "і": "i", "ы": "y",
}  # fmt: skip
YEAR_2021: Final = {
    **COMMON, "ә": "ä", "ғ": "ğ", "ж": "j", "и": "i", "й": "i", "ң": "ñ", "ө": "ö", "у": "u", "ұ": "ū", "ү": "ü",
    "ч": "ç", "ш": "ş", "ю": "iu", "я": "ia", "ё": "io", "ъ": "", "ь": "", "щ": "ş", "ц": "ts", "і": "ı", "ы": "y",
}  # fmt: skip
PASSPORT: Final = {
    **COMMON, "ә": "a", "ғ": "g", "ж": "zh", "и": "i", "й": "i", "қ": "k", "ң": "n", "ө": "o", "у": "u", "ұ": "u",
    "ү": "u", "ч": "ch", "ш": "sh", "ю": "yu", "я": "ya", "ё": "yo", "ъ": "", "ь": "", "щ": "shch", "ц": "ts",
    "і": "i", "ы": "y", "х": "kh", "һ": "kh",
}  # fmt: skip
ALPHABETS: Final = {"cyrillic": {}, "latin_2018": YEAR_2018, "latin_2021": YEAR_2021, "passport": PASSPORT}
_GIVEN = (
    "Айгүл Әсел Нұрлан Ерлан Бауыржан Гүлнар Сәуле Жанар Дәурен Қайрат Мұрат Серік Төлеген Шолпан Үміт Өмірзақ Ғалым "
    "Қуаныш Жұмабек Ботагөз Мейрамгүл Әлия Тұрсын Ілияс Рүстем Ақмарал Ержан Салтанат Жібек Құралай"
)
_FAMILY = (
    "Нұрғалиев Қасымов Жұмабаев Сәрсенбаев Әбдірахманов Мұқанов Өтегенов Тілеубердин Бекмұхамбетов Ыбыраев Сүлейменов "
    "Қожахметов Ғабдуллин Есімов Дүйсенбаев Шәріпов Байжанов Құдайбергенов Исқақов Досмұхамедов Төлеуов Айтбаев"
)
GIVEN: Final = _GIVEN.split()
FAMILY: Final = _FAMILY.split()
PEOPLE: Final = 150
PRECISION: Final = 0.95
RECALL: Final = 0.95


def written(name: str, alphabet: dict[str, str]) -> str:
    """A name in an alphabet; empty for Cyrillic as it is."""
    return " ".join("".join(alphabet.get(each, each) for each in word.lower()).title() for word in name.split())


def pairs(seed: int) -> list[tuple[str, str]]:
    """People, each with a near namesake who is somebody else."""
    rng = random.Random(seed)
    found: list[tuple[str, str]] = []
    while len(found) < PEOPLE:
        family, given = rng.choice(FAMILY), rng.choice(GIVEN)
        if rng.random() < 0.5:
            other = f"{family} {rng.choice([each for each in GIVEN if each != given])}"
        else:
            other = f"{rng.choice([each for each in FAMILY if each != family])} {given}"
        found.append((f"{family} {given}", other))
    return found


@pytest.mark.parametrize("asked", sorted(ALPHABETS))
@pytest.mark.parametrize("listed", sorted(ALPHABETS))
def test_recall_at_precision(asked: str, listed: str) -> None:
    scores = []
    for name, other in pairs(seed=len(asked) * 100 + len(listed)):
        entry = ListedParty("1", PartyKind.PERSON, (Name(written(name, ALPHABETS[listed])),))
        index = Index.build([Edition("example", None, "a" * 64, None, (entry,))])
        for text, right in ((name, True), (other, False)):
            found = index.search(Party((written(text, ALPHABETS[asked]),), PartyKind.PERSON), threshold=0.0)
            scores.append((found[0].score if found else 0.0, right))
    # Equal scores stand or fall together.
    best = 0.0
    for cut in {score for score, _ in scores}:
        taken = [right for score, right in scores if score >= cut]
        if cut > 0 and sum(taken) / len(taken) >= PRECISION:
            best = max(best, sum(taken) / PEOPLE)
    assert best >= RECALL, (asked, listed, round(best, 3))
