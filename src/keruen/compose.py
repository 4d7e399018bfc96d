"""The one place that joins settings, stores and workflow."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from threading import Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from keruen import garbage
from keruen.cases import routing
from keruen.descriptions.lexicon import astray
from keruen.descriptions.words import vague
from keruen.errors import InvalidInput, KeruenError
from keruen.facts.catalogue import catalogue
from keruen.facts.gather import DescriptionFacts, TradeFacts
from keruen.facts.rates import dollars
from keruen.model.finding import Severity
from keruen.profiles import load as load_profile
from keruen.rules import shipped
from keruen.screening.screener import Screener, Thresholds
from keruen.settings import Clock, Settings
from keruen.store import django_settings, embedded
from keruen.store.journal import kept_seed
from keruen.workflow.cases import CaseOffice
from keruen.workflow.judge import Rulings, kinds_of
from keruen.workflow.rescreen import Rescreened, pending, rescreen
from keruen.workflow.submit import Office

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keruen.lake.trade.score import Tables
    from keruen.model.document import Fields
    from keruen.risk.live import Ranker, Ranking
    from keruen.store.descriptions import Descriptions
    from keruen.store.rulebook import Rulebook
    from keruen.store.watchlists import Watchlists


class SystemClock:
    """The machine's clock; what a record says of its own filing is not believed."""

    def __init__(self, floor: datetime | None = None) -> None:
        self.last = floor or datetime.min.replace(tzinfo=UTC)
        self.lock = Lock()

    def recorded_at(self, filed_at: datetime | None) -> datetime:
        """Now, to the microsecond, whatever the record says; never before what was given last.

        Where the machine's clock was behind at start, the last time in the books stands until it has caught up.
        """
        del filed_at
        with self.lock:
            self.last = max(self.last, datetime.now(UTC))
            return self.last


class ReplayClock:
    """For loading histories: a record is learnt of when it says it was filed."""

    def recorded_at(self, filed_at: datetime | None) -> datetime:
        """When the record says, else now."""
        return filed_at or datetime.now(UTC)


@cache
def connect(settings: Settings) -> None:
    """Find or start the database, tell Django of it, and bring the tables up to date. Once a process.

    Raises:
        Unavailable: No database answers.
        InvalidInput: The settings name a clock or profile that is not.
    """
    django_settings.configure(settings, embedded.url_for(settings))
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


CHECK_S: Final = 5.0
"""How long a screener is used before the database is asked whether lists or decisions have changed."""


class CurrentScreener:
    """The screener over the lists in force; built at the first question, and anew beside the old one when lists change.

    While a new one is being built the old one answers, so that no filing waits: a new edition takes effect within
    `CHECK_S` seconds and the time of building.
    """

    def __init__(self, lists: Watchlists, thresholds: Thresholds) -> None:
        self.lists, self.thresholds = lists, thresholds
        self.mark: tuple[int, ...] | None = None
        self.found: Screener | None = None
        self.checked = 0.0
        self.lock = Lock()

    def __call__(self) -> Screener:
        """The screener now."""
        if self.found is not None and monotonic() - self.checked < CHECK_S:
            return self.found
        with self.lock:
            if self.found is not None and monotonic() - self.checked < CHECK_S:
                return self.found
            self.checked = monotonic()
            mark = self.lists.mark()
            if self.found is None:
                self.found, self.mark = self.lists.screener(self.thresholds), mark
            elif mark != self.mark:
                self.mark = mark
                Thread(target=self._renew, name="keruen-screener", daemon=True).start()
        return self.found

    def warm(self) -> None:
        """Begin building beside whatever else starts, so that the first filing need not wait for all of it."""
        Thread(target=self._first, name="keruen-screener", daemon=True).start()

    def _first(self) -> None:
        from django.db import connections

        try:
            self()
        except Exception:
            logging.getLogger(__name__).exception("lists could not be loaded; the first filing tries again")
        finally:
            connections.close_all()

    def _renew(self) -> None:
        from django.db import connections

        try:
            self.found = self.lists.screener(self.thresholds)
        except Exception:
            # The last good one stays; asked again at the next check.
            logging.getLogger(__name__).exception("lists could not be loaded; the last good ones stay in force")
            self.mark = None
        finally:
            connections.close_all()


@cache
def watchlists(settings: Settings) -> Watchlists:
    """The lists of an installation."""
    connect(settings)
    from keruen.store.watchlists import Watchlists

    return Watchlists(settings.home)


SETTLES: Final = timedelta(minutes=1)
"""How long after a list came into force some process may still decide by the edition before."""


def rescreen_changed(
    lists: Watchlists, thresholds: Thresholds, office: Office, at: datetime, *, at_once: bool = False
) -> dict[str, Rescreened]:
    """Ask about the parties of pending documents again, for every list whose change was not looked at yet.

    Args:
        lists: The editions in force.
        thresholds: From which score on a match counts.
        office: The books, with the screener over those lists.
        at: Now.
        at_once: Do not wait until every process decides by the new edition; what is filed meanwhile is then looked at
            when they all do.

    Returns:
        By edition, what became of it. An edition whose screener is still being built is left for the next time.
    """
    found: dict[str, Rescreened] = {}
    for row in lists.not_rescreened():
        settled = at - row.loaded_at >= SETTLES
        if office.screens is None or not (settled or at_once):
            continue
        if row.touched and next(pending(office), None) is not None:
            screener = office.screens()
            if screener is None or screener.editions.get(row.source) != row.name:
                continue
            found[row.name] = rescreen(office, lists.edition(row), row.touched, thresholds.lowest, at)
        if settled:
            lists.note_rescreened(row, at)
    return found


def thresholds(settings: Settings) -> Thresholds:
    """From which score on a match counts in this installation.

    Raises:
        InvalidInput: The setting cannot be read.
    """
    return Thresholds.read(settings.screening_thresholds or "", settings.screening_threshold)


@cache
def screens(settings: Settings) -> CurrentScreener:
    """The screener of an installation.

    Raises:
        InvalidInput: The thresholds cannot be read.
    """
    return CurrentScreener(watchlists(settings), thresholds(settings))


class CurrentRules:
    """The rules in force and in the shadow; read anew when another edition takes over, within `CHECK_S` seconds.

    An edition that was tampered with is refused: the last good one goes on deciding, and the log says so.
    """

    def __init__(self, book: Rulebook, secret: bytes | None) -> None:
        self.book, self.secret = book, secret
        self.mark: tuple[int, ...] | None = None
        self.found: Rulings | None = None
        self.checked = 0.0
        self.lock = Lock()

    def __call__(self) -> Rulings:
        """The rules now."""
        if self.found is not None and monotonic() - self.checked < CHECK_S:
            return self.found
        with self.lock:
            self.checked = monotonic()
            mark = self.book.mark()
            if self.found is None or mark != self.mark:
                try:
                    self.found = Rulings.of(self.book.in_force(), self.book.shadow(), self.secret)
                except KeruenError:
                    if self.found is None:
                        raise
                    logging.getLogger(__name__).exception("rules could not be read; the last good ones decide")
                self.mark = mark
        return self.found


@cache
def rulebook(settings: Settings) -> Rulebook:
    """The editions of rules of an installation."""
    connect(settings)
    from keruen.store.rulebook import Rulebook

    return Rulebook(catalogue(), kinds_of(load_profile(settings.profile)), shipped.body(settings.profile))


@cache
def descriptions(settings: Settings) -> Descriptions:
    """The description check of an installation; its reader is built when it is asked for."""
    from keruen.store.descriptions import Descriptions

    return Descriptions(settings.home / "descriptions")


@lru_cache(maxsize=65_536)
def described(text: str, code: str) -> DescriptionFacts:
    """The facts of a description that need nothing learnt: its words."""
    return DescriptionFacts(vague(text), bool(astray(text, code)), None)


class Described:
    """The facts of a description, its plausibility with them where an administration's own lines were learnt.

    The shipped texts alone judge foreign styles too badly to hold a filing by (docs/descriptions.md): without own lines
    plausibility stays unknown. What was learnt is read at the first question, and stays until the process ends: an
    edition learnt meanwhile takes effect with the next start. Answers are kept by text and code.
    """

    def __init__(self, kept: Descriptions) -> None:
        self.kept = kept
        self.lock = Lock()
        self.judged: Callable[[str, str], DescriptionFacts] | None = None

    def __call__(self, text: str, code: str) -> DescriptionFacts:
        """What is said of one line."""
        if self.judged is None:
            with self.lock:
                if self.judged is None:
                    self.judged = self._begin()
        return self.judged(text, code)

    def warm(self) -> None:
        """Begin reading beside whatever else starts; a few seconds for tens of thousands of lines."""
        Thread(target=self, args=("", ""), name="keruen-descriptions", daemon=True).start()

    def _begin(self) -> Callable[[str, str], DescriptionFacts]:
        try:
            mark = self.kept.mark() if self.kept.learned else None
            reader = self.kept.reader() if mark is not None else None
        except KeruenError:
            # Unknown, so that rules say what they lack; words are looked at all the same.
            logging.getLogger(__name__).exception("what was learnt of descriptions cannot be used")
            return described
        if mark is None or reader is None:
            return described
        from keruen.descriptions.check import suspicion

        edition = self.kept.edition()

        @lru_cache(maxsize=65_536)
        def judged(text: str, code: str) -> DescriptionFacts:
            return described(text, code)._replace(
                suspicion=suspicion(text, code, reader), mark=mark.mark, edition=edition
            )

        return judged


@cache
def describes(settings: Settings) -> Described:
    """What filings are told of their descriptions."""
    return Described(descriptions(settings))


class CurrentStatistics:
    """The trade statistics that lines are held against.

    Worked out when first asked for, and anew beside the old ones when the lake's catalogue
    changes. Where there is no lake, or none that can be read, nothing is known, and rules that ask read *not
    evaluated*.
    """

    def __init__(self, folder: Path, home: str) -> None:
        self.folder, self.home = folder, home
        self.mark: tuple[int, ...] | None = None
        self.found: Tables | None = None
        self.checked = 0.0
        self.lock = Lock()

    def __call__(self, line: Fields, destination: str, on: date) -> TradeFacts | None:
        """What they say of a line."""
        tables = self.tables()
        if tables is None:
            return None
        value, unit = line.get("value"), dollars(Decimal(1), tables.currency, on)
        worth = dollars(value, str(line.get("currency", "")), on) if isinstance(value, Decimal) else None
        mass = line.get("net_mass_kg")
        priced = worth is not None and unit and isinstance(mass, Decimal)
        return TradeFacts(
            *tables.facts(
                str(line["commodity_code"]),
                self.home,
                destination,
                worth / unit if priced and worth and unit else 0.0,
                float(str(mass)) if priced else None,
            ),
            tables.edition,
        )

    def tables(self) -> Tables | None:
        """The tables now."""
        if self.checked and monotonic() - self.checked < CHECK_S:
            return self.found
        with self.lock:
            if self.checked and monotonic() - self.checked < CHECK_S:
                return self.found
            mark = self._mark()
            if mark != self.mark:
                first, self.mark = self.found is None, mark
                if first:
                    self._renew()
                else:
                    Thread(target=self._renew, name="keruen-statistics", daemon=True).start()
            self.checked = monotonic()
        return self.found

    def _mark(self) -> tuple[int, ...] | None:
        try:
            found = (self.folder / "catalogue.json").stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _renew(self) -> None:
        if self.mark is None:
            self.found = None
            return
        try:
            self.found = _tables(self.folder, self.home)
        except Exception:
            # The last good ones stay; looked at again when the catalogue changes.
            logging.getLogger(__name__).exception("the trade statistics could not be read")


def _tables(folder: Path, home: str) -> Tables | None:
    from keruen.lake.trade.diversion import high_priority
    from keruen.lake.trade.lake import Lake
    from keruen.lake.trade.score import current
    from keruen.lake.trade.series import EU

    lake = Lake(folder)
    try:
        return current(lake, home=home, origins=EU, target="RU", basket=high_priority(datetime.now(UTC).date()))
    finally:
        lake.close()


@cache
def statistics(settings: Settings) -> CurrentStatistics:
    """The trade statistics of an installation."""
    return CurrentStatistics(settings.home / "trade", settings.jurisdiction)


@cache
def rules(settings: Settings) -> CurrentRules:
    """The rules of an installation, with the key of its draw by lot; the key is made on first use."""
    secret = kept_seed(settings.home / "draw-key") if settings.draw_by_lot else None
    return CurrentRules(rulebook(settings), secret)


class CurrentRanks:
    """The models that rank live documents; read anew when another is promoted, within `CHECK_S` seconds.

    A model whose file was tampered with, or of another form or other features, is refused: the last good one goes on
    ranking, and the log says so. Where there was none nothing is ranked, and rules that read a score are not evaluated.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark: tuple[int, ...] = ()
        self.found: Ranking | None = None
        self.checked = -CHECK_S
        self.lock = Lock()

    def __call__(self) -> Ranking | None:
        """The models now."""
        if monotonic() - self.checked < CHECK_S:
            return self.found
        with self.lock:
            self.checked = monotonic()
            mark = self._mark()
            if mark != self.mark:
                self.mark = mark
                self.found = self._read() if mark else None
        return self.found

    def _mark(self) -> tuple[int, ...]:
        """Changes with every promotion; looking costs a question to the file system, and no model is loaded for it."""
        try:
            state = (self.folder / "state.json").stat()
        except OSError:
            return ()
        return state.st_ino, state.st_mtime_ns, state.st_size

    def _read(self) -> Ranking | None:
        from keruen.risk.live import Ranker, Ranking
        from keruen.store.risk_models import RiskModels

        models = RiskModels(self.folder)
        before = self.found._asdict() if self.found is not None else {}
        found: dict[str, Ranker | None] = {}
        for role in Ranking._fields:
            try:
                model = models.standing(role)
                found[role] = Ranker(model) if model is not None else None
            except Exception:
                # Whatever is wrong with it, documents go on being filed.
                logging.getLogger(__name__).exception("the risk model (%s) is refused; the last good one ranks", role)
                found[role] = before.get(role)
        ranking = Ranking(**found)
        return ranking if any(ranking) else None


@cache
def ranks(settings: Settings) -> CurrentRanks:
    """The models that rank live documents in an installation."""
    return CurrentRanks(settings.home / "risk" / "decisions")


def case_office(settings: Settings, office: Office) -> CaseOffice:
    """The cases of an installation, over these books.

    Raises:
        InvalidInput: The routing table cannot be read.
    """
    from keruen.store.cases import PostgresCases

    table = routing.shipped()
    if settings.case_routing is not None:
        try:
            table = routing.read(settings.case_routing.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            text = f"the routing table {settings.case_routing} cannot be read: {error}"
            raise InvalidInput(text, code="case_routing", found=str(error)) from error
    level = Severity[settings.case_level.upper()]
    return CaseOffice(
        PostgresCases(office.profile.jurisdiction), office.store, office.profile, office.clock, table, level
    )


@cache
def office(settings: Settings) -> Office:
    """The workflow's world, over the database of these settings."""
    connect(settings)
    garbage.look_seldom()
    from keruen.store.postgres import PostgresStore

    profile = load_profile(settings.profile)
    if profile.jurisdiction != settings.jurisdiction:
        raise InvalidInput(
            f"KERUEN_JURISDICTION is {settings.jurisdiction}, but profile {profile.id} is of {profile.jurisdiction}",
            code="jurisdiction",
            found=settings.jurisdiction,
            expected=profile.jurisdiction,
        )
    store = PostgresStore(profile)
    clock = ReplayClock() if settings.clock == Clock.REPLAY else SystemClock(store.last_recorded())
    return Office(
        store,
        profile,
        clock,
        lambda: secrets.token_bytes(16),
        screens(settings),
        rules(settings),
        describes(settings),
        ranks(settings),
        statistics(settings),
    )
