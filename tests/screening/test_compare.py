"""What comparison promises whatever the names, and the words it explains with."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keruen.model.party import Edition, Identifier, ListedParty, Name, NameKind, Party, PartyKind
from keruen.screening.compare import compare
from keruen.screening.explain import in_words
from keruen.screening.index import Index
from keruen.screening.screener import Thresholds
from keruen.store.screeners import screener_of

GIVEN = ["Aigul", "Bolat", "Yerlan", "Sergey", "Mohammed", "Fatima", "Olena", "Wei", "Mehmet", "John"]
FAMILY = ["Ormanbekov", "Sharipov", "Seitkaliyev", "Petrenko", "Hosseini", "Zhang", "Yilmaz", "Smith", "Ivanov", "Kim"]
names = st.tuples(st.sampled_from(GIVEN), st.sampled_from(FAMILY)).map(" ".join)
people = st.lists(names, min_size=1, max_size=3).map(lambda found: Party(tuple(found), PartyKind.PERSON))


def score(one: str, other: str, kind: PartyKind = PartyKind.PERSON) -> float:
    return compare(Party((one,), kind), Party((other,), kind)).score


@given(names, names)
@settings(max_examples=60, deadline=None)
def test_who_asks_makes_no_difference(one: str, other: str) -> None:
    assert score(one, other) == pytest.approx(score(other, one))


@given(names, names)
@settings(max_examples=60, deadline=None)
def test_case_and_the_order_of_words_make_no_difference(one: str, other: str) -> None:
    turned = ", ".join(reversed(one.upper().split()))
    assert score(turned, other) == pytest.approx(score(one, other), abs=0.02)


@given(people, people, names)
@settings(max_examples=60, deadline=None)
def test_another_alias_never_lowers_the_score(one: Party, other: Party, alias: str) -> None:
    more = other._replace(names=(*other.names, alias))
    assert compare(one, more).score >= compare(one, other).score


@given(people, people)
@settings(max_examples=60, deadline=None)
def test_a_number_in_common_outranks_any_name(one: Party, other: Party) -> None:
    number = (Identifier("bin", "050640002859"),)
    with_number = compare(one._replace(identifiers=number), other._replace(identifiers=number)).score
    assert with_number > compare(one, one).score
    assert with_number >= 0.99


SCRIPTS = [
    ("Дәурен Байқоныров", "Dauren Baikonyrov"),
    ("Дәурен Байқоныров", "Däuren Baiqonyrov"),
    ("Jandos Şäripov", "Жандос Шәріпов"),
    ("Жандос Шәріпов", "Zhandos Sharipov"),
    ("Сергей Викторович Лавров", "Sergey Viktorovich Lavrov"),
    ("Олексій Миколайович Зайцев", "Alexey Nikolaevich Zaitsev"),
    ("محمد حسینی", "Mohammad Hosseini"),
    ("عبد الرحمن الخطيب", "Abdulrahman Al-Khatib"),
    ("习近平", "Xi Jinping"),
    ("김정은", "Kim Jong Un"),
    ("משה שרביט", "Moshe Sharvit"),
    ("Տիգրան Քեոսայան", "Tigran Keosayan"),
    ("Κυριάκος Μητσοτάκης", "Kyriakos Mitsotakis"),
    ("Şükrü Yıldırım", "Sukru Yildirim"),
    ("バラク・オバマ", "Barack Obama"),
    ("გიორგი მარგველაშვილი", "Giorgi Margvelashvili"),
]


@pytest.mark.parametrize(("one", "other"), SCRIPTS)
def test_a_name_is_known_in_another_script(one: str, other: str) -> None:
    assert score(one, other) >= 0.5


FIRMS = [
    ("«Сарыарқа Логистик» жауапкершілігі шектеулі серіктестігі", "Saryarka Logistic LLP"),
    ("АҚ «Қазтемірөнім»", "Kaztemironim JSC"),
    ("乌鲁木齐远达进出口贸易有限公司", "Urumqi Yuanda Import and Export Trading Co Ltd"),
    ("Güneydoğu Dış Ticaret Limited Şirketi", "GUNEYDOGU DIS TIC. LTD. STI."),
    ("OAO Gazprom", "Open Joint Stock Company Gasprom"),
    ("PLA", "People's Liberation Army"),
    ("Brigade Forty-four", "Brigade 44"),
    ("Акционерное общество “Муромский приборостроительный завод”", "JSC Murom Instrument-Making Plant"),
]


@pytest.mark.parametrize(("one", "other"), FIRMS)
def test_a_firm_is_known_by_another_form_or_language(one: str, other: str) -> None:
    assert score(one, other, PartyKind.ORGANISATION) >= 0.5


OTHERS = [
    ("Boris Vekselberg", "Viktor Vekselberg", PartyKind.PERSON),
    ("Sergey Viktorovich Lavrov", "Sergey Borisovich Lavrov", PartyKind.PERSON),
    ("张伟", "Zhang Wen", PartyKind.PERSON),
    ("Bank of China (Hong Kong) Limited", "Bank of China (Singapore) Limited", PartyKind.ORGANISATION),
    ("Siemens AG", "Volkswagen AG", PartyKind.ORGANISATION),
    ("", "John Smith", PartyKind.PERSON),
    ("!!!", "John Smith", PartyKind.PERSON),
]


@pytest.mark.parametrize(("one", "other", "kind"), OTHERS)
def test_others_are_others(one: str, other: str, kind: PartyKind) -> None:
    assert score(one, other, kind) < 0.5


def test_a_kind_that_cannot_be_the_same_is_against() -> None:
    person, ship = Party(("Adam Star",), PartyKind.PERSON), Party(("Adam Star",), PartyKind.VESSEL)
    assert compare(person, ship).score < 0.5 < compare(person, person).score


def test_a_weak_alias_needs_more_than_itself() -> None:
    weak = ListedParty("1", PartyKind.PERSON, (Name("Somebody Known"), Name("Abu Ali", NameKind.WEAK)), ("1971",))
    alone = compare(Party(("Abu Ali",), PartyKind.PERSON), weak).score
    assert alone < compare(Party(("Abu Ali",), PartyKind.PERSON, ("1971",)), weak).score
    assert alone < 0.5


LISTED = ListedParty(
    "X-7",
    PartyKind.PERSON,
    (Name("ORMANBEKOV, Bolat Serikovich"),),
    ("1971-05-02",),
    ("kz",),
    programmes=("Example programme",),
)
EXPECTED = {
    "en": [
        (
            "Болат Орманбеков may be ORMANBEKOV, Bolat Serikovich of list example "
            "(entry X-7, edition example 2026-01-01 eeeeeeee); score {score}."
        ),
        "Programme: Example programme.",
        "болат and bolat: the same word in another spelling (0.99).",
        "орманбеков and ormanbekov: the same word in another spelling (0.99).",
        "Only on the list: serikovich. It may have been left out here.",
        "The date is near (1971-05-02), perhaps a slip.",
        "The country agrees (KZ).",
        "Nobody has decided on this pair yet.",
    ],
    "ru": [
        (
            "Болат Орманбеков — возможно, ORMANBEKOV, Bolat Serikovich из списка example "
            "(запись X-7, редакция example 2026-01-01 eeeeeeee); оценка {score}."
        ),
        "Программа: Example programme.",
        "болат и bolat: то же слово в другом написании (0.99).",
        "орманбеков и ormanbekov: то же слово в другом написании (0.99).",
        "Только в списке: serikovich. Возможно, здесь опущено.",
        "Дата близка (1971-05-02), возможно, описка.",
        "Страна совпадает (KZ).",
        "По этой паре решения ещё нет.",
    ],
    "kk": [
        (
            "Болат Орманбеков — мүмкін, example тізіміндегі ORMANBEKOV, Bolat Serikovich "
            "(жазба X-7, редакция example 2026-01-01 eeeeeeee); баға {score}."
        ),
        "Бағдарлама: Example programme.",
        "болат мен bolat: сол сөз, жазылуы басқа (0.99).",
        "орманбеков мен ormanbekov: сол сөз, жазылуы басқа (0.99).",
        "Тек тізімде бар: serikovich. Мұнда түсіп қалған болуы мүмкін.",
        "Күні жақын (1971-05-02), қате жазылған болуы мүмкін.",
        "Елі сәйкес (KZ).",
        "Бұл жұп бойынша әлі шешім жоқ.",
    ],
}


@pytest.mark.parametrize("lang", EXPECTED)
def test_an_officer_can_read_why(lang: str) -> None:
    edition = Edition("example", date(2026, 1, 1), "e" * 64, None, (LISTED,))
    asked = Party(("Болат Орманбеков",), PartyKind.PERSON, ("1972-05-02",), ("kz",))
    [hit] = screener_of([edition], Thresholds()).screen(asked, date(2026, 2, 2))
    found = in_words(hit, lang)
    assert found == [line.format(score=f"{hit.match.score:.2f}") for line in EXPECTED[lang]]


@given(st.lists(names, min_size=1, max_size=30, unique=True), names)
@settings(max_examples=30, deadline=None)
def test_a_search_gives_the_score_a_comparison_gives(listed: list[str], asked: str) -> None:
    parties = tuple(ListedParty(str(at), PartyKind.PERSON, (Name(name),)) for at, name in enumerate(listed))
    index = Index.build([Edition("x", None, "0" * 64, None, parties)])
    party = Party((asked,), PartyKind.PERSON)
    for match in index.search(party, threshold=0.5, limit=50):
        assert match.score == compare(party, match.party).score


@example("\u06df", "A")
@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_can_be_compared(one: str, other: str) -> None:
    for kind in PartyKind:
        assert 0 <= compare(Party((one,), kind), Party((other,), kind)).score <= 1
