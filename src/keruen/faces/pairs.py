"""An officer's word on a pair of a party and a listed one, whichever face it is said through."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from keruen.errors import Forbidden, InvalidInput, NotFound
from keruen.faces.desk import desk
from keruen.screening.screener import Verdict

if TYPE_CHECKING:
    from keruen.model.actor import Actor
    from keruen.model.party import Party
    from keruen.screening.screener import PairDecision, Screener


def screener() -> Screener:
    """The lists in force.

    Raises:
        NotFound: No list is loaded, so that nobody may take silence for an answer.
    """
    screens = desk().office.screens
    found = screens() if screens is not None else None
    if found is None or not found.editions:
        raise NotFound(
            "no list is loaded: an administrator loads one with `keruen watchlist load`", code="screen_no_list"
        )
    return found


def may_decide(actor: Actor) -> None:
    """Let officers alone decide who is whom.

    Raises:
        Forbidden: Not an officer.
    """
    if not actor.is_authority:
        raise Forbidden("only an officer decides who is whom", code="forbidden")


def decide(
    actor: Actor, party: Party, *, source: str, entry: str, verdict: str, reason: str, expires_on: str
) -> PairDecision:
    """Remember that a party is, or is not, a listed one.

    Args:
        actor: Who decides.
        party: As it was screened.
        source: The list's short name.
        entry: The publisher's number of the listed party.
        verdict: `same` or `not_same`.
        reason: Why.
        expires_on: Last day on which the word counts, such as 2027-01-31; empty: for good.

    Raises:
        Forbidden: Not an officer.
        InvalidInput: The verdict or the day is none, the day is over already, or there is no reason.
        NotFound: There is no such entry on the lists in force.
    """
    may_decide(actor)
    listed = screener().index.entry(source, entry)
    if listed is None:
        raise NotFound(f"there is no entry {entry} on {source}", code="screen_no_entry", entry=entry)
    try:
        said, until = Verdict(verdict), date.fromisoformat(expires_on) if expires_on else None
    except ValueError:
        raise InvalidInput(
            "verdict is same or not_same, expires_on a date such as 2027-01-31", code="pair_verdict"
        ) from None
    if until is not None and until < desk().now().date():
        raise InvalidInput(f"{until} is over: give a later day, or none", code="pair_expired")
    return desk().watchlists.decide(party, source, listed, said, author=actor.user, reason=reason, expires_on=until)
