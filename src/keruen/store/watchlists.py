"""Editions of lists and people's words on pairs: files in a vault, rows in the database, and the screener made of them.

A file is kept under its hash before it is read, and the edition in force is replaced in one transaction, so a damaged
file, a full disk or a power cut leaves the last good edition in force.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import transaction

from keruen.errors import Conflict, InvalidInput, NotFound, Unavailable
from keruen.screening.parties import organisation_party
from keruen.screening.rescreen import Register, Touched
from keruen.screening.screener import PairDecision, Screener, Verdict, entry_hash, fingerprint
from keruen.store.models import Organisation, PairVerdict, WatchlistEdition
from keruen.store.screeners import ListFiles, ScreenerRecipe
from keruen.store.vault import Vault
from keruen.watchlists import editions
from keruen.watchlists.read import read_all
from keruen.watchlists.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from keruen.model.party import Edition, ListedParty, Party
    from keruen.screening.screener import Thresholds
    from keruen.watchlists.editions import Admission

NOT_UNDERSTOOD_KEPT: Final = 50
AGES: Final = {
    "jp_meti": timedelta(days=120),
    "us_dpl": timedelta(days=14),
    "ca_sema": timedelta(days=14),
    "eu_journal": timedelta(days=60),
    "own": timedelta(days=365),
}
"""How old an edition of a list may be; others as `editions.MAX_AGE`."""


class Loaded(NamedTuple):
    """What became of a file."""

    edition: Edition
    admission: Admission
    not_understood: dict[str, int]


class Watchlists:
    """The lists of one installation.

    Args:
        home: Folder of everything Keruen keeps.
    """

    def __init__(self, home: Path) -> None:
        self.vault = Vault(home / "watchlists")

    # -- editions ----------------------------------------------------------------------------

    def load(
        self,
        files: Sequence[tuple[str, bytes]],
        *,
        by: str,
        source: str = "",
        anyway: str = "",
        now: datetime | None = None,
    ) -> Loaded:
        """Read the files of one list and bring the edition into force if it may be.

        Args:
            files: (name, bytes); several where a publisher ships several.
            by: Who loads.
            source: Short name of the list; if empty, the usual one of its format.
            anyway: Why it is right although it would be refused; kept with the edition.
            now: Time of loading.

        Raises:
            InvalidInput: The files cannot be read. They are kept, and nothing else has changed.
            Conflict: The edition may not replace the one in force (`list_shrunken` and others).
        """
        kept = [
            {"name": name, "sha256": self.vault.keep(BytesIO(data), max_bytes=MAX_BYTES).sha256} for name, data in files
        ]
        loaded_at = now or datetime.now(UTC)
        found = read_all(files, source, loaded_at=loaded_at)
        edition = found.edition
        with transaction.atomic():
            before = WatchlistEdition.objects.select_for_update().filter(source=edition.source, in_force=True).first()
            admission = editions.admit(self.edition(before) if before else None, edition)
            if not admission.admitted and not anyway:
                raise Conflict(
                    f"{edition.source}: the edition in force stays, for this one may not replace it: "
                    f"{admission.reason}. "
                    "If it is right all the same, load it again with a reason",
                    code=f"list_{admission.code}",
                    source=edition.source,
                )
            counted = dict(found.not_understood.most_common(NOT_UNDERSTOOD_KEPT))
            if admission.code != "same":
                WatchlistEdition.objects.filter(source=edition.source, in_force=True).update(in_force=False)
                WatchlistEdition.objects.create(
                    source=edition.source,
                    name=edition.name,
                    sha256=edition.sha256,
                    published_on=edition.published_on,
                    loaded_at=loaded_at,
                    loaded_by=by,
                    parties=len(edition.parties),
                    files=kept,
                    diff=admission.diff.counts(),
                    not_understood=counted,
                    in_force=True,
                    reason=anyway,
                    touched=list(admission.diff.touched),
                )
        return Loaded(edition, admission, counted)

    def roll_back(self, source: str, *, by: str, reason: str) -> WatchlistEdition:
        """Bring the edition before the one in force back; the one in force stays on record.

        Raises:
            InvalidInput: No reason.
            NotFound: There is no edition before.
        """
        if not reason.strip():
            raise InvalidInput("say why the edition is taken back", code="list_reason")
        with transaction.atomic():
            known = list(WatchlistEdition.objects.select_for_update().filter(source=source).order_by("-id"))
            now = next((each for each in known if each.in_force), None)
            before = next((each for each in known if now is not None and each.id < now.id), None)
            if now is None or before is None:
                raise NotFound(
                    f"there is no edition of {source} before the one in force", code="list_no_edition", source=source
                )
            now.in_force = False
            now.reason = f"{now.reason} Taken back by {by}: {reason}".strip()
            now.save(update_fields=["in_force", "reason"])
            before.in_force = True
            # What the edition taken back had removed or changed is news again.
            before.touched = list(editions.diff(self.edition(now), self.edition(before)).touched)
            before.rescreened_at = None
            before.save(update_fields=["in_force", "touched", "rescreened_at"])
        return before

    def not_rescreened(self) -> list[WatchlistEdition]:
        """Editions in force whose changes pending documents were not asked about yet."""
        return list(WatchlistEdition.objects.filter(in_force=True, rescreened_at=None).order_by("id"))

    def note_rescreened(self, row: WatchlistEdition, at: datetime) -> None:
        """Keep that pending documents were asked about what an edition changed."""
        WatchlistEdition.objects.filter(id=row.id).update(rescreened_at=at)

    def in_force(self) -> list[WatchlistEdition]:
        """Editions in force, by source."""
        return list(WatchlistEdition.objects.filter(in_force=True).order_by("source"))

    def edition(self, row: WatchlistEdition) -> Edition:
        """The parties of an edition, read anew from its files.

        Raises:
            Unavailable: A file is gone from the vault.
        """
        found = self.files(row)
        return read_all(found.files, found.source, loaded_at=found.loaded_at).edition

    def files(self, row: WatchlistEdition) -> ListFiles:
        """The files of an edition.

        Raises:
            Unavailable: A file is gone from the vault.
        """
        try:
            files = tuple((each["name"], (self.vault.path / each["sha256"]).read_bytes()) for each in row.files)
        except OSError as error:
            raise Unavailable(
                f"a file of {row.name} is gone: load it again", code="list_file_gone", edition=row.name
            ) from error
        return ListFiles(files, row.source, row.loaded_at)

    def too_old(self, today: date) -> dict[str, int]:
        """Lists in force that are older than they may be, with the days by which."""
        found = {}
        for row in self.in_force():
            day = row.published_on or row.loaded_at.date()
            over = (today - day) - AGES.get(row.source.split(":")[0], editions.MAX_AGE)
            if over > timedelta():
                found[row.source] = over.days
        return found

    def rescreen(self, loaded: Loaded, thresholds: Thresholds) -> list[Touched]:
        """Ask what an edition added or changed of every organisation ever named on a document.

        Pairs that people decided to be two, and whose entry is as it was then, are left out.
        """
        ids = loaded.admission.diff.touched
        if not ids:
            return []
        threshold = thresholds.of(loaded.edition.source)
        found = Register(register()).rescreen(loaded.edition, ids, threshold=threshold)
        two = {
            (each.party, each.listed_id, each.entry)
            for each in self.decisions()
            if each.source == loaded.edition.source and each.verdict == Verdict.NOT_SAME
        }
        kept = []
        for each in found:
            key = fingerprint(each.party)
            matches = tuple(
                match
                for match in each.matches
                if match.party.listed and (key, match.party.id, entry_hash(match.party)) not in two
            )
            if matches:
                kept.append(Touched(each.party, matches))
        return kept

    # -- words on pairs ----------------------------------------------------------------------

    def decide(
        self,
        party: Party,
        source: str,
        listed: ListedParty,
        verdict: Verdict,
        *,
        author: str,
        reason: str,
        expires_on: date | None = None,
    ) -> PairDecision:
        """Remember what a person decided on a pair.

        Raises:
            InvalidInput: No reason.
        """
        if not reason.strip():
            raise InvalidInput("say why both are the same, or are not", code="pair_reason")
        made = PairDecision(
            fingerprint(party),
            source,
            listed.id,
            verdict,
            entry_hash(listed),
            author,
            reason,
            datetime.now(UTC),
            expires_on,
        )
        PairVerdict.objects.create(
            party=made.party,
            party_name=(party.names or ("",))[0][:300],
            source=source,
            listed_id=listed.id,
            verdict=verdict.value,
            entry=made.entry,
            author=author,
            reason=reason,
            decided_at=made.decided_at,
            expires_on=expires_on,
        )
        return made

    def decisions(self) -> list[PairDecision]:
        """All words on pairs, oldest first."""
        return [
            PairDecision(
                row.party,
                row.source,
                row.listed_id,
                Verdict(row.verdict),
                row.entry,
                row.author,
                row.reason,
                row.decided_at,
                row.expires_on,
            )
            for row in PairVerdict.objects.order_by("id")
        ]

    # -- the screener ------------------------------------------------------------------------

    def mark(self) -> tuple[int, ...]:
        """What the screener rests on, in numbers that change whenever it does; one cheap question."""
        last = PairVerdict.objects.order_by("-id").values_list("id", flat=True).first() or 0
        in_force = WatchlistEdition.objects.filter(in_force=True).order_by("id").values_list("id", flat=True)
        return (last, *in_force)

    def screener(self, thresholds: Thresholds) -> Screener:
        """A screener over the editions in force."""
        return self.recipe(thresholds)()

    def recipe(self, thresholds: Thresholds) -> ScreenerRecipe:
        """What that screener is made of, to make it elsewhere."""
        return ScreenerRecipe(tuple(self.files(row) for row in self.in_force()), thresholds, tuple(self.decisions()))


def register() -> list[Party]:
    """Every organisation ever named on a document, as a party with its number as reference."""
    rows = Organisation.objects.order_by("id").values_list("id", "name", "country", "address")
    return [organisation_party(*row) for row in rows.iterator()]
