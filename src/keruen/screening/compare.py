"""Two parties compared: which words of their names pair, what speaks for and against, and a score.

The score is a sum that can be printed: each piece of evidence has a value and a weight (`weights.toml`),
their sum is turned into a number from 0 to 1 by the logistic function. Names come first; dates, countries,
identifiers and legal forms raise or lower what the names say. What only one side knows says nothing.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz.distance import OSA

from keruen.model.party import ListedParty, NameKind, Party, PartyKind
from keruen.screening import abjad, facts
from keruen.screening.likeness import LEAST, NOTHING, VOWELLESS, How, Likeness, likeness
from keruen.screening.names import Analysis, analyse
from keruen.screening.romanise import HAN, HANGUL, KANA
from keruen.screening.words import Word, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Pair(NamedTuple):
    """Words of one name that stand for words of the other."""

    ours: tuple[Word, ...]
    theirs: tuple[Word, ...]
    likeness: Likeness
    weight: float


class Pairing(NamedTuple):
    """Two names laid beside each other."""

    pairs: tuple[Pair, ...]
    left_ours: tuple[Word, ...]
    left_theirs: tuple[Word, ...]
    ours: Analysis
    theirs: Analysis


class Score(NamedTuple):
    """What came of a comparison."""

    score: float
    """0 to 1; how sure it is that both are one party."""
    parts: Mapping[str, float]
    """Every piece of evidence that was not nought, in points before the logistic function."""
    pairing: Pairing | None
    our_name: str
    their_name: str
    facts: facts.Facts


@cache
def weights() -> Mapping[str, float]:
    """Points of each piece of evidence."""
    text = resources.files("keruen.screening").joinpath("weights.toml").read_text("utf-8")
    return {name: float(value) for name, value in tomllib.loads(text).items()}


# -- names -----------------------------------------------------------------------------------


class Memory:
    """Likenesses worked out before, kept while there is room."""

    def __init__(self, room: int = 300_000) -> None:
        self.room = room
        self.size = 0
        self.rows: dict[Word, dict[Word, Likeness | None]] = {}

    def row(self, one: Word) -> dict[Word, Likeness | None]:
        """What is known of one word: None where another is nothing like it."""
        if self.size > self.room:
            self.rows.clear()
            self.size = 0
        return self.rows.setdefault(one, {})

    def likeness(self, one: Word, other: Word) -> Likeness | None:
        """As `likeness.likeness`, remembered; None below `LEAST`."""
        row = self.row(one)
        if other not in row:
            found = likeness(one, other)
            row[other] = found if found.value >= LEAST else None
            self.size += 1
        return row[other]


def pair(ours: Analysis, theirs: Analysis, memory: Memory) -> Pairing:  # noqa: C901 - one pass, in order of sureness
    """Lay two names beside each other, each word paired at most once, the surest pairs first."""
    first, second = ours.words, theirs.words
    found: list[tuple[float, int, int, Likeness]] = []
    for i, one in enumerate(first):
        row = memory.row(one)
        for j, other in enumerate(second):
            like = row[other] if other in row else memory.likeness(one, other)
            if like is not None:
                # A tie goes to the words that say more, then to those in the same place.
                found.append((-like[0] - 0.01 * min(one.weight, other.weight) + 0.001 * abs(i - j), i, j, like))
    found.sort()
    left_ours, left_theirs = set(range(len(first))), set(range(len(second)))
    pairs: list[Pair] = []
    unsure: list[tuple[int, int, Likeness]] = []
    taken_ours: set[int] = set()
    taken_theirs: set[int] = set()
    for mine, its in _split_words(first, second) if len(first) != len(second) else ():
        taken_ours.update(mine)
        taken_theirs.update(its)
        whole = first[mine[0]] if len(mine) == 1 else second[its[0]]
        pairs.append(Pair(tuple(first[i] for i in mine), tuple(second[j] for j in its), _SPLIT, whole.weight))
    left_ours -= taken_ours
    left_theirs -= taken_theirs
    for _, i, j, like in found:
        if i in taken_ours or j in taken_theirs:
            continue
        taken_ours.add(i)
        taken_theirs.add(j)
        if like.value >= JOIN_BELOW:
            left_ours.discard(i)
            left_theirs.discard(j)
            pairs.append(Pair((first[i],), (second[j],), like, (first[i].weight + second[j].weight) / 2))
        else:
            unsure.append((i, j, like))
    if left_ours and left_theirs and len(left_ours) + len(left_theirs) > 2:  # noqa: PLR2004 - nothing to put together
        for mine, its, like in _joined(first, second, left_ours, left_theirs):
            words, others = tuple(first[i] for i in mine), tuple(second[j] for j in its)
            sums = sum(each.weight for each in words), sum(each.weight for each in others)
            weight = min(sums) if any(each.meaning for each in (*words, *others)) else max(sums)
            pairs.append(Pair(words, others, like, min(1.0, 1.4 * weight / max(len(mine), len(its)))))
    for i, j, like in unsure:
        if i in left_ours and j in left_theirs:
            left_ours.discard(i)
            left_theirs.discard(j)
            pairs.append(Pair((first[i],), (second[j],), like, _weight(first[i], second[j])))
    return Pairing(
        tuple(pairs),
        _without_forms([first[i] for i in sorted(left_ours)], theirs),
        _without_forms([second[j] for j in sorted(left_theirs)], ours),
        ours,
        theirs,
    )


_SPLIT: Final = Likeness(0.97, How.JOINED)


def _split_words(first: Sequence[Word], second: Sequence[Word]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Neighbours that are letter by letter one word of the other name, before a part of it pairs alone: `SHIP PING`."""
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    whole = {each.text: at for at, each in enumerate(shorter) if len(each.text) >= _LEAST_SPLIT}
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    at = 0
    while whole and at + 1 < len(longer):
        there = whole.pop(longer[at].text + longer[at + 1].text, None)
        if there is not None:
            found.append(((at, at + 1), (there,)) if longer is first else ((there,), (at, at + 1)))
            at += 1
        at += 1
    return found


_LEAST_SPLIT: Final = 4


def _weight(one: Word, other: Word) -> float:
    """What a pair of words weighs. A word of trade with a slip in it is still but a word of trade."""
    if bool(one.meaning) != bool(other.meaning):
        return min(one.weight, other.weight)
    return (one.weight + other.weight) / 2


def _without_forms(left: list[Word], other: Analysis) -> tuple[Word, ...]:
    """Loose words without those that the other name has with a slip in a legal form or a phrase: `LTAD`, `COM PANY`."""
    # A form of several words, `company limited`, may have its slip in one of them, and so may `shipping company`.
    forms = {part for each in other.dropped for part in (each.text.replace(" ", ""), *each.text.split())}
    parts = {part for each in other.words if " " in each.text for part in each.text.split()}
    if not left or not (forms or parts):
        return tuple(left)
    whole = "".join(each.text for each in left)
    if len(left) > 1 and (_is_slip(whole, forms, _SLIP_AT) or _is_slip(whole, parts, _SLIP_OF_A_WORD_AT)):
        return ()
    return tuple(one for one in left if not (_of_a_form(one, forms) or _is_slip(one.text, parts, _SLIP_OF_A_WORD_AT)))


def _of_a_form(one: Word, forms: set[str]) -> bool:
    """Whether a loose word is a form with a slip, or what a slip left of one: the `A` of `S.A.`."""
    if len(one.text) < len("ltd"):
        return one.initial and any(one.text in each and len(each) <= len("ltd") for each in forms)
    return _is_slip(one.text, forms, _SLIP_AT)


def _is_slip(text: str, words: set[str], at: float) -> bool:
    return any(len(each) > 1 and OSA.normalized_similarity(text, each) >= at for each in words)


_SLIP_AT: Final = 0.6
_SLIP_OF_A_WORD_AT: Final = 0.8


JOIN_BELOW: Final = 0.9
_JOIN_AT: Final = 0.86
_JOIN_VOWELLESS: Final = 0.76


def _joined(
    first: Sequence[Word], second: Sequence[Word], left_ours: set[int], left_theirs: set[int]
) -> list[tuple[tuple[int, ...], tuple[int, ...], Likeness]]:
    """Loose words that agree once neighbours are put together: `Abu Bakr` and `Abubakr`. Takes them from the loose."""
    found: list[tuple[tuple[int, ...], tuple[int, ...], Likeness]] = []
    for run, j, like in _runs_for(first, left_ours, second, left_theirs):
        found.append((run, (j,), like))
    for run, i, like in _runs_for(second, left_theirs, first, left_ours):
        found.append(((i,), run, like))
    return found


def _runs_for(  # noqa: C901 - the inner loop of every search; calls would cost more than they tell
    here: Sequence[Word], loose: set[int], there: Sequence[Word], singles: set[int]
) -> list[tuple[tuple[int, ...], int, Likeness]]:
    """Runs of loose neighbours `here` that are one word `there`."""
    found: list[tuple[tuple[int, ...], int, Likeness]] = []
    if len(loose) < 2:  # noqa: PLR2004 - nothing to put together
        return found
    ordered = sorted(loose)
    runs = [(run, "".join([here[i].keys[0] for i in run])) for run in _runs(ordered)]
    for j in sorted(singles):
        other = there[j]
        best: tuple[tuple[int, ...], Likeness] | None = None
        if 1 < len(other.text) <= LONGEST_SHORT and other.script in _SPELLED and not (other.meaning or other.number):
            short = _abbreviated(here, ordered, other.text)
            if short:
                best = short, Likeness(0.75, How.INITIAL)
        if best is None and (len(other.text) > 3 or other.script not in _SPELLED):  # noqa: PLR2004 - too short for two
            key = other.keys[0]
            for run, whole in runs:
                # As long, and with the same beginning or end: else they cannot be one word.
                if other.script in VOWELLESS or here[run[0]].script in VOWELLESS:
                    if not abjad.may_join([here[i].abjad[0] for i in run], other.abjad[0]):
                        continue
                elif abs(len(whole) - len(key)) > 1 + len(key) // 4 or (
                    whole[:1] != key[:1] and whole[-1:] != key[-1:]
                ):
                    continue
                if not loose.issuperset(run):
                    continue
                like = _together([here[i] for i in run], other)
                if like.value > 0:
                    best = run, like
                    break
        if best is not None:
            found.append((best[0], j, best[1]))
            loose.difference_update(best[0])
            ordered = sorted(loose)
            singles.discard(j)
    return found


LONGEST_SHORT: Final = 6
"""Letters of an abbreviation."""
_SPELLED: Final = frozenset({"latin", "cyrillic"})


def _abbreviated(here: Sequence[Word], loose: list[int], letters: str) -> tuple[int, ...]:
    """The loose words of which letters are the first ones: all of a firm's, `PLA`, or two given names, `JC`."""
    if len(letters) > 2:  # noqa: PLR2004
        heavy = [i for i in loose if not here[i].light]
        first = "".join([here[i].keys[0][:1] or here[i].text[:1] for i in heavy]) if len(heavy) >= len(letters) else ""
        return tuple(heavy) if first == letters else ()
    if any(not each.light and len(each.text) > 2 for each in here):  # noqa: PLR2004
        for one, other in pairwise(loose):
            if here[one].text[:1] + here[other].text[:1] == letters and min(
                len(here[one].text), len(here[other].text)
            ) > len(letters):
                return (one, other)
    return ()


def _runs(indices: list[int]) -> list[tuple[int, ...]]:
    """Neighbours among indices, by threes and by twos; and twos the other way round."""
    runs: list[tuple[int, ...]] = []
    for at in range(len(indices) - 1):
        if at + 2 < len(indices) and indices[at + 2] == indices[at] + 2:
            runs.append((indices[at], indices[at] + 1, indices[at] + 2))
        if indices[at + 1] == indices[at] + 1:
            runs.append((indices[at], indices[at] + 1))
    return runs


def _together(parts: list[Word], other: Word) -> Likeness:
    script = parts[0].script
    if any(each.script != script for each in parts):
        return NOTHING
    # Two words are not one short Chinese name by its consonants alone.
    native = other.script == HAN and len(other.text) <= 3  # noqa: PLR2004
    like = likeness(word("".join(each.text for each in parts), script, native=native), other)
    vowelless = (script in VOWELLESS) != (other.script in VOWELLESS)
    return (
        Likeness(like.value * 0.99, How.JOINED)
        if like.value >= (_JOIN_VOWELLESS if vowelless else _JOIN_AT)
        else NOTHING
    )


class _Tally(NamedTuple):
    """What pairs of words come to. A *full* pair is of words that say something, and not an initial's."""

    alike: float
    matched: float
    lost: float
    initials: int
    full: int
    worst: float
    worst_lettered: float
    said: float
    whole: float
    heard: float
    unheard: float
    short_sounds: int
    short_typed: int


def _tally(pairs: Sequence[Pair]) -> _Tally:
    """Sum up pairs in one pass: this is asked of every name that a search compares."""
    alike = matched = lost = said = whole = heard = unheard = 0.0
    initials = full = short_sounds = short_typed = 0
    worst = worst_lettered = 1.0
    for pair_ in pairs:
        (value, how), weight = pair_.likeness, pair_.weight
        alike += weight
        matched += weight * value
        if how is _INITIAL:
            initials += 1
            continue
        lost += weight * (1 - value)
        if weight < FULL:
            continue
        full += 1
        whole += weight
        worst = min(worst, value)
        said += _surprise(pair_)
        one, other = pair_.ours[0].script, pair_.theirs[0].script
        if one not in _UNLETTERED and other not in _UNLETTERED:
            # Both alphabets write every sound, so that letters may be held against the words.
            worst_lettered = min(worst_lettered, value)
        if one != other:
            heard += weight * _sureness(pair_)
            unheard += 0.0 if how in _LETTERS else weight * (1 - value)
        if how is _TYPING or (how in _SOUNDS and value < SURE_SOUND):
            short = min(len(each.keys[0]) for each in (*pair_.ours, *pair_.theirs)) <= _SHORT
            short_typed += short and how is _TYPING
            short_sounds += short and how is not _TYPING
    return _Tally(
        alike,
        matched,
        lost,
        initials,
        full,
        worst if full else 0.0,
        worst_lettered,
        said,
        whole,
        heard,
        unheard,
        short_sounds,
        short_typed,
    )


_INITIAL, _TYPING = How.INITIAL, How.TYPING
_SHORT: Final = 4
"""Letters of a word in which a few that differ make another word, and in which words across scripts agree by chance."""
_SOUNDS: Final = frozenset({How.SOUND, How.NAME})


def name_evidence(pairing: Pairing, *, person: bool) -> dict[str, float]:
    """What two names say, piece by piece; the names of the pieces are those of `weights.toml`."""
    pairs = pairing.pairs if person else _with_light_initials(pairing.pairs)
    sums = _tally(pairs)
    ours, theirs = _left(pairing.left_ours, pairing.left_theirs), _left(pairing.left_theirs, pairing.left_ours)
    if not pairs or sums.alike <= 0:
        return {"nothing_in_common": 1.0}
    against, omitted = min(ours, theirs), abs(ours - theirs)
    alike, full, worst = sums.alike, sums.full, sums.worst
    total = alike + (ours + theirs) / 2
    left = ours + theirs
    found = {
        "base": 1.0,
        "matched": min(sums.matched, 3.0),
        "coverage": alike / total,
        "contradiction": min(against, 1.5),
        "contradiction_share": against / total,
        "omission": min(omitted, 2.0),
        "omission_share": omitted / total,
        "difference": sums.lost,
        "difference_share": sums.lost / alike,
        "worst_word": max(0.0, 0.92 - worst),
        "far_word": max(0.0, 0.78 - worst),
        "no_full_word": float(not full),
        "one_word": float(full == 1 and len(pairs) == 1),
        "one_of_more": float(full == 1 and left >= LEFT),
        "short_sound": float(sums.short_sounds),
        "cross_script": sums.heard / sums.whole if sums.heard else 0.0,
        "cross_difference": sums.unheard / alike,
        "omission_beside_two": omitted / total if full > 1 else 0.0,
        "surprise": min(sums.said, 3.0),
        "little_said": max(0.0, LITTLE - sums.said),
        "initials": float(sums.initials),
        "numbers_differ": float(
            any(each.number for each in pairing.left_ours) and any(each.number for each in pairing.left_theirs)
        ),
        "number_left": float(
            any(each.number for each in pairing.left_ours) != any(each.number for each in pairing.left_theirs)
        ),
        "short_typed": float(sums.short_typed),
        "forms_differ": float(
            bool(pairing.ours.forms and pairing.theirs.forms and pairing.ours.forms.isdisjoint(pairing.theirs.forms))
        ),
    }
    if not person:
        own = [each for each in pairs if all(not one.meaning for one in (*each.ours, *each.theirs))]
        named = any(not each.meaning and not each.number for each in (*pairing.left_ours, *pairing.left_theirs))
        found["firm"] = 1.0
        # A word of which letters differ is vouched for by the other words of the name, and where it is the only one
        # by nothing: so much is alike by chance. What a script leaves open differs for a reason.
        found["worst_word"] = max(0.0, 0.92 - sums.worst_lettered)
        found["far_word"] = max(0.0, 0.78 - sums.worst_lettered)
        found["only_word_differs"] = found["worst_word"] if full == 1 else 0.0
        found["only_trade_words"] = float(not own and named)
        left_ours = {each.meaning for each in pairing.left_ours if each.meaning and not each.light}
        left_theirs = {each.meaning for each in pairing.left_theirs if each.meaning and not each.light}
        found["meanings_differ"] = float(bool(left_ours and left_theirs))
        found["places_differ"] = float(_places(left_ours) and _places(left_theirs))
        found["meaning_left"] = float(sum(bool(each.meaning) for each in (*pairing.left_ours, *pairing.left_theirs)))
        return {_FIRMS_NAME.get(name, name): value for name, value in found.items()}
    return found


def _with_light_initials(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Pairs of a firm's name. A firm is not called by a letter for a word as people are: such a pair weighs little."""
    if all(each.likeness.how is not _INITIAL for each in pairs):
        return pairs
    return [
        each._replace(weight=min(each.ours[0].weight, each.theirs[0].weight))
        if each.ours[0].initial != each.theirs[0].initial
        else each
        for each in pairs
    ]


OF_FIRMS: Final = frozenset(
    """matched coverage contradiction contradiction_share omission omission_share difference difference_share worst_word
    far_word no_full_word one_word one_of_more surprise little_said initials numbers_differ number_left cross_script
    cross_difference""".split()  # noqa: SIM905
)
"""Pieces that weigh otherwise in names of firms, where a word left out or added says less than in a person's."""
_FIRMS_NAME: Final = {name: f"firm_{name}" for name in OF_FIRMS}


LITTLE: Final = 1.2
"""What two common words say together; from here on a pairing is hardly chance."""
_SURE: Final = 0.6


def _surprise(pair_: Pair) -> float:
    """What it says that two words pair: as much as the commoner of them does, less where they are less alike."""
    ours = sum(each.surprise for each in pair_.ours)
    theirs = sum(each.surprise for each in pair_.theirs)
    return min(ours, theirs, 1.5) * _sureness(pair_)


def _sureness(pair_: Pair) -> float:
    """How far two words are beyond what words of chance have in common: 0 to 1."""
    return max(0.0, (pair_.likeness.value - _SURE) / (1 - _SURE))


_UNLETTERED: Final = VOWELLESS | {HAN, HANGUL, KANA}
_LETTERS: Final = frozenset({How.TYPING, How.INITIAL})
"""Reasons that excuse no difference: a letter that differs does so in any script, a sound may be written otherwise."""


def _places(meanings: set[str]) -> bool:
    return any(each.startswith(("COUNTRY", "PLACE")) for each in meanings)


SURE_SOUND: Final = 0.94
"""From here on words across scripts have the same key."""


LEFT: Final = 0.3
"""Weight of unpaired words from which on a name is not matched whole."""
FULL: Final = 0.5
"""A word of at least this weight says something by itself."""


def _left(words: Sequence[Word], others: Sequence[Word]) -> float:
    """Weight of unpaired words. A father's name that the other side merely leaves out hardly counts."""
    others_full = any(each.weight >= FULL for each in others)
    return sum(each.weight * (0.3 if each.patronymic and not others_full else 1.0) for each in words)


def logistic(points: float) -> float:
    """Points as a number between 0 and 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, points))))


class Points(NamedTuple):
    """What two names say, summed."""

    points: float
    parts: dict[str, float]
    pairing: Pairing


def name_points(ours: Sequence[Analysis], theirs: Sequence[Analysis], memory: Memory, *, person: bool) -> Points:
    """Two names compared; where a name has several readings, the two that agree best count."""
    best: Points | None = None
    known = weights()
    for one in ours:
        for other in theirs:
            pairing = pair(one, other, memory)
            pieces = name_evidence(pairing, person=person)
            parts = {name: known[name] * value for name, value in pieces.items() if value}
            points = sum(parts.values())
            if best is None or points > best.points:
                best = Points(points, parts, pairing)
    assert best is not None
    return best


# -- parties ---------------------------------------------------------------------------------

_MEMORY: Final = Memory()


def compare(ours: Party, theirs: Party | ListedParty, memory: Memory | None = None) -> Score:
    """Compare a party with another, or with a listed one.

    Returns:
        The score of the two names that agree best, with everything else the two parties say of themselves.
    """
    memory = memory or _MEMORY
    kind = facts.common_kind(ours.kind, theirs.kind)
    known = facts.compare(ours, theirs)
    best = score_of(None, known, "", "", weak=False)
    for one in ours.names:
        for other, weak in _names(theirs):
            points = name_points(analyse(one, kind), analyse(other, kind), memory, person=kind == PartyKind.PERSON)
            score = score_of(points, known, one, other, weak=weak)
            if best.pairing is None or score.score > best.score:
                best = score
    return best


def score_of(points: Points | None, known: facts.Facts, one: str, other: str, *, weak: bool) -> Score:
    """Names and facts together; without names an identifier alone may decide."""
    table = weights()
    parts = dict(points.parts) if points else {"no_name": NO_NAME}
    if weak:
        parts["weak_alias"] = table["weak_alias"]
    for name, value in known.evidence().items():
        if value:
            parts[name] = table[name] * value
    score = logistic(sum(parts.values()))
    # An identifier decides: no name, however alike, stands above it.
    if known.same_identifier is not None:
        score = facts.IDENTIFIED + (1 - facts.IDENTIFIED) * score
    else:
        score = min(score, facts.NAME_ONLY)
    return Score(score, parts, points.pairing if points else None, one, other, known)


def least_points(threshold: float) -> float:
    """Points that two names must reach for a score of `threshold`, if everything else spoke for them.

    Without an identifier: one that is the same decides whatever the names say.
    """
    if threshold <= 0:
        return -math.inf
    return math.log(threshold / (1 - threshold)) - _most_of_facts() - _ROUNDING if threshold < 1 else math.inf


_ROUNDING: Final = 1e-6


@cache
def _most_of_facts() -> float:
    """The most that dates, country, numbers and kind can add to what names say; of each only one can be the case."""
    table = weights()
    return sum(
        max(0.0, *(value for name, value in table.items() if name.startswith(fact)))
        for fact in ("date_", "country_", "identifier_", "kind_", "weak_")
    )


NO_NAME: Final = -10.0
"""Points of a comparison in which one side has no name."""


def _names(party: Party | ListedParty) -> Sequence[tuple[str, bool]]:
    if isinstance(party, ListedParty):
        return [(each.text, each.kind == NameKind.WEAK) for each in party.names]
    return [(each, False) for each in party.names]
