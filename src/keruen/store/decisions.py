"""A decision as both stores write it: one JSON form, whichever keeps it."""

from __future__ import annotations

import orjson

from keruen.model.finding import Decision


def decision_json(decision: Decision) -> bytes:
    """The decision with its findings, facts and editions."""
    return orjson.dumps(
        {
            "channel": decision.channel.value,
            "author": decision.author,
            "rules": decision.rules_version,
            "decided_at": decision.decided_at.isoformat(),
            "editions": dict(decision.editions),
            "findings": [
                [each.code, int(each.severity), each.path, dict(each.params), each.source] for each in decision.findings
            ],
            **({"facts": dict(decision.facts)} if decision.facts else {}),
            **({"shadow": decision.shadow} if decision.shadow else {}),
            **({"ranking": dict(decision.ranking)} if decision.ranking else {}),
            **({"selection": decision.selection} if decision.selection else {}),
        }
    )
