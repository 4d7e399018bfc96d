"""`keruen serve` as it is run: processes of its own, one document filed at all of them at once, and a plain end."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from keruen.formats.examples import story
from keruen.settings import Settings
from keruen.store import embedded

if TYPE_CHECKING:
    from keruen.store.postgres import PostgresStore

pytestmark = pytest.mark.postgres
Served = tuple[subprocess.Popen[bytes], str]

SRC = Path(embedded.__file__).parents[2]
TOKEN = "krn_of_a_test"
WORKERS = 2
AT_ONCE = 12
STARTS_S = 60


@pytest.fixture
def served(settings: Settings, postgres: PostgresStore, tmp_path: Path) -> Iterator[Served]:
    """The server over the emptied database, and its address."""
    del postgres
    from keruen.store.models import ApiKey, User

    user = User.objects.create(username="gateway", organisation_id="gateway", role="gateway")
    ApiKey.objects.create(user=user, name="test", sha256=hashlib.sha256(TOKEN.encode()).hexdigest())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("KERUEN_")}
    chosen = {
        "KERUEN_HOME": str(settings.home),
        "KERUEN_LOG_DIR": str(tmp_path / "log"),
        "KERUEN_PORT": str(port),
        "KERUEN_WORKERS": str(WORKERS),
        "PYTHONPATH": str(SRC),
    }
    if settings.database_url:
        chosen["KERUEN_DATABASE_URL"] = settings.database_url
    log = (tmp_path / "server.log").open("wb")
    server = subprocess.Popen([sys.executable, "-m", "keruen", "serve"], env=ours | chosen, stdout=log, stderr=log)
    try:
        end = time.monotonic() + STARTS_S
        while time.monotonic() < end and server.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail((tmp_path / "server.log").read_text(errors="replace")[-2000:])
        yield server, f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait(timeout=30)
        log.close()


def test_one_document_filed_at_every_worker_at_once_is_filed_once(served: Served) -> None:
    server, address = served
    record = next(dict(each.record) for each in story() if each.record["kind"] == "entry_declaration")
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        first = client.get("/api/v1/health")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda _: client.post("/api/v1/documents", json=record), range(AT_ONCE)))
    running = psutil.Process(server.pid).children(recursive=True)
    gunicorn = [each for each in running if "gunicorn" in " ".join(each.cmdline())]
    assert first.status_code == 200
    assert len(gunicorn) == 1 + WORKERS, [each.cmdline() for each in running]
    assert Counter(each.status_code for each in answers) == {201: 1, 200: AT_ONCE - 1}, [each.text for each in answers]

    server.send_signal(signal.SIGTERM)
    server.wait(timeout=40)
    psutil.wait_procs(gunicorn, timeout=10)
    assert [each.pid for each in gunicorn if each.is_running()] == []
