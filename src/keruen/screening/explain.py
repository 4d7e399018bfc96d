"""A match in words: for an officer in three languages, and as data for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keruen import texts
from keruen.screening.compare import FULL
from keruen.screening.screener import Ground

if TYPE_CHECKING:
    from keruen.screening.compare import Score
    from keruen.screening.index import Match
    from keruen.screening.screener import Hit

_DIGITS = 3


def as_data(hit: Hit) -> dict[str, Any]:
    """A hit with its score in parts, as plain data."""
    match, listed = hit.match, hit.match.party
    return {
        "score": round(match.score, _DIGITS),
        "standing": hit.standing.value,
        "ground": hit.ground.value,
        "list": match.source,
        "edition": match.edition,
        "id": listed.id,
        "kind": listed.kind.value,
        "name": listed.names[0].text,
        "matched_name": match.detail.their_name,
        "asked_name": match.detail.our_name,
        "names": [name.text for name in listed.names],
        "dates": list(listed.dates),
        "countries": list(listed.countries),
        "identifiers": [f"{each.scheme}:{each.value}" for each in listed.identifiers],
        "programmes": list(listed.programmes),
        "measures": list(listed.measures),
        "listed_on": listed.listed_on.isoformat() if listed.listed_on else None,
        "words": words(match.detail),
        "parts": {name: round(value, _DIGITS) for name, value in sorted(match.detail.parts.items())},
        "facts": {
            "date": match.detail.facts.date or None,
            "country": match.detail.facts.country or None,
            "identifier": match.detail.facts.same_identifier.value if match.detail.facts.same_identifier else None,
        },
        "owned": {"share": hit.owned.share, "path": list(hit.owned.path)} if hit.owned else None,
        "decision": {
            "verdict": hit.decision.verdict.value,
            "author": hit.decision.author,
            "reason": hit.decision.reason,
            "decided_at": hit.decision.decided_at.isoformat(),
            "expires_on": hit.decision.expires_on.isoformat() if hit.decision.expires_on else None,
        }
        if hit.decision
        else None,
    }


def words(score: Score) -> dict[str, Any]:
    """Which words paired with which and how, and which are left on each side."""
    pairing = score.pairing
    if pairing is None:
        return {"pairs": [], "only_asked": [], "only_listed": []}
    return {
        "pairs": [
            {
                "asked": " ".join(each.text for each in pair.ours),
                "listed": " ".join(each.text for each in pair.theirs),
                "likeness": round(pair.likeness.value, _DIGITS),
                "how": pair.likeness.how.value,
            }
            for pair in pairing.pairs
        ],
        "only_asked": [each.text for each in pairing.left_ours],
        "only_listed": [each.text for each in pairing.left_theirs],
    }


def in_words(hit: Hit, lang: str) -> list[str]:
    """A hit in sentences for an officer: who, which words, what agrees, what does not, what would change it."""
    match, score = hit.match, hit.match.detail

    def say(code: str, **params: str) -> str:
        return texts.text(f"screening.{code}", lang, **params)

    at_address = hit.ground == Ground.ADDRESS
    lines = [
        say(
            "address" if at_address else "found",
            asked=score.our_name,
            name=score.their_name or match.party.names[0].text,
            score=f"{match.score:.2f}",
            list=match.source,
            edition=match.edition,
            id=match.party.id,
            **({"of": match.party.names[0].text} if at_address else {}),
        )
    ]
    if match.party.programmes:
        lines.append(say("programme", programme="; ".join(match.party.programmes[:3])))
    if hit.owned is not None:
        lines.append(say(hit.ground.value, share=hit.owned.share, path="; ".join(hit.owned.path)))
    if score.pairing is not None:
        for pair in score.pairing.pairs:
            asked, listed = " ".join(each.text for each in pair.ours), " ".join(each.text for each in pair.theirs)
            how = texts.text(f"screening.how.{pair.likeness.how.value}", lang)
            lines.append(say("pair", asked=asked, listed=listed, how=how, likeness=f"{pair.likeness.value:.2f}"))
    lines += remarks(hit, lang)
    lines.append(say(f"standing.{hit.standing.value}", author=hit.decision.author if hit.decision else ""))
    return lines


def remarks(hit: Hit, lang: str) -> list[str]:
    """What beside the words that pair speaks for a hit and against it, and what would tell, in sentences."""
    lines: list[str] = []
    pairing = hit.match.detail.pairing
    if pairing is not None:
        ours = [each.text for each in pairing.left_ours if each.weight >= FULL / 2]
        theirs = [each.text for each in pairing.left_theirs if each.weight >= FULL / 2]
        if ours and theirs:
            lines.append(texts.text("screening.against", lang, asked=" ".join(ours), listed=" ".join(theirs)))
        elif ours or theirs:
            code = "screening.only_asked" if ours else "screening.only_listed"
            lines.append(texts.text(code, lang, words=" ".join(ours or theirs)))
    return lines + _facts(hit.match, lang)


def _facts(match: Match, lang: str) -> list[str]:
    known, listed = match.detail.facts, match.party
    lines = []
    if known.same_identifier is not None:
        lines.append(texts.text("screening.identifier", lang, value=known.same_identifier.value))
    if known.unsound_identifier is not None:
        lines.append(texts.text("screening.identifier_unsound", lang, value=known.unsound_identifier.value))
    if known.differing_identifier is not None:
        one, other = known.differing_identifier
        lines.append(texts.text("screening.identifier_differs", lang, asked=one.value, listed=other.value))
    if known.date:
        lines.append(texts.text(f"screening.date.{known.date}", lang, listed=", ".join(listed.dates)))
    elif listed.dates:
        lines.append(texts.text("screening.date.unknown", lang, listed=", ".join(listed.dates)))
    if known.country:
        lines.append(texts.text(f"screening.country.{known.country}", lang, listed=", ".join(listed.countries).upper()))
    if known.kind:
        lines.append(texts.text("screening.kind_differs", lang))
    if "weak_alias" in match.detail.parts:
        lines.append(texts.text("screening.weak_alias", lang))
    return lines
