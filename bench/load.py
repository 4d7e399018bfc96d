"""A load generator in a process of its own: waybills over HTTP, keep-alive, by plain sockets.

Reads its orders as JSON from standard input, writes what it saw as JSON to standard output. Two ways: *closed*,
each connection sends its next request when the last is answered, which finds the highest rate; *open*, requests
leave at fixed instants whatever the server does, and latency counts from the instant a request was due, so that
a server that stalls is not spared the requests it kept waiting.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_S = 30.0
LEAST_HEAD = 12
GOOD = (200, 201)


@dataclass(slots=True)
class Seen:
    """What one connection saw."""

    took: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    sample: str = ""


class Line:
    """One keep-alive connection."""

    def __init__(self, host: str, port: int) -> None:
        self._at = (host, port)
        self._socket: socket.socket | None = None
        self._rest = b""

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and read its answer; a connection the server closed is opened anew, once."""
        for last in (False, True):
            try:
                if self._socket is None:
                    self._socket = socket.create_connection(self._at, timeout=TIMEOUT_S)
                    self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._rest = b""
                self._socket.sendall(request)
                return self._answer(self._socket)
            except (ConnectionError, EOFError):
                self._socket = None
                if last:
                    raise
        raise AssertionError("unreachable")

    def _answer(self, line: socket.socket) -> tuple[int, bytes]:
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more(line)
        head = data[:end].lower()
        if len(head) < LEAST_HEAD:
            raise EOFError("no answer")
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        body = data[end + 4 :]
        while len(body) < length:
            body += self._more(line)
        self._rest = body[length:]
        if b"connection: close" in head:
            line.close()
            self._socket = None
        return int(head[9:12]), body[:length]

    @staticmethod
    def _more(line: socket.socket) -> bytes:
        chunk = line.recv(65536)
        if not chunk:
            raise EOFError("the server closed the connection")
        return chunk


def requests_of(orders: dict[str, Any]) -> list[bytes]:
    """Every request's bytes, made before the clock runs."""
    made = []
    for number in range(orders["count"]):
        body = b""
        if orders["method"] == "POST":
            sender, receiver = orders["pairs"][number % len(orders["pairs"])]
            body = json.dumps(
                {
                    **orders["header"],
                    "id": f"{orders['prefix']}{number:08d}",
                    "sender_id": sender,
                    "receiver_id": receiver,
                    "sender_name": f"Firm {sender}",
                    "receiver_name": f"Firm {receiver}",
                    "lines": orders["lines"],
                }
            ).encode()
        head = (
            f"{orders['method']} {orders['path']} HTTP/1.1\r\nHost: {orders['host']}:{orders['port']}\r\n"
            f"Authorization: Bearer {orders['token']}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


class Work:
    """The orders being carried out by several connections at once."""

    def __init__(self, orders: dict[str, Any]) -> None:
        self.at = (orders["host"], orders["port"])
        self.requests = requests_of(orders)
        self.rate = float(orders.get("rate", 0))
        self._next, self._lock = iter(range(len(self.requests))), threading.Lock()
        self.start = time.perf_counter() + 0.05
        self.end = self.start + orders["seconds"]

    def turn(self) -> tuple[int, float] | None:
        """The next request and when it is due; None when there is none, or no time for it."""
        with self._lock:
            number = next(self._next, None)
        if number is None:
            return None
        due = self.start + number / self.rate if self.rate else time.perf_counter()
        return (number, due) if due <= self.end else None

    def carry_out(self, mine: Seen) -> None:
        """Send requests by one connection until there are no more."""
        line = Line(*self.at)
        while (turn := self.turn()) is not None:
            number, due = turn
            if self.rate and (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            try:
                status, body = line.ask(self.requests[number])
            except (OSError, EOFError, ValueError) as error:
                status, body = 0, repr(error).encode()
            mine.took.append(time.perf_counter() - due)
            mine.statuses[str(status)] = mine.statuses.get(str(status), 0) + 1
            if status not in GOOD and not mine.sample:
                mine.sample = body[:600].decode(errors="replace")


def run(orders: dict[str, Any]) -> dict[str, Any]:
    """Carry the orders out; never longer than `seconds` and the time-out of the last requests."""
    work = Work(orders)
    seen = [Seen() for _ in range(orders["connections"])]
    workers = [threading.Thread(target=work.carry_out, args=(each,), daemon=True) for each in seen]
    for each in workers:
        each.start()
    for each in workers:
        each.join(timeout=orders["seconds"] + 2 * TIMEOUT_S)
    statuses: dict[str, int] = {}
    for one in seen:
        for status, count in one.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    return {
        "took": [each for one in seen for each in one.took],
        "statuses": statuses,
        "wall_s": time.perf_counter() - work.start,
        "sample": next((one.sample for one in seen if one.sample), ""),
    }


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
