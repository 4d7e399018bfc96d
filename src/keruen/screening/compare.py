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
from typing import TYPE_CHECKING, Final, NamedTuple

from keruen.model.party import ListedParty, NameKind, Party, PartyKind
from keruen.screening import facts
from keruen.screening.likeness import LEAST, NOTHING, How, Likeness, likeness
from keruen.screening.names import Analysis, Word, analyse, word

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
        self.known: dict[tuple[int, int], Likeness] = {}
        self.words: list[Word] = []

    def likeness(self, one: Word, other: Word) -> Likeness:
        """As `likeness.likeness`, remembered."""
        known = self.known.get((id(one), id(other)))
        if known is None:
            if len(self.known) >= self.room:
                self.known.clear()
                self.words.clear()
            known = self.known[id(one), id(other)] = likeness(one, other)
            # Held, so that no other word can get the same id while this entry lives.
            self.words += (one, other)
        return known


def pair(ours: Analysis, theirs: Analysis, memory: Memory) -> Pairing:
    """Lay two names beside each other, each word paired at most once, the surest pairs first."""
    first, second = ours.words, theirs.words
    found: list[tuple[float, int, int, Likeness]] = []
    for i, one in enumerate(first):
        for j, other in enumerate(second):
            like = memory.likeness(one, other)
            if like.value >= LEAST:
                # A tie goes to the words that say more, then to those in the same place.
                found.append((like.value + 0.01 * min(one.weight, other.weight) - 0.001 * abs(i - j), i, j, like))
    found.sort(key=lambda each: (-each[0], each[1], each[2]))
    free_ours, free_theirs = set(range(len(first))), set(range(len(second)))
    pairs: list[Pair] = []
    doubtful: list[tuple[int, int, Likeness]] = []
    for _, i, j, like in found:
        if i in free_ours and j in free_theirs:
            free_ours.discard(i)
            free_theirs.discard(j)
            doubtful.append((i, j, like))
    sure = [each for each in doubtful if each[2].value >= JOIN_BELOW]
    unsure = [each for each in doubtful if each[2].value < JOIN_BELOW]
    loose_ours = free_ours | {i for i, _, _ in unsure}
    loose_theirs = free_theirs | {j for _, j, _ in unsure}
    joined = _joined(first, second, loose_ours, loose_theirs)
    for mine, its, like in joined:
        loose_ours.difference_update(mine)
        loose_theirs.difference_update(its)
        words, others = tuple(first[i] for i in mine), tuple(second[j] for j in its)
        weight = max(sum(each.weight for each in words), sum(each.weight for each in others)) / max(len(mine), len(its))
        pairs.append(Pair(words, others, like, min(1.0, weight * 1.4)))
    for i, j, like in [*sure, *(each for each in unsure if each[0] in loose_ours and each[1] in loose_theirs)]:
        loose_ours.discard(i)
        loose_theirs.discard(j)
        pairs.append(Pair((first[i],), (second[j],), like, _pair_weight(first[i], second[j])))
    return Pairing(
        tuple(pairs),
        tuple(first[i] for i in sorted(loose_ours)),
        tuple(second[j] for j in sorted(loose_theirs)),
        ours,
        theirs,
    )


JOIN_BELOW: Final = 0.9
_JOIN_AT: Final = 0.86


def _pair_weight(one: Word, other: Word) -> float:
    return (one.weight + other.weight) / 2


def _joined(
    first: Sequence[Word], second: Sequence[Word], loose_ours: set[int], loose_theirs: set[int]
) -> list[tuple[tuple[int, ...], tuple[int, ...], Likeness]]:
    """Loose words that agree once neighbours are put together: `Abu Bakr` and `Abubakr`."""
    found: list[tuple[tuple[int, ...], tuple[int, ...], Likeness]] = []
    for here, there, left, right, turned in (
        (first, second, loose_ours, loose_theirs, False),
        (second, first, loose_theirs, loose_ours, True),
    ):
        if len(left) < 2 or not right:  # noqa: PLR2004 - nothing to put together
            continue
        taken: set[int] = set()
        for j in sorted(right):
            other = there[j]
            if len(other.text) < 4 and other.script in {"latin", "cyrillic"}:  # noqa: PLR2004 - too short to be two words
                continue
            for run in _runs(sorted(left - taken)):
                like = _together([here[i] for i in run], other)
                if like.value >= _JOIN_AT:
                    taken.update(run)
                    found.append(((j,), run, like) if turned else (run, (j,), like))
                    break
        used = {j for mine, its, _ in found for j in (mine if turned else its)}
        left -= taken
        right -= used
    return found


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
    like = likeness(word("".join(each.text for each in parts), script), other)
    return Likeness(like.value * 0.99, How.JOINED) if like.value >= _JOIN_AT else NOTHING


def name_evidence(pairing: Pairing, *, person: bool) -> dict[str, float]:
    """What two names say, piece by piece; the names of the pieces are those of `weights.toml`."""
    pairs = pairing.pairs
    matched = sum(each.weight * each.likeness.value for each in pairs)
    alike = sum(each.weight for each in pairs)
    ours, theirs = _mass(pairing.left_ours), _mass(pairing.left_theirs)
    if not pairs or alike <= 0:
        return {"nothing_in_common": 1.0}
    against, omitted = min(ours, theirs), abs(ours - theirs)
    total = alike + (ours + theirs) / 2
    lost = sum(each.weight * (1 - each.likeness.value) for each in pairs)
    full = [each for each in pairs if each.weight >= FULL and each.likeness.how != How.INITIAL]
    worst = min((each.likeness.value for each in full), default=0.0)
    left = ours + theirs
    found = {
        "base": 1.0,
        "matched": min(matched, 3.0),
        "coverage": alike / total,
        "contradiction": min(against, 1.5),
        "contradiction_share": against / total,
        "omission": min(omitted, 2.0),
        "omission_share": omitted / total,
        "difference": lost,
        "difference_share": lost / alike,
        "worst_word": max(0.0, 0.92 - worst),
        "far_word": max(0.0, 0.78 - worst),
        "no_full_word": float(not full),
        "one_word": float(len(full) == 1 and len(pairs) == 1),
        "one_of_more": float(len(full) == 1 and left >= LEFT),
        "short_sound": float(sum(_is_short_sound(each) for each in full)),
        "initials": float(sum(each.likeness.how == How.INITIAL for each in pairs)),
        "numbers_differ": float(
            any(each.number for each in pairing.left_ours) and any(each.number for each in pairing.left_theirs)
        ),
        "forms_differ": float(
            bool(pairing.ours.forms and pairing.theirs.forms and pairing.ours.forms.isdisjoint(pairing.theirs.forms))
        ),
    }
    if not person:
        own = [each for each in pairs if all(not one.meaning for one in (*each.ours, *each.theirs))]
        named = any(not each.meaning and not each.number for each in (*pairing.left_ours, *pairing.left_theirs))
        found["firm"] = 1.0
        found["only_trade_words"] = float(not own and named)
        found["firm_contradiction"] = found["contradiction_share"]
        found["firm_omission"] = found["omission_share"]
        found["firm_difference"] = found["difference_share"]
        found["firm_one_of_more"] = found["one_of_more"]
        found["meaning_left"] = float(sum(bool(each.meaning) for each in (*pairing.left_ours, *pairing.left_theirs)))
    return found


def _is_short_sound(pair_: Pair) -> bool:
    """Whether two words across scripts agree in so few letters that chance does it often."""
    shortest = min(len(each.keys[0]) for each in (*pair_.ours, *pair_.theirs))
    return pair_.likeness.how in {How.SOUND, How.NAME} and pair_.likeness.value < 0.99 and shortest <= 3  # noqa: PLR2004


LEFT: Final = 0.3
"""Weight of unpaired words from which on a name is not matched whole."""
FULL: Final = 0.5
"""A word of at least this weight says something by itself."""


def _mass(words: Sequence[Word]) -> float:
    return sum(each.weight for each in words)


def logistic(points: float) -> float:
    """Points as a number between 0 and 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, points))))


class Points(NamedTuple):
    """What two names say, summed."""

    points: float
    parts: dict[str, float]
    pairing: Pairing


def name_points(
    ours: Sequence[Analysis], theirs: Sequence[Analysis], memory: Memory, *, person: bool
) -> Points:
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
            points = name_points(
                analyse(one, kind), analyse(other, kind), memory, person=kind == PartyKind.PERSON
            )
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


NO_NAME: Final = -10.0
"""Points of a comparison in which one side has no name."""


def _names(party: Party | ListedParty) -> Sequence[tuple[str, bool]]:
    if isinstance(party, ListedParty):
        return [(each.text, each.kind == NameKind.WEAK) for each in party.names]
    return [(each, False) for each in party.names]
