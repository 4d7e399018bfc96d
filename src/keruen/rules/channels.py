"""From findings to a channel: a table with priorities, a share drawn by lot, and what a day can carry.

The gravest finding decides: what refuses is refused, and no score or table outvotes it. Within that the table may send
a rule's finding to another channel. Of what would be green a known share is drawn by lot for an officer's look, so that
what nobody suspects is seen too: the draw is a keyed hash of the document's id and version, so it was fixed before
anything about the outcome was known, and who is given the day's key can repeat it.

Where a channel's day is full, what only rules of `yield` severity asked for goes on with a notice instead, the
least urgent first in the order they come; what the law or a check asks for is held however full the day.

Source: ASYCUDA's selectivity (UNCTAD): criteria, a minimum random rate, and an expected rate by lane.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from keruen.model.finding import CHANNEL_OF, Channel, Finding, Severity

ORDER: Final = (Channel.GREEN, Channel.YELLOW, Channel.RED, Channel.REFUSE)
SCALE: Final = 2**64
MAX_SHARE: Final = Decimal("0.5")


class Table(NamedTuple):
    """Which findings lead where, how many a day a channel carries, and which share is drawn by lot.

    `send` maps a rule's code to a channel at least as grave as nothing and at most red; `daily` a channel to its
    documents a day (none: no bound); `yields` are rules that give way on a full day.
    """

    send: tuple[tuple[str, Channel], ...] = ()
    daily: tuple[tuple[Channel, int], ...] = ()
    random_yellow: Decimal = Decimal(0)
    random_red: Decimal = Decimal(0)
    yields: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: Any, codes: Sequence[str]) -> tuple[Table, list[str]]:  # noqa: ANN401 - as TOML gives it
        """The `[channels]` table of a rule set, and what is wrong with it."""
        if not isinstance(data, dict):
            return cls(), ["[channels] must be a table"]
        wrong = [
            f"channels: unknown key {name!r}"
            for name in sorted(data.keys() - {"send", "daily", "random_yellow", "random_red", "yields"})
        ]
        send: list[tuple[str, Channel]] = []
        for code, name in sorted(dict(data.get("send", {})).items()):
            if code not in codes:
                wrong.append(f"channels.send: no rule {code!r}")
            elif name not in {"green", "yellow", "red"}:
                wrong.append(f"channels.send.{code}: {name!r} is none of green, yellow, red")
            else:
                send.append((code, Channel(name)))
        daily: list[tuple[Channel, int]] = []
        for name, count in sorted(dict(data.get("daily", {})).items()):
            if name not in {"yellow", "red"} or not isinstance(count, int) or count < 0:
                wrong.append(f"channels.daily.{name}: give yellow or red a whole number a day, found {count!r}")
            else:
                daily.append((Channel(name), count))
        shares = []
        for name in ("random_yellow", "random_red"):
            try:
                share = Decimal(str(data.get(name, 0)))
            except InvalidOperation:
                share = Decimal(-1)
            if not 0 <= share <= MAX_SHARE:
                wrong.append(f"channels.{name}: a share from 0 to {MAX_SHARE}, found {data.get(name)!r}")
            shares.append(share)
        yields = tuple(data.get("yields", ()))
        wrong += [f"channels.yields: no rule {code!r}" for code in yields if code not in codes]
        return cls(tuple(send), tuple(daily), shares[0], shares[1], yields), wrong

    def channel(self, findings: Sequence[Finding]) -> Channel:
        """Where findings lead, the gravest first."""
        send = dict(self.send)
        worst = Channel.GREEN
        for finding in findings:
            channel = CHANNEL_OF[finding.severity]
            if channel != Channel.REFUSE:
                channel = send.get(rule_of(finding), channel)
            if ORDER.index(channel) > ORDER.index(worst):
                worst = channel
        return worst

    def gives_way(self, findings: Sequence[Finding]) -> bool:
        """Whether all that holds a document are rules that give way on a full day."""
        holding = [each for each in findings if each.severity > Severity.NOTICE]
        return bool(holding) and all(rule_of(each) in self.yields for each in holding)

    def capacity(self, channel: Channel) -> int | None:
        """Documents a day, or None where there is no bound."""
        return dict(self.daily).get(channel)


def rule_of(finding: Finding) -> str:
    """The code of the rule a finding comes from; empty for those of checks."""
    return finding.params.get("rule", "") if finding.code == "rule" else ""


def day_key(secret: bytes, on: date) -> bytes:
    """The key of one day's draw: it can be given to an auditor without giving away other days."""
    return hmac.new(secret, f"keruen draw {on.isoformat()}".encode(), hashlib.sha256).digest()


def commitment(key: bytes) -> str:
    """What may be published before the day, to prove afterwards that its key was not chosen to suit."""
    return hashlib.sha256(b"keruen draw commitment" + key).hexdigest()


def drawn(key: bytes, document_id: str, version: int, table: Table) -> Channel:
    """Which channel the lot falls on for a document that would be green; green where it is not drawn."""
    digest = hmac.new(key, f"{document_id}@{version}".encode(), hashlib.sha256).digest()
    place = Decimal(int.from_bytes(digest[:8], "big")) / SCALE
    if place < table.random_red:
        return Channel.RED
    return Channel.YELLOW if place < table.random_red + table.random_yellow else Channel.GREEN


def share_of(table: Table) -> Mapping[Channel, Decimal]:
    """Probability of each channel for a document that would be green, for figures from the drawn ones."""
    return {
        Channel.RED: table.random_red,
        Channel.YELLOW: table.random_yellow,
        Channel.GREEN: 1 - table.random_red - table.random_yellow,
    }
