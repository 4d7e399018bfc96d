"""What may be set from outside: one frozen record, read once, refusing what it cannot parse.

Every setting is an environment variable `KERUEN_…`, works without being set, and is described where it is
declared, so that the manual's table is made from the code. A variable with our prefix that we do not know is
refused too: a misspelt KERUEN_DATABASE_URL would otherwise quietly start an empty database.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import secrets
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args, get_origin

from psycopg import ProgrammingError, conninfo
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from keruen.errors import Forbidden, IntegrityFailure, InvalidInput
from keruen.screening.thresholds import ALERT

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

PREFIX: Final = "KERUEN_"

# Variables of tests and benchmarks, and where data for measuring lies: no settings of a running system.
OTHERS: Final = ("KERUEN_TEST_", "KERUEN_BENCH_", "KERUEN_SHARED_DATA")

# Their values are passwords or hold one: never shown, neither in a message nor in repr().
SECRET_FIELDS: Final = frozenset({"secret_key", "database_url"})

# Django's own check (security.W009) wants fifty characters of a secret key.
SECRET_MIN_CHARS: Final = 50

MEBIBYTE: Final = 1024 * 1024


class Clock(StrEnum):
    """Where the recorded time of a fact comes from."""

    SYSTEM = "system"
    REPLAY = "replay"


def _default_home() -> Path:
    # The XDG rule: an empty or relative XDG_DATA_HOME counts as unset.
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (data if data.is_absolute() else Path("~/.local/share").expanduser()) / "keruen"


class Settings(BaseSettings):
    """Everything an installation can choose.

    Raises:
        InvalidInput: A value cannot be parsed; names the variable, what was found and what is expected.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    home: Path = Field(
        default_factory=_default_home,
        description="Folder of everything Keruen keeps: the embedded database, the journal, its key, "
        "received files. Unset, it is keruen in $XDG_DATA_HOME, or in ~/.local/share.",
        json_schema_extra={"default_shown": "~/.local/share/keruen"},
    )
    database_url: str | None = Field(
        default=None,
        repr=False,
        description="PostgreSQL 15 or later to use, as postgresql://user:password@host:5432/name. "
        "Unset, the embedded server runs in the home folder.",
    )
    log_dir: Path = Field(
        default_factory=lambda found: found["home"] / "log",
        description="Folder of the public journal: tiles and checkpoints, ready to be served as files.",
        json_schema_extra={"default_shown": "log in the home folder"},
    )
    log_origin: str = Field(
        default="keruen.example/log",
        pattern=r"^[^\s+]+$",
        description="Name the journal signs its checkpoints with, a URL without its scheme. "
        "Choose it before the first record: verifiers know the journal by it.",
    )
    secret_key: str | None = Field(
        default=None,
        min_length=SECRET_MIN_CHARS,
        repr=False,
        description="Key that signs sessions and links, at least 50 characters. "
        "Unset, one is made once and kept in the file secret of the home folder.",
    )
    lake: str = Field(
        default="duckdb",
        pattern=r"^(duckdb|local(\[.+\])?|local-cluster\[.+\]|spark://.+|yarn|k8s://.+)$",
        description="Engine of questions to the trade statistics: duckdb in this process, or a Spark master such as "
        "spark://host:7077.",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="Address the server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="TCP port the server listens on.")
    workers: int = Field(
        default=1,
        ge=1,
        le=256,
        description="Processes that answer requests, each of sixteen threads and with its own copy of the lists in "
        "memory. One does for two cores; more where there are more.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        min_length=1,
        description="Names under which the site may be asked for, separated by commas.",
    )
    https: bool = Field(
        default=False,
        description="True where a proxy that speaks TLS stands in front: cookies are sent over TLS only, "
        "plain requests are sent on, and the proxy's X-Forwarded-Proto is believed.",
    )
    language: Literal["kk", "ru", "en"] = Field(
        default="en", description="Language of a reader who has not chosen one: kk, ru or en."
    )
    profile: str = Field(
        default="kz",
        pattern=r"^[a-z][a-z0-9_]*$",
        description="Profile of documents, deadlines and formats to work by.",
    )
    jurisdiction: str = Field(
        default="KZ", pattern=r"^[A-Z]{2}$", description="Country whose rules apply, ISO 3166-1 alpha-2."
    )
    max_upload_bytes: int = Field(
        default=64 * MEBIBYTE, ge=1024, description="Largest file or request that is taken, in bytes."
    )
    max_rows: int = Field(default=1_000_000, ge=1, description="Most rows that one file may have.")
    max_row_bytes: int = Field(
        default=MEBIBYTE, ge=256, description="Longest row, or single document, of a file, in bytes."
    )
    max_json_depth: int = Field(default=32, ge=4, le=500, description="Deepest nesting of a JSON or XML document.")
    batch_size: int = Field(
        default=1000, ge=1, le=100_000, description="Documents that one transaction of a file's intake takes."
    )
    screening_threshold: float = Field(
        default=ALERT, ge=0, le=1, description="Score from which on a party that may be a listed one is an alert."
    )
    screening_thresholds: str | None = Field(
        default=None,
        description="Thresholds of their own for lists and purposes, such as un_sc=0.4, ofac_sdn:waybill=0.6.",
    )
    draw_by_lot: bool = Field(
        default=True,
        description="Draw a share of what would be released for an officer's look, as the rules say. False only where "
        "every answer must be foreseeable, as in a test.",
    )
    case_level: Literal["warning", "inspect", "refuse"] = Field(
        default="warning", description="Lightest finding that opens a case: warning, inspect or refuse."
    )
    case_routing: Path | None = Field(
        default=None,
        description="File of your own that says which findings open a case and whose queue it goes to, in the form of "
        "src/keruen/cases/routing.toml. Unset, that one is used.",
    )
    clock: Clock = Field(
        default=Clock.SYSTEM,
        description="system: facts are recorded at the time of day. replay: at the time their document "
        "was filed, for demonstrations and tests only, since it lets a filer choose the recorded time.",
    )
    debug: bool = Field(
        default=False,
        description="Show the inside of failures in the browser. Never where others can reach it.",
    )

    # Any: pydantic takes what the fields take and refuses the rest itself.
    def __init__(self, **values: Any) -> None:  # noqa: ANN401
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _as_invalid_input(error) from None

    @field_validator("home", "log_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links.

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, hosts: object) -> object:
        return tuple(name.strip() for name in hosts.split(",") if name.strip()) if isinstance(hosts, str) else hosts

    @field_validator("database_url")
    @classmethod
    def _readable(cls, url: str | None) -> str | None:
        if url is None:
            return None
        try:
            parts = conninfo.conninfo_to_dict(url)
        except ProgrammingError:
            parts = {}
        if "://" not in url or not parts.get("dbname"):
            expected = "postgresql://user:password@host:5432/name"
            raise ValueError(expected)
        return url

    def secret(self) -> str:
        """The secret key: the one set, or the one kept in `home/secret`, made on the first call.

        Raises:
            Forbidden: Others of this machine can read the file.
            IntegrityFailure: The file holds no key.
        """
        return self.secret_key or _kept_secret(self.home / "secret")


@dataclass(frozen=True, slots=True)
class Documented:
    """One row of the manual's table of settings."""

    env: str
    type: str
    default: str
    meaning: str


def load() -> Settings:
    """Read the environment; done once, by `keruen.compose`.

    Raises:
        InvalidInput: A value cannot be parsed, or a variable with our prefix is none of ours.
    """
    known = {row.env for row in documented()}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and not name.startswith(OTHERS) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "`keruen settings` lists those there are."
            text = f"{name} is no setting of Keruen; {hint}"
            raise InvalidInput(text, code="settings.unknown", name=name, near=near[0] if near else "")
    return Settings()


def documented() -> tuple[Documented, ...]:
    """Every setting as the manual shows it, in the order of the record."""
    return tuple(
        Documented(env(name), _type_shown(field), _default_shown(field), field.description or "")
        for name, field in Settings.model_fields.items()
    )


def env(field: str) -> str:
    """Name of the environment variable of a field."""
    return PREFIX + field.upper()


def _type_shown(field: FieldInfo) -> str:
    kinds = [kind for kind in get_args(field.annotation) if kind is not type(None)]
    if get_origin(field.annotation) is Literal:
        return " | ".join(kinds)
    if get_origin(field.annotation) is tuple:
        return "list of text"
    kind = kinds[0] if kinds else field.annotation
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " | ".join(kind)
    names: dict[object, str] = {
        str: "text",
        int: "integer",
        float: "number",
        bool: "true | false",
        Path: "path",
    }
    return names[kind]


def _default_shown(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default_shown" in extra:
        return str(extra["default_shown"])
    value = field.default
    if value is None:
        return "unset"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_invalid_input(error: ValidationError) -> InvalidInput:
    """Say the first fault as we say faults, and how many more there are."""
    # The log folder's default follows from home: without home it is missing, but not at fault.
    found_faults = error.errors(include_url=False)
    faults = [fault for fault in found_faults if fault["type"] != "default_factory_not_called"]
    fault = faults[0]
    field = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        return InvalidInput(f"{field} is no setting of Keruen", code="settings.unknown", name=field, near="")
    found = "a value not shown here" if field in SECRET_FIELDS else repr(fault["input"])
    expected = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    text = f"{env(field)}: found {found}, expected {expected}"
    if len(faults) > 1:
        text += f" (and {len(faults) - 1} more: {', '.join(env(str(more['loc'][0])) for more in faults[1:])})"
    return InvalidInput(text, code="settings.unreadable", name=env(field), found=found, expected=expected)


def _kept_secret(path: Path) -> str:
    try:
        return _read_secret(path)
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: of two processes that start at once the second takes the first one's key,
        # and a stop at any point leaves a whole key or none.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(aside)
    finally:
        aside.unlink()
    return _read_secret(path)


def _read_secret(path: Path) -> str:
    remedy = "Remove it: a new one is made, and those signed in sign in again"
    secret = path.read_text(encoding="ascii", errors="replace").strip()
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        text = f"{path} can be read by others. {remedy}, or run `chmod 600` on it if nobody has read it"
        raise Forbidden(text, code="settings.secret_open", path=str(path))
    if len(secret) < SECRET_MIN_CHARS:
        text = f"{path} holds no key of {SECRET_MIN_CHARS} characters. {remedy}"
        raise IntegrityFailure(text, code="settings.secret_damaged", path=str(path))
    return secret
