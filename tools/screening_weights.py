"""Fit the weights of screening's evidence on labelled data, with the sign of each fixed beforehand.

    python tools/screening_weights.py DATA [--write] [--errors N]

DATA holds `screening/` (labelled pairs and list queries) and `sanctions/`. To the pairs come others made here: what a
search of the UN's, Canada's and the EU's lists gives for the queries that must find nothing, for names of
Canada's list with one slip, and for people put together from two listed ones. OFAC's lists are kept for judging.

Everything is dealt into five folds by a hash of its id. Weights are fitted on folds 1 to 4 and measured on fold 0,
which is printed and never fitted, and whose errors are not shown. Needs scipy.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.optimize import minimize

from keruen.model.party import Edition, ListedParty, Name, Party, PartyKind
from keruen.screening import compare as comparing
from keruen.screening import facts, labelled, quality, romanise
from keruen.screening.index import Index
from keruen.screening.labelled import LabelledPair
from keruen.screening.names import analyse
from keruen.screening.thresholds import ALERT
from keruen.watchlists.read import read

WEIGHTS = Path(__file__).resolve().parent.parent / "src" / "keruen" / "screening" / "weights.toml"

SIGNS: dict[str, int] = {
    "base": 0,
    "nothing_in_common": -1,
    "matched": 1,
    "coverage": 1,
    "contradiction": -1,
    "contradiction_share": -1,
    "omission": -1,
    "omission_share": -1,
    "omission_beside_two": 1,
    "difference": -1,
    "difference_share": -1,
    "worst_word": -1,
    "far_word": -1,
    "no_full_word": -1,
    "one_word": -1,
    "one_of_more": -1,
    "short_sound": -1,
    "cross_script": 0,
    "cross_difference": 1,
    "surprise": 1,
    "little_said": -1,
    "initials": -1,
    "numbers_differ": -1,
    "number_left": -1,
    "short_typed": -1,
    "forms_differ": -1,
    "firm": 0,
    "only_trade_words": -1,
    "only_word_differs": -1,
    "meanings_differ": -1,
    "places_differ": -1,
    "meaning_left": -1,
    "date_same": 1,
    "date_same_year": 1,
    "date_near": 0,
    "date_differs": -1,
    "country_same": 1,
    "country_differs": -1,
}
SIGNS |= {f"firm_{name}": SIGNS[name] for name in sorted(comparing.OF_FIRMS)}
NAMES: Final = tuple(SIGNS)
BY_HAND: Final = {"kind_differs": -4.0, "weak_alias": -2.0, "identifier_differs": -3.0}
"""Not in the labelled pairs: a person is no ship, and a nickname alone raises no alarm."""
LIMITS: Final = {"country_differs": (-2.0, 0.0)}
"""The very name of a listed firm stays an alarm when it is in another country: that is how lists are evaded."""
PAIRS: Final = ("name_pairs", "cross_script_pairs", "entity_pairs")
MADE: Final = "made_pairs"
MADE_FIRMS: Final = "made_firms"
SURE: Final = "sure_names"
SURE_AT: Final = 0.9
"""Score that the very name has in other letters, however common."""
KEPT: Final = 0
"""The fold that judges."""
SLIPS: Final = 700
MIXED: Final = 700
RIDGE: Final = 0.00005
ROUNDS: Final = 6
THRESHOLDS: Final = (0.4, 0.45, 0.5, 0.55, 0.6, 0.7)

Vectors = Any
"""numpy array, pairings by pieces of evidence."""


class Example(NamedTuple):
    """A labelled pair with the evidence of every pairing of its names."""

    group: str
    pair: LabelledPair
    vectors: Vectors
    identified: bool


# -- data ------------------------------------------------------------------------------------


def labelled_pairs(data: Path) -> Iterator[tuple[str, LabelledPair]]:
    """The labelled pairs, by their file."""
    for name in PAIRS:
        with (data / "screening" / f"{name}.csv").open(encoding="utf-8") as file:
            for pair in labelled.read_pairs(file, name=name):
                yield name, pair


def made_pairs(data: Path) -> Iterator[LabelledPair]:
    """Pairs that a search makes; see the head of this file."""
    lists = [
        _list(data, "un_sc/un_consolidated_2026-02-27.xml.gz"),
        _list(data, "ca_sema/sema_2025-05.xml.gz"),
        _list(data, "eu_fsf/eu_names_2025-05_parsed.csv.gz"),
    ]
    drawn = random.Random(7)  # noqa: S311 - the same pairs every time
    index = Index.build([*lists, nobody(lists, drawn)])
    yield from _of_queries(data, index, {party.id: party for party in lists[0].parties})
    listed = [party for party in lists[1].parties if party.names[0].text.isascii()]
    drawn.shuffle(listed)
    for number, party in enumerate(listed[:SLIPS]):
        slipped = slip(party.names[0].text.replace(",", ""), drawn)
        if slipped:
            yield _pair(f"slip-{number}", Party((slipped,), party.kind), party, party.names[0].text, same=True)
    people = [party for party in listed if party.kind == PartyKind.PERSON]
    for number in range(MIXED):
        first, second = drawn.choice(people), drawn.choice(people)
        name = f"{first.names[0].text.split()[-1]} {second.names[0].text.split()[0].strip(',')}"
        yield from _found_wrongly(f"mixed-{number}", index, Party((name,), PartyKind.PERSON), 1, without=name)


def nobody(lists: Sequence[Edition], drawn: random.Random) -> Edition:
    """People who are on no list: names put together from two listed people, and from common parts of the East.

    What a clean party is like on them is what it will be like on lists that are not here.
    """
    people = [party for edition in lists for party in edition.parties if party.kind == PartyKind.PERSON]
    made = []
    for number in range(NOBODIES):
        first, second = drawn.choice(people).names[0].text.split(), drawn.choice(people).names[0].text.split()
        made.append((f"n{number}", f"{first[0].strip(',')} {second[-1]}"))
    for number in range(NOBODIES):
        given = "".join(drawn.choice(SYLLABLES) for _ in range(drawn.choice((1, 2, 2)))).capitalize()
        made.append((f"e{number}", f"{drawn.choice(SURNAMES)} {given}"))
    parties = tuple(ListedParty(number, PartyKind.PERSON, (Name(text),)) for number, text in made)
    return Edition("nobody", None, "0" * 64, None, parties)


NOBODIES: Final = 4000
FIRMS: Final = 700
"""Firms of each make that are asked about and are on no list."""


def made_firms(data: Path) -> Iterator[LabelledPair]:
    """Firms that are on no list beside what is nearest to them, and firms of lists in other letters and with slips.

    The labelled pairs of firms that are two share a word, for that is how they were gathered. What a search brings is
    another thing: words that are alike by chance, and one word of trade.
    """
    lists = [_list(data, "ca_sema/sema_2025-05.xml.gz"), _list(data, "eu_fsf/eu_names_2025-05_parsed.csv.gz")]
    drawn = random.Random(11)  # noqa: S311 - the same pairs every time
    real = [
        each.names[0].text.replace(",", "").split()
        for edition in lists
        for each in edition.parties
        if each.kind == PartyKind.ORGANISATION and each.names[0].text.isascii()
    ]
    real = [each for each in real if 1 < len(each) <= LONGEST_FIRM]
    made = [_halves(drawn.choice(real), drawn.choice(real)) for _ in range(NOBODIES)]
    made += [_invented(drawn, drawn.choice((1, 1, 2)))[1] for _ in range(NOBODIES)]
    parties = [ListedParty(f"f{number}", PartyKind.ORGANISATION, (Name(text),)) for number, text in enumerate(made)]
    index = Index.build([*lists, Edition("nobody", None, "0" * 64, None, tuple(parties))])
    for number in range(FIRMS):
        halves = _halves(drawn.choice(real), drawn.choice(real))
        yield from _nearest(f"halves-{number}", index, halves)
        for script, text in enumerate(_invented(drawn, drawn.choice((1, 1, 2)))):
            yield from _nearest(f"invented-{number}/{script}", index, text)
        cyrillic, latin = _invented(drawn, drawn.choice((1, 1, 2)))
        listed = ListedParty(f"i{number}", PartyKind.ORGANISATION, (Name(slip(latin, drawn) or latin),))
        asked = Party((cyrillic,), PartyKind.ORGANISATION)
        name = " ".join(drawn.choice(real))
        if slipped := slip(name, drawn):
            same = ListedParty(f"s{number}", PartyKind.ORGANISATION, (Name(name),))
            yield _pair(f"slip-firm-{number}", Party((slipped,), PartyKind.ORGANISATION), same, name, same=True)
        yield _pair(f"letters-{number}", asked, listed, listed.names[0].text, same=True)


def sure_names() -> Iterator[LabelledPair]:
    """Very common names of people in Cyrillic beside their usual spellings in Latin letters."""
    for number, name in enumerate(COMMON_NAMES):
        words = [romanise.readings(each, romanise.CYRILLIC) for each in name.split()]
        for at, spelled in enumerate(itertools.product(*words)):
            latin = " ".join(spelled).title()
            listed = ListedParty(f"c{number}", PartyKind.PERSON, (Name(latin),))
            yield _pair(f"sure-{number}/{at}", Party((name.title(),), PartyKind.PERSON), listed, latin, same=True)


COMMON_NAMES: Final = (
    "сергей иванов",
    "александр иванов",
    "алексей петров",
    "андрей попов",
    "ахмет ахметов",
    "ерлан омаров",
)


def _halves(first: list[str], second: list[str]) -> str:
    return " ".join([*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]])


def _invented(drawn: random.Random, words: int) -> tuple[str, str]:
    """A firm's name in Cyrillic and in Latin: words of the country, mostly with one of trade."""
    own = ["".join(drawn.choice(STEPPE) for _ in range(drawn.choice((2, 2, 3)))) for _ in range(words)]
    spelled = [romanise.readings(each, romanise.CYRILLIC)[0] for each in own]
    trade = drawn.choice(TRADES)
    return " ".join([*own, trade[0]]).title(), " ".join([*spelled, trade[1]]).title()


def _nearest(id: str, index: Index, text: str) -> Iterator[LabelledPair]:  # noqa: A002
    """What a search brings first for a firm that is on no list; not what bears the same name."""
    party = Party((text,), PartyKind.ORGANISATION)
    for match in index.search(party, threshold=0.0, limit=3):
        pairing = match.detail.pairing
        assert pairing is not None
        full = [each.likeness.value for each in pairing.pairs if each.weight >= comparing.FULL]
        if full and min(full) >= comparing.JOIN_BELOW and not pairing.left_ours:
            continue
        yield _pair(f"{id}", party, match.party, match.detail.their_name, same=False)
        return


LONGEST_FIRM: Final = 5
STEPPE: Final = """ал тын тау жол бай кен сар дар көк төбе қар құм су ай нұр бек ер тас кең дал бер ата аз бар тур сай
ол жер кем шым ақ мұз бұл ор кент тал ди мир он ви ро дом лес сев тех ма на са ре ко ла то ка ли ни ра""".split()  # noqa: SIM905
"""Syllables of names of firms in Kazakh and Russian."""
TRADES: Final = (
    ("трейд", "trade"), ("импэкс", "impex"), ("логистик", "logistics"), ("сервис", "service"), ("груп", "group"),
    ("строй", "stroy"), ("холдинг", "holding"), ("инвест", "invest"), ("экспорт", "export"), ("агро", "agro"),
    ("транс", "trans"), ("техно", "techno"), ("маркет", "market"), ("электро", "electro"), ("глобал", "global"),
    ("ойл", "oil"), ("плюс", "plus"), ("снаб", "snab"), ("компани", "company"), ("", ""),
)  # fmt: skip
SURNAMES: Final = """Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Luo Gao Kim Pak Choe
Jong Kang Jo Yun Chang Lim Han O So Sin Kwon Hwang An Song Ryu Hong Chan Wong Lee Tan Ng Cheung Leung Tran Nguyen
Pham""".split()  # noqa: SIM905 - a text to be read
SYLLABLES: Final = """wei fang na xiu ying min jing li qiang lei jun yang yong yan jie tao ming chao xia ping gang
hua hui yu mei lan jian guo zhi wen bo xin chun hyok chol nam su song il jin ho kyong un myong chin hak ryong kwang
sun""".split()  # noqa: SIM905 - a text to be read


def _list(data: Path, path: str) -> Edition:
    file = data / "sanctions" / path
    return read([(file.name, file.read_bytes())])


def _of_queries(data: Path, index: Index, by_id: dict[str, ListedParty]) -> Iterator[LabelledPair]:
    with (data / "screening" / "list_queries_un.csv").open(encoding="utf-8") as file:
        queries = labelled.read_queries(file, name="list_queries_un")
    for query in queries:
        if not query.expected_id:
            yield from _found_wrongly(query.id, index, query.party, 2)
            continue
        expected = by_id.get(query.expected_id.removeprefix("un-"))
        if expected is not None:
            hits = [each for each in index.search(query.party, threshold=0, limit=50) if each.party is expected]
            name = hits[0].detail.their_name if hits else expected.names[0].text
            yield _pair(query.id, query.party, expected, name, same=True)


def _found_wrongly(id: str, index: Index, party: Party, most: int, *, without: str = "") -> Iterator[LabelledPair]:  # noqa: A002
    """What a search finds that must not be found: the hardest cases there are."""
    words = set(without.lower().replace(",", " ").split())
    count = 0
    for match in index.search(party, threshold=0.15, limit=6):
        name = match.detail.their_name
        if "weak_alias" in match.detail.parts or match.party.kind not in {party.kind, PartyKind.UNKNOWN}:
            continue
        if words and words <= set(name.lower().replace(",", " ").split()):
            continue
        yield _pair(f"{id}/{count}", party, match.party, name, same=False)
        count += 1
        if count == most:
            return


def _pair(id: str, query: Party, listed: ListedParty, name: str, *, same: bool) -> LabelledPair:  # noqa: A002
    candidate = Party((name,), listed.kind, listed.dates)
    return LabelledPair(id, query._replace(countries=()), candidate, same, "", "")


def slip(name: str, drawn: random.Random) -> str:
    """A name with one slip of the hand, or nothing where the slip drawn does not fit it."""
    words = name.split()
    long = [at for at, each in enumerate(words) if len(each) > 3]  # noqa: PLR2004
    kind = drawn.choice(("swap", "drop", "double", "other", "join", "split", "order", "initial", "leave"))
    if not long or (len(words) < 2 and kind not in {"swap", "drop", "double", "other", "split"}):  # noqa: PLR2004
        return ""
    at = drawn.choice(long)
    word, letter = words[at], drawn.randrange(len(words[at]) - 1)
    made: dict[str, Callable[[], list[str]]] = {
        "swap": lambda: [word[:letter] + word[letter + 1] + word[letter] + word[letter + 2 :]],
        "drop": lambda: [word[:letter] + word[letter + 1 :]],
        "double": lambda: [word[: letter + 1] + word[letter:]],
        "other": lambda: [word[:letter] + drawn.choice("abcdefghiklmnoprstuvyz") + word[letter + 1 :]],
        "split": lambda: [word[: len(word) // 2], word[len(word) // 2 :]],
        "initial": lambda: [f"{word[0]}."],
        "leave": list,
    }
    if kind == "join":
        return " ".join([*words[:-2], words[-2] + words[-1].lower()])
    if kind == "order":
        return " ".join([*words[1:], words[0]])
    return " ".join([*words[:at], *made[kind](), *words[at + 1 :]])


# -- fitting ---------------------------------------------------------------------------------


def example(group: str, pair: LabelledPair, memory: comparing.Memory) -> Example:
    """A pair as evidence."""
    ours, theirs = pair.query, pair.candidate
    kind = facts.common_kind(ours.kind, theirs.kind)
    known = facts.compare(ours, theirs)
    found = [
        comparing.name_evidence(comparing.pair(a, b, memory), person=kind == PartyKind.PERSON) | known.evidence()
        for one in ours.names
        for other in theirs.names
        for a in analyse(one, kind)
        for b in analyse(other, kind)
    ]
    vectors = np.array([[pieces.get(name, 0.0) for name in NAMES] for pieces in found])
    return Example(group, pair, vectors, known.same_identifier is not None)


def fit(examples: Sequence[Example]) -> Any:  # noqa: ANN401 - a numpy array
    """Weights in the order of `NAMES`; groups of examples weigh the same, whatever their size, but made firms half."""
    sizes = {group: sum(each.group == group for each in examples) for group in {each.group for each in examples}}
    shares = {group: {MADE_FIRMS: OF_MADE_FIRMS, SURE: 0.0}.get(group, 1.0) for group in sizes}
    importance = np.array(
        [len(examples) * shares[each.group] / sizes[each.group] / sum(shares.values()) for each in examples]
    )
    labels = np.array([each.pair.same for each in examples], float)
    bounds = [LIMITS.get(name, {1: (0, 12), -1: (-12, 0), 0: (-12, 12)}[SIGNS[name]]) for name in NAMES]
    weights = np.array([float(SIGNS[name]) for name in NAMES])
    stacked = _Stacked.of(examples)
    ends = [*stacked.starts[1:], len(stacked.vectors)]
    for _ in range(ROUNDS):
        # The best pairing under the weights so far stands for its pair.
        points = stacked.vectors @ weights
        best = [first + int(np.argmax(points[first:end])) for first, end in zip(stacked.starts, ends, strict=True)]
        weights = minimize(
            _loss, weights, args=(stacked.vectors[best], labels, importance), jac=True, bounds=bounds, method="L-BFGS-B"
        ).x
    return weights


SHIFTS: Final = (
    ("cross_script", tuple(step / 10 for step in range(0, 13, 2))),
    ("firm_cross_script", tuple(step / 10 for step in range(0, 13, 2))),
    ("firm", tuple(step / 10 for step in range(-6, 5, 2))),
)
POINTS: Final = tuple(step / 10 for step in range(-2, 10))
BARS: Final = {"name_pairs": 0.88, "cross_script_pairs": 0.85, "entity_pairs": 0.975}


def settle(examples: Sequence[Example], weights: Any) -> Any:  # noqa: ANN401 - numpy arrays
    """Weights moved so that one threshold, `ALERT`, serves all groups.

    The likelihood is fitted group by group alike, but what counts is F1 at one threshold for all. So words across
    scripts and firms may be shifted as a whole, and everything together, to where the group that is nearest to its bar
    stands best, and the others well, as long as the very name in other letters stays sure. Chosen on the fitted folds
    like the rest.
    """
    best: tuple[float, tuple[float, ...]] = (-9.0, (0.0, 0.0, 0.0, 0.0))
    alert = float(np.log(ALERT / (1 - ALERT)))
    of_group = {group: [each for each in examples if each.group == group] for group in (*BARS, MADE, MADE_FIRMS)}
    groups = {group: _Stacked.of(found) for group, found in of_group.items() if found}
    points = {group: stacked.vectors @ weights for group, stacked in groups.items()}
    shifted = {
        group: [stacked.vectors[:, NAMES.index(name)] for name, _ in SHIFTS] for group, stacked in groups.items()
    }
    sure = [each.vectors for each in examples if each.group == SURE]
    sure_alert = float(np.log(SURE_AT / (1 - SURE_AT)))
    columns = [NAMES.index(name) for name, _ in SHIFTS]
    for *shifts, point in itertools.product(*(steps for _, steps in SHIFTS), POINTS):
        if any((each @ weights + each[:, columns] @ np.array(shifts)).max() - point < sure_alert for each in sure):
            continue
        found = {
            group: stacked.f1(
                points[group] + sum(by * column for by, column in zip(shifts, shifted[group], strict=True)) - point,
                alert,
            )
            for group, stacked in groups.items()
        }
        slacks = [found[group] - bar for group, bar in BARS.items()]
        made = sum(found.get(group, 0.0) for group in (MADE, MADE_FIRMS))
        value = min(slacks) + WITH_OTHERS * sum(slacks) + WITH_MADE * made
        if value > best[0]:
            best = (value, (*shifts, point))
    moved = weights.copy()
    for name, shift in zip((*(name for name, _ in SHIFTS), "base"), best[1], strict=True):
        moved[NAMES.index(name)] += -shift if name == "base" else shift
    return moved


OF_MADE_FIRMS: Final = 0.5
"""Nobody knows how often such firms are asked about; they teach the direction, real names the measure."""
WITH_OTHERS: Final = 0.3
WITH_MADE: Final = 0.2


class _Stacked(NamedTuple):
    """Examples laid under each other, so that all are scored at once."""

    vectors: Vectors
    starts: Vectors
    identified: Vectors
    same: Vectors

    @classmethod
    def of(cls, examples: Sequence[Example]) -> _Stacked:
        sizes = [len(each.vectors) for each in examples]
        return cls(
            np.concatenate([each.vectors for each in examples]),
            np.cumsum([0, *sizes[:-1]]),
            np.array([each.identified for each in examples]),
            np.array([each.pair.same for each in examples]),
        )

    def f1(self, points: Vectors, alert: float) -> float:
        """F1 at a threshold, given the points of every pairing; the best of a pair's stands for it."""
        hit = self.identified | (np.maximum.reduceat(points, self.starts) >= alert)
        return float(2 * (hit & self.same).sum() / (hit.sum() + self.same.sum()))


def _loss(weights: Any, chosen: Any, labels: Any, importance: Any) -> tuple[float, Any]:  # noqa: ANN401 - numpy arrays
    share = 1 / (1 + np.exp(-(chosen @ weights)))
    likely = labels * np.log(share + 1e-9) + (1 - labels) * np.log(1 - share + 1e-9)
    ridge = RIDGE * len(labels)
    value = -(importance * likely).sum() + ridge * (weights**2).sum()
    return value, chosen.T @ (importance * (share - labels)) + 2 * ridge * weights


def score(found: Example, weights: Any) -> float:  # noqa: ANN401 - a numpy array
    """The score of an example under some weights."""
    return facts.IDENTIFIED if found.identified else comparing.logistic(float((found.vectors @ weights).max()))


# -- what is printed -------------------------------------------------------------------------


def report(examples: Sequence[Example], weights: Any) -> None:  # noqa: ANN401 - a numpy array
    """Precision, recall and F1 of each group at some thresholds, fitted folds and the kept one."""
    for group in dict.fromkeys(each.group for each in examples):
        for title, kept in (("fitted", False), ("kept", True)):
            scored = [
                quality.Scored(each.pair, score(each, weights))
                for each in examples
                if each.group == group and (quality.fold_of(each.pair.id) == KEPT) is kept
            ]
            cells = []
            for at in THRESHOLDS:
                counts = quality.count(scored, at)
                cells.append(f"@{at} {counts.precision or 0:.3f}/{counts.recall or 0:.3f}/{counts.f1 or 0:.3f}")
            print(f"{group:20} {title:6} n={len(scored):5}  {'  '.join(cells)}")


def errors(examples: Sequence[Example], weights: Any, at: float, most: int) -> None:  # noqa: ANN401 - a numpy array
    """The worst errors of the fitted folds."""
    for group in dict.fromkeys(each.group for each in examples):
        for same in (False, True):
            wrong = sorted(
                (
                    (score(each, weights), each.pair)
                    for each in examples
                    if each.group == group
                    and quality.fold_of(each.pair.id) != KEPT
                    and each.pair.same is same
                    and (score(each, weights) >= at) is not same
                ),
                key=lambda each: -abs(each[0] - at),
            )
            print(f"== {group}: {'missed' if same else 'false'}, {len(wrong)}")
            for value, pair in wrong[:most]:
                print(
                    f"  {value:.2f} {pair.query.names[0]} | {pair.candidate.names[0]} [{pair.category} {pair.quality}]"
                )


def main() -> None:
    """Fit, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--errors", type=int, default=0)
    given = parser.parse_args()
    memory = comparing.Memory()
    pairs = [
        *labelled_pairs(given.data),
        *((MADE, pair) for pair in made_pairs(given.data)),
        *((MADE_FIRMS, pair) for pair in made_firms(given.data)),
        *((SURE, pair) for pair in sure_names()),
    ]
    examples = [example(group, pair, memory) for group, pair in pairs]
    fitted = [each for each in examples if quality.fold_of(each.pair.id) != KEPT or each.group == SURE]
    weights = settle(fitted, fit(fitted))
    report(examples, weights)
    if given.errors:
        errors(examples, weights, ALERT, given.errors)
    if given.write:
        table = dict(zip(NAMES, weights, strict=True)) | BY_HAND
        head = (
            "# Points of each piece of evidence, as tools/screening_weights.py fitted them. Signs and limits are fixed "
            "there.\n"
        )
        WEIGHTS.write_text(head + "".join(f"{name} = {value:.3f}\n" for name, value in table.items()), "utf-8")


if __name__ == "__main__":
    main()
