"""What every view and every API call works with: the office, the log, and reads that ask who reads.

One desk a process. It is the only door through which a face reads a document or a lot, so that a
refusal cannot be forgotten: what may not be read is answered as if it were not there, and written down.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from keruen import compose, settings
from keruen.documents.parsing import Parser
from keruen.errors import NotFound
from keruen.ledger.trace import Trace
from keruen.settings import Clock, Settings
from keruen.store.journal import Journal, kept_seed
from keruen.store.logfiles import LogDirectory
from keruen.store.vault import Vault
from keruen.workflow.access import Refused, may_read, may_read_lot, seen_by
from keruen.workflow.cases import CaseOffice, read
from keruen.workflow.gather import Gatherer
from keruen.workflow.trace import trace

if TYPE_CHECKING:
    from keruen.cases.case import Case
    from keruen.model.actor import Actor
    from keruen.model.document import StoredDocument
    from keruen.model.lot import Lot, Posting
    from keruen.model.profile import Profile
    from keruen.store.watchlists import Watchlists
    from keruen.workflow.ports import Books
    from keruen.workflow.submit import Office

DEMO_MARK = "demo.json"
"""What `keruen demo` leaves in a home it has filled."""


class Desk:
    """One installation as the faces see it.

    Args:
        found: Its settings.
        office: Its books; None takes those of the settings.
    """

    def __init__(self, found: Settings, office: Office | None = None) -> None:
        self.settings = found
        self.office = office or compose.office(found)
        self.gatherer = Gatherer(self.office)
        self.parser = Parser(self.office.profile)

    @property
    def books(self) -> Books:
        """For reading lists and what everybody may see."""
        return self.office.store

    @property
    def profile(self) -> Profile:
        """The papers of this jurisdiction."""
        return self.office.profile

    @cached_property
    def log(self) -> LogDirectory:
        """The files of the log."""
        return LogDirectory(self.settings.log_dir)

    @cached_property
    def journal(self) -> Journal:
        """The log with its key."""
        return Journal(self.log, origin=self.settings.log_origin, seed=kept_seed(self.settings.home / "log-key"))

    @cached_property
    def watchlists(self) -> Watchlists:
        """The lists parties are screened against."""
        return compose.watchlists(self.settings)

    @cached_property
    def cases(self) -> CaseOffice:
        """The cases of these books."""
        return compose.case_office(self.settings, self.office)

    @cached_property
    def case_files(self) -> Vault:
        """Files put to cases."""
        return Vault(self.settings.home / "cases")

    def case(self, actor: Actor, number: int) -> Case:
        """A case, for this reader.

        Raises:
            NotFound: It is not there, or not for this reader.
        """
        try:
            return read(self.cases, actor, number)
        except NotFound:
            if not actor.sees_all and self.cases.cases.case(number) is not None:
                self._write_down(actor, f"case C-{number}")
            raise

    @property
    def is_demonstration(self) -> bool:
        """Whether what is shown here is an example."""
        return self.settings.clock == Clock.REPLAY or (self.settings.home / DEMO_MARK).exists()

    def now(self) -> datetime:
        """The office's time."""
        return self.office.clock.recorded_at(None)

    def document(self, actor: Actor, document_id: str) -> StoredDocument:
        """A document, for this reader.

        Raises:
            NotFound: It is not there, or not for this reader.
        """
        stored = self.books.document(document_id)
        if stored is not None:
            answer = may_read(actor, stored, self.profile)
            if not isinstance(answer, Refused):
                return stored
            self._write_down(actor, f"document {document_id}")
        raise NotFound(f"there is no document {document_id} here, or it is not yours to see", code="not_found")

    def lot(self, actor: Actor, lot_id: str) -> tuple[Lot, list[Posting]]:
        """A lot and its postings, for this reader.

        Raises:
            NotFound: It is not there, or not for this reader.
        """
        lot = self.books.lots([lot_id]).get(lot_id)
        if lot is not None:
            postings = self.books.postings_of_lots([lot_id])
            if not isinstance(may_read_lot(actor, lot, postings), Refused):
                return lot, postings
            self._write_down(actor, f"lot {lot_id}")
        raise NotFound(f"there is no lot {lot_id} here, or it is not yours to see", code="not_found")

    def trace(self, actor: Actor, asked: str) -> Trace:
        """A trace, for this reader; other parties see their own part of it.

        Raises:
            NotFound: Nothing of it is there, or none of it is for this reader.
        """
        found = seen_by(actor, trace(self.books, asked))
        if not found.lots:
            self._write_down(actor, f"trace {asked}")
            raise NotFound(f"there is no {asked} here, or it is not yours to see", code="not_found")
        return found

    def _write_down(self, actor: Actor, what: str) -> None:
        from keruen.store.models import ReadRefused

        ReadRefused.objects.create(
            at=datetime.now(UTC), user_name=actor.user, organisation_id=actor.organisation, what=what[:200]
        )


_desks: list[Desk] = []


def desk() -> Desk:
    """The desk of this process, made from the environment when first asked for."""
    if not _desks:
        _desks.append(Desk(settings.load()))
    return _desks[0]


def use(found: Desk) -> None:
    """Work with this desk from here on; tests and `wsgi` say which."""
    _desks[:] = [found]
