"""The API: one waybill of three lines a request over HTTP, checked, posted, journalled and committed.

gunicorn with one worker of sixteen threads, as `keruen serve` runs it, against a load generator in a process of
its own. The highest rate stands beside commits of a single row by one bare connection; the latency at a steady
fifty requests a second, counted from when each was due, beside that of a route that answers and does nothing.
Server, generator and database share the machine's cores.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.floors import PLAIN, plain_table, single_commits
from bench.ground import Ground
from bench.measure import Findings, at_most, quantile, ratio_at_least
from bench.papers import CODES, TEXT, bin_number, entry
from keruen import settings
from keruen.model.outcome import Verdict
from keruen.settings import Clock
from keruen.workflow.submit import submit

HOST = "127.0.0.1"
THREADS = 16
FIRMS = 200
RATE = 50
CONNECTIONS = (8, 16)
START_S = 60.0
MILLISECOND = 1e-3
HEALTH = "/api/v1/health"
DOCUMENTS = "/api/v1/documents"


class NotThereError(Exception):
    """The server did not come up, or refuses what is right."""


def run(ground: Ground, found: Findings) -> None:
    """Measure rate and latency."""
    ground.empty()
    names = [bin_number(index) for index in range(FIRMS)]
    _stock(ground, names)
    token = _key(ground)
    with ground.connect() as raw:
        plain_table(raw)
        seconds = ground.size(2, 5)
        bare = single_commits(ground.url, seconds)
        with _serving(ground) as port:
            base = _orders(port, token, names)
            _asked(base | {"count": 60, "seconds": 10, "connections": 4, "prefix": "SNT-WARM-"})
            bare_rate = len(bare) / sum(bare)
            for connections in CONNECTIONS:
                _highest(ground, found, base, connections, bare_rate)
            _nothing(ground, found, base)
            _steady(ground, found, base)
        raw.execute(f"DROP TABLE {PLAIN}")
    ground.empty()


def _highest(ground: Ground, found: Findings, base: dict[str, Any], connections: int, bare_rate: float) -> None:
    ground.show(f"API: as many waybills as it takes, {connections} at a time")
    seen = _asked(
        base
        | {
            "count": ground.size(4000, 30_000),
            "seconds": ground.size(5, 20),
            "connections": connections,
            "prefix": f"SNT-C{connections:02d}-",
        }
    )
    rate = len(seen["took"]) / seen["wall_s"]
    found.add(
        f"waybills by POST, {connections} at a time",
        rate,
        "/s",
        peer=bare_rate,
        peer_name="bare commits of one row",
        target=ratio_at_least(0.4),
        note=f"p50 {quantile(seen['took'], 0.5) / MILLISECOND:.1f} ms, p99 "
        f"{quantile(seen['took'], 0.99) / MILLISECOND:.1f} ms; {_answers(seen)}",
    )
    found.facts[f"posts_{connections}_per_s"] = rate


def _nothing(ground: Ground, found: Findings, base: dict[str, Any]) -> None:
    ground.show("API: requests that ask for nothing")
    seen = _asked(
        base
        | {
            "method": "GET",
            "path": HEALTH,
            "count": ground.size(4000, 20_000),
            "seconds": ground.size(3, 8),
            "connections": 8,
            "prefix": "",
        }
    )
    found.facts["nothing_per_s"] = len(seen["took"]) / seen["wall_s"]
    found.add(
        "requests that ask for nothing, 8 at a time",
        found.facts["nothing_per_s"],
        "/s",
        note="what gunicorn, Django and the generator leave for anything else",
    )


def _steady(ground: Ground, found: Findings, base: dict[str, Any]) -> None:
    ground.show(f"API: {RATE} waybills a second")
    seconds = ground.size(8, 60)
    steady = {"rate": RATE, "count": RATE * seconds, "seconds": seconds, "connections": THREADS}
    empty = _asked(base | steady | {"method": "GET", "path": HEALTH, "prefix": "", "count": RATE * min(seconds, 10)})
    seen = _asked(base | steady | {"prefix": "SNT-S-"})
    for share, target in ((0.5, None), (0.99, at_most(60.0))):
        found.add(
            f"a waybill at {RATE}/s, p{share * 100:.0f}",
            quantile(seen["took"], share) / MILLISECOND,
            "ms",
            peer=quantile(empty["took"], share) / MILLISECOND,
            peer_name="a request that asks for nothing",
            target=target,
            note=_answers(seen),
        )
    found.facts["steady_p99_ms"] = quantile(seen["took"], 0.99) / MILLISECOND


def _answers(seen: dict[str, Any]) -> str:
    if not set(seen["statuses"]) <= {"200", "201"}:
        raise NotThereError(f"answers {seen['statuses']}, for example {seen['sample']}")
    return f"{sum(seen['statuses'].values()):,} answered"


def _asked(orders: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(orders),
        capture_output=True,
        text=True,
        check=True,
        timeout=orders["seconds"] + 120,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _orders(port: int, token: str, names: list[str]) -> dict[str, Any]:
    today = datetime.now(UTC).date().isoformat()
    return {
        "host": HOST,
        "port": port,
        "token": token,
        "path": DOCUMENTS,
        "method": "POST",
        "pairs": [
            [names[index], names[(index * 7 + 1) % FIRMS]] for index in range(FIRMS) if index != (index * 7 + 1) % FIRMS
        ],
        "header": {
            "kind": "waybill",
            "issued_on": today,
            "shipped_on": today,
            "movement": "transfer",
            "sender_country": "KZ",
            "receiver_country": "KZ",
        },
        "lines": [
            {"line": index, "commodity_code": code, "description": TEXT, "quantity": "1", "unit": "H87"}
            for index, code in enumerate(CODES, 1)
        ],
    }


def _stock(ground: Ground, names: list[str]) -> None:
    """A lot of each code for every firm, enough for all waybills of the run."""
    at = datetime.now(UTC) - timedelta(days=2)
    outcomes = submit(ground.office, [entry(number, name, 3, "9999999", at) for number, name in enumerate(names)])
    assert all(each.verdict == Verdict.ACCEPTED for each in outcomes), "the stock was refused"


def _key(ground: Ground) -> str:
    from keruen.store.models import ApiKey, User

    del ground
    user, _ = User.objects.get_or_create(username="bench", defaults={"organisation_id": "gateway", "role": "gateway"})
    token = f"krn_{secrets.token_urlsafe(32)}"
    ApiKey.objects.create(user=user, name="bench", sha256=hashlib.sha256(token.encode()).hexdigest())
    return token


@contextlib.contextmanager
def _serving(ground: Ground) -> Iterator[int]:
    """A server on a free port of the loopback interface, ended on leaving."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    log = (ground.home / "gunicorn.log").open("wb")
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "keruen.faces.wsgi:application",
            "--bind",
            f"{HOST}:{port}",
            "--worker-class",
            "gthread",
            "--workers",
            "1",
            "--threads",
            str(THREADS),
            "--log-level",
            "warning",
        ],
        # The machine's clock, as in earnest: each waybill is learnt of when it comes.
        env=ground.environment() | {settings.env("clock"): Clock.SYSTEM.value},
        stdout=log,
        stderr=log,
    )
    try:
        _wait(server, port, ground)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(timeout=20)
        log.close()


def _wait(server: subprocess.Popen[bytes], port: int, ground: Ground) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    said = (ground.home / "gunicorn.log").read_text(encoding="utf-8", errors="replace")[-800:]
    raise NotThereError(f"gunicorn did not come up: {said}")
