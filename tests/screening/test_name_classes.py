"""Ways in which names differ and are still one, or look alike and are not: whole classes, not single names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keruen.model.party import Edition, ListedParty, Name, Party, PartyKind
from keruen.screening.compare import compare
from keruen.screening.index import Index
from keruen.screening.names import analyse
from keruen.screening.romanise import CYRILLIC, readings
from keruen.screening.thresholds import ALERT


def score(one: str, other: str, kind: PartyKind = PartyKind.PERSON) -> float:
    return compare(Party((one,), kind), Party((other,), kind)).score


def finds(listed: str, asked: str, kind: PartyKind) -> bool:
    """Whether a search finds it: the keys must bring it before the comparison."""
    party = ListedParty("1", kind, (Name(listed),))
    index = Index.build([Edition("own", None, "0" * 64, None, (party,))])
    return bool(index.search(Party((asked,), kind), threshold=ALERT))


PEOPLE = [
    # What is two words here is one there.
    ("سعد الدين قاسم", "Saduddin Qasim"),
    ("امین الله رحیمی", "Aminullah Rahimi"),
    ("Nur al-Din Karimi", "Nureddin Karimi"),
    ("Habib Ullah Rahimi", "Habibullah Rahimi"),
    ("سالم نور الدين", "Salem Nor Eldin"),
    # The servant of someone, left out or with a slip.
    ("Din Karim Abdul Hanif", "Din Karim Hanif"),
    ("Noor Adbul Majeed", "Noor Abdul Majeed"),
    # Digits read for letters.
    ("Er1an Sar5enov", "Erlan Sarsenov"),
    # Initials of two given names.
    ("J.-P. Delacourt", "Jean-Pierre Delacourt"),
    # Surname and given name set apart, in either order; pinyin and Wade-Giles.
    ("建明 李", "Li Jianming"),
    ("李 建明", "Li Jianming"),
    ("李建明", "Lee Chien-ming"),
    ("任国华", "Jen Kuo-hua"),
    ("欧阳明", "Ouyang Ming"),
    # A foreign name in Chinese characters.
    ("帕尔默·威廉姆斯", "Palmer Williams"),
]


@pytest.mark.parametrize(("one", "other"), PEOPLE)
def test_one_person(one: str, other: str) -> None:
    assert score(one, other) >= ALERT
    assert finds(other, one, PartyKind.PERSON)


OTHER_PEOPLE = [
    # They serve another.
    ("Abdul Ghafar Karimi Abdul Hamid", "Abdul Ghafar Karimi Abdul Ghani"),
    # Other syllables, though the same consonants.
    ("李强", "Li Qin"),
    ("陈志强", "Chen Zhigang"),
    ("欣怡 詹", "Chan Shusang"),
    ("坤 刘", "Liu Cuiying"),
    # An r is no ch.
    ("任 想", "Chen Xiang"),
]


@pytest.mark.parametrize(("one", "other"), OTHER_PEOPLE)
def test_two_people(one: str, other: str) -> None:
    assert score(one, other) < ALERT


FIRMS = [
    # A form written onto the name.
    ("Rustankerllc", "Rustanker LLC", PartyKind.ORGANISATION),
    ("Diamond Transportationlimited", "Diamond Transportation Limited", PartyKind.ORGANISATION),
    ("Marine Companysadra", "Marine Company Sadra", PartyKind.ORGANISATION),
    # Two letters swapped that make or break a digraph.
    ("Agrohpen", "Agrophen", PartyKind.ORGANISATION),
    ("Bank Etjarat", "Bank Tejarat", PartyKind.ORGANISATION),
    # A letter in the place of a hyphen.
    ("Alzkawthar Money Exchange", "Al-Kawthar Money Exchange", PartyKind.ORGANISATION),
    # The first of four letters left out.
    ("Ods Aviation Industries", "Qods Aviation Industries", PartyKind.ORGANISATION),
    # A mark divided otherwise.
    ("YV 25-56", "YV2556", PartyKind.VEHICLE),
    ("P912", "P-912", PartyKind.VEHICLE),
    ("EPM-HP", "EP-MHP", PartyKind.VEHICLE),
    ("YV255", "YV2556", PartyKind.VEHICLE),
]


@pytest.mark.parametrize(("asked", "listed", "kind"), FIRMS)
def test_one_firm_or_craft(asked: str, listed: str, kind: PartyKind) -> None:
    assert finds(listed, asked, kind)


def test_two_marks_are_two_craft() -> None:
    assert not finds("EP-MHP", "EP-MHQ", PartyKind.VEHICLE)


def test_two_common_words_say_less_than_two_rare_ones() -> None:
    common = compare(Party(("Mohammed Ali",), PartyKind.PERSON), Party(("Ali Mohammed Karim Hasan",), PartyKind.PERSON))
    rare = compare(
        Party(("Zhumadilov Ospanali",), PartyKind.PERSON),
        Party(("Ospanali Zhumadilov Karim Hasan",), PartyKind.PERSON),
    )
    assert common.score < ALERT <= rare.score


def test_a_surname_of_mandarin_is_not_read_as_foreign() -> None:
    (only,) = analyse("李强", PartyKind.PERSON)
    assert all(word.native and not word.foreign for word in only.words)


GIVEN = ["Дәурен", "Айгүл", "Қуаныш", "Сергей", "Владимир", "Олександр", "Ұлықбек", "Жәнібек", "Микола", "Гүлнар"]
FAMILY = ["Байқоныров", "Сейітқалиев", "Иванов", "Шевченко", "Әбдірахманов", "Қонысбаев", "Петренко", "Жұмабаев"]
people = st.tuples(st.sampled_from(GIVEN), st.sampled_from(FAMILY))


@given(people, st.data())
@settings(max_examples=80, deadline=None)
def test_a_name_comes_back_from_every_spelling_in_latin(person: tuple[str, str], data: st.DataObject) -> None:
    """There and back: Cyrillic to any Latin spelling that we know of, and the two are one."""
    spelled = " ".join(data.draw(st.sampled_from(readings(each, CYRILLIC))).capitalize() for each in person)
    written = " ".join(person)
    assert score(written, spelled) >= 0.9
    assert score(spelled, written) == pytest.approx(score(written, spelled))
    assert finds(written, spelled, PartyKind.PERSON)


# One word of trade is sure, and the only other word of a firm is alike by chance.
ONLY_A_WORD_OF_TRADE = [
    ("Улытау Импэкс", "AlaToo Electro Impex"),
    ("ТОО «Көкжиек Трейд»", "Kokzhal Agro Trade LLC"),
    ("Бурабай Сервис", "Burevoy Service"),
    ("Шалқар Трейд", "Shalgyn Trade"),
    ("ООО «Тополёк Инвест»", "Tulpor Invest"),
    ("Темірлан Строй", "Tomaris Stroy"),
    # With no word of trade at all.
    ("Алатау", "Ulytau"),
]


@pytest.mark.parametrize(("one", "other"), ONLY_A_WORD_OF_TRADE)
def test_firms_are_two_whose_only_own_words_are_weakly_alike(one: str, other: str) -> None:
    assert score(one, other, PartyKind.ORGANISATION) < ALERT
    assert not finds(other, one, PartyKind.ORGANISATION)
    assert not finds(one, other, PartyKind.ORGANISATION)


FIRMS_IN_OTHER_LETTERS = [
    ("Улытау Импэкс", "Ulytau Impex"),
    ("Улытау Импэкс", "Ulitau Impeks OOO"),
    ("ТОО «Көкжиек Трейд»", "Kokzhiyek Trade LLP"),
    ("«Бурабай Сервис» ЖШС", "Burabai Service LLC"),
    ("Айдарлы Логистик", "Aydarly Logistics LLC"),
    ("Сарыбел Экспорт", "Sarbyel Export"),
    ("Заозёрск Электро Импэкс", "Zaozersk Elektro Impex"),
    # A place and its adjective.
    ("Муромский завод", "Murom Plant"),
    # What looks like a legal form is bound to a word by a hyphen.
    ("ОсОО «Ала-Тоо Электро Импэкс»", "AlaToo Electro Impex"),
    ("ТОО «Ак-Тоо Трейд»", "Ak-Too Trade LLC"),
]


@pytest.mark.parametrize(("one", "other"), FIRMS_IN_OTHER_LETTERS)
def test_a_firm_is_found_in_other_letters_whoever_asks(one: str, other: str) -> None:
    assert score(one, other, PartyKind.ORGANISATION) >= ALERT
    assert finds(other, one, PartyKind.ORGANISATION)
    assert finds(one, other, PartyKind.ORGANISATION)


FIRMS_WITH_A_WORD_DIVIDED = [
    ("Bio Corpo Ration", "Bio Corporation"),
    ("Karamaad Sys Tems Management", "Karamaad Systems Management"),
    # A part of a divided word that looks like another.
    ("Par And", "Parand"),
    # A letter doubled once too often, and a number written onto a word.
    ("Reeem Pharmaceutical", "Reem Pharmaceutical"),
    ("Iran Hormuz25", "Iran Hormuz 25"),
    # A slip in a word of a phrase.
    ("Hadi Shipping Copany Limited", "Hadi Shipping Company Limited"),
    ("Koryo Commerccial Bank", "Koryo Commercial Bank"),
]


@pytest.mark.parametrize(("asked", "listed"), FIRMS_WITH_A_WORD_DIVIDED)
def test_a_word_of_trade_with_a_slip_is_no_other_word(asked: str, listed: str) -> None:
    assert finds(listed, asked, PartyKind.ORGANISATION)


@pytest.mark.parametrize("text", ["Импэкс", "Impeks", "Impex"])
def test_a_word_of_trade_is_known_by_its_sound(text: str) -> None:
    (only,) = analyse(f"{text} Ltd", PartyKind.ORGANISATION)
    assert [word.meaning for word in only.words] == ["IMPEXP"]


def test_another_country_lowers_a_firm_as_it_does_a_person() -> None:
    """A document states the country and a name typed by itself does not: the two scores differ by that alone."""
    asked = Party(("Kokzhiyek Trade",), PartyKind.ORGANISATION)
    listed = ListedParty("1", PartyKind.ORGANISATION, (Name("Көкжиек Трейд"),), countries=("kg",))
    alone, elsewhere = compare(asked, listed), compare(asked._replace(countries=("kz",)), listed)
    assert alone.score > elsewhere.score
    assert set(elsewhere.parts) - set(alone.parts) == {"country_differs"}


@pytest.mark.parametrize("text", ["شركة ـ (النور)", "ـ (النور)", "النور (ـ)", "ـ", "Al Nour (ـ) Trading"])
def test_a_lengthening_sign_alone_is_no_word(text: str) -> None:
    for kind in PartyKind:
        assert all(word.text for analysis in analyse(text, kind) for word in analysis.words)
