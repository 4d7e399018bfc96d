"""What may replace an edition in force, and what one changes."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from keruen.model.party import Edition, Link, LinkKind, ListedParty, Name, PartyKind
from keruen.watchlists.editions import admit, diff, too_old
from keruen.watchlists.ownership import owned_by_listed


def an_edition(count: int, *, day: date | None = None, sha: str = "", first: int = 0) -> Edition:
    parties = tuple(
        ListedParty(str(number), PartyKind.PERSON, (Name(f"Person {number}"),))
        for number in range(first, first + count)
    )
    return Edition("x", day, sha or str(count).rjust(64, "0"), None, parties)


def test_a_newer_edition_is_admitted() -> None:
    found = admit(an_edition(100, day=date(2026, 1, 1)), an_edition(110, day=date(2026, 1, 2)))
    assert (found.admitted, found.code, len(found.diff.added)) == (True, "newer", 10)


def test_a_shrunken_edition_is_not() -> None:
    found = admit(an_edition(100), an_edition(79))
    assert (found.admitted, found.code) == (False, "shrunken")
    assert admit(an_edition(100), an_edition(81)).admitted


def test_an_older_edition_is_not() -> None:
    assert admit(an_edition(100, day=date(2026, 1, 2)), an_edition(101, day=date(2026, 1, 1))).code == "older"


def test_another_publishers_numbers_are_not() -> None:
    assert admit(an_edition(100), an_edition(100, first=60, sha="a" * 64)).code == "other_ids"


def test_a_small_list_may_lose_most_of_it() -> None:
    assert admit(an_edition(4), an_edition(1)).admitted


def test_an_empty_edition_is_never_admitted() -> None:
    assert admit(None, an_edition(0)).code == "no_parties"


def test_a_difference_names_the_fields() -> None:
    old = an_edition(3)
    changed = old.parties[1]._replace(dates=("1971",))
    new = old._replace(parties=(old.parties[0], changed, ListedParty("9", PartyKind.PERSON, (Name("New"),))))
    found = diff(old, new)
    assert (found.added, found.removed, found.changed) == (("9",), ("2",), {"1": ("dates",)})
    assert found.touched == ("1", "9")


def test_age_counts_from_the_lists_own_date() -> None:
    assert too_old(an_edition(1, day=date(2026, 1, 1)), date(2026, 1, 10), timedelta(days=3)) == timedelta(days=6)
    assert too_old(an_edition(1, day=date(2026, 1, 8)), date(2026, 1, 10), timedelta(days=3)) is None


def owns(owner: str, owned: str, share: str = "") -> Link:
    return Link(LinkKind.OWNS, owner, owned, Fraction(share) if share else None)


def test_half_is_enough_and_less_is_not() -> None:
    found = owned_by_listed({"A"}, [owns("A", "B", "1/2"), owns("A", "C", "49/100")])
    assert {each.id for each in found.values() if each.by_half} == {"B"}
    assert found["B"].path[0].owner == "A"


def test_shares_of_several_listed_owners_add_up() -> None:
    found = owned_by_listed({"A", "B"}, [owns("A", "C", "1/4"), owns("B", "C", "1/4")])
    assert found["C"].share == Fraction(1, 2)


def test_ownership_flows_through_what_is_owned_by_half() -> None:
    found = owned_by_listed({"A"}, [owns("A", "B", "1/2"), owns("B", "C", "1/2"), owns("C", "D", "1/10")])
    assert {each for each in found if found[each].by_half} == {"B", "C"}
    assert [(step.owner, step.owned) for step in found["C"].path] == [("B", "C"), ("A", "B")]


def test_a_circle_of_owners_blocks_nobody_by_itself() -> None:
    assert owned_by_listed({"X"}, [owns("A", "B", "1"), owns("B", "A", "1")]) == {}


def test_a_circle_with_a_listed_owner_ends() -> None:
    found = owned_by_listed({"X"}, [owns("X", "A", "3/5"), owns("A", "B", "1"), owns("B", "A", "2/5")])
    assert {each for each in found if found[each].by_half} == {"A", "B"}
    assert found["A"].share == Fraction(3, 5)


def test_a_tie_without_a_share_is_control_not_half() -> None:
    found = owned_by_listed({"A"}, [owns("A", "B"), Link(LinkKind.CONTROLS, "A", "C")])
    assert {(each.id, each.share) for each in found.values()} == {("B", None), ("C", None)}


def test_the_same_tie_told_twice_counts_once() -> None:
    found = owned_by_listed({"A"}, [owns("A", "B", "3/10"), owns("A", "B", "3/10")])
    assert found == {}


def test_an_ended_tie_does_not_count() -> None:
    assert owned_by_listed({"A"}, [Link(LinkKind.OWNS, "A", "B", Fraction(1), until="2020")]) == {}
