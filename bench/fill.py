"""A book of any size, made by the server itself: a year of entries, transfers and exports, skewed as trade is.

A group is one import and what became of it: an entry of four lots, a waybill that moves sixty of each hundred to a
trader, an export waybill with which forty leave. Twenty postings, three documents, six events, one decision.
Times run over twelve months' partitions in the order rows are written; firms are drawn so that a few have much
and most have little; ids are scattered within their month, as real ones are.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg

from bench.ground import Ground
from bench.papers import NOON, waybill

POSTINGS_A_GROUP = 20
GROUPS_A_FIRM = 100
FEWEST_FIRMS = 5
CHUNK = 25_000
START = date(2025, 1, 1)
OPEN = 500
"""Held documents waiting for an officer: as many on a small book as on a large one, because officers work at it."""
GROUPS = """
CREATE TEMP TABLE bench_group AS
SELECT g, at, at + interval '3 days' AS sent, at + interval '4 days' AS moved, at + interval '20 days' AS filed,
    at + interval '24 days' AS gone,
    'DT-' || to_char(at, 'YYMM') || '-' || upper(substr(md5('d' || g), 1, 10)) AS dt,
    'SNT-' || to_char(at, 'YYMM') || '-' || upper(substr(md5('a' || g), 1, 10)) AS a,
    'SNT-' || to_char(at, 'YYMM') || '-' || upper(substr(md5('b' || g), 1, 10)) AS b,
    'F' || lpad(floor(%(firms)s * power(hashtextextended('i' || g, 0)::float / 1.86e19 + 0.5, 3))::text, 8, '0')
        AS importer,
    'F' || lpad(floor(%(firms)s * power(hashtextextended('t' || g, 0)::float / 1.86e19 + 0.5, 3))::text, 8, '0')
        AS trader,
    g %% %(every)s = 0 AS open
FROM (SELECT g, timestamptz '2025-01-01 04:00Z' + g * (interval '330 days' / %(groups)s) AS at
      FROM generate_series(%(first)s::bigint, %(last)s) AS g) AS numbered
"""
LOTS = """
INSERT INTO keruen_lot (lot_id, commodity_code, unit, origin_country, manufacture_country, manufacturer, description,
    birth, document_id, line, owner, born_on, recorded_at, jurisdiction, entered)
SELECT dt || '/' || line, (ARRAY['8542311001', '8544200000', '8517620009', '8471300000'])[line], 'H87', 'CN', 'CN', '',
    'Electronic integrated circuits, processors and controllers, new', 'entry', dt, line, importer, at::date, at, 'KZ',
    100
FROM bench_group, generate_series(1, 4) AS line
"""
POSTINGS = """
INSERT INTO keruen_posting (recorded_at, event_id, seq, lot_id, quantity, unit, from_holder, from_status, to_holder,
    to_status, document_id, line, effective_at, reverses)
SELECT p.at, p.event, line - 1, dt || '/' || line, p.quantity, 'H87', p.fh, p.fs, p.th, p.ts, p.document, line, p.at, ''
FROM bench_group AS b, generate_series(1, 4) AS line, LATERAL (VALUES
    (b.at, dt || '@1', 100, 'world', 'entry', importer, 'free', dt),
    (sent, a || '@1', 60, importer, 'free', importer, 'reserved', a),
    (moved, a || ':confirm', 60, importer, 'reserved', trader, 'free', a),
    (filed, b.b || '@1', 40, trader, 'free', trader, 'reserved', b.b),
    (gone, 'EXT-' || b.b || '@1', 40, trader, 'reserved', 'world', 'exit', b.b)
) AS p(at, event, quantity, fh, fs, th, ts, document)
ORDER BY p.at
"""
BALANCES = """
INSERT INTO keruen_balance (lot_id, holder, commodity_code, free, reserved, in_transit, held, seized)
SELECT dt || '/' || line, holder, (ARRAY['8542311001', '8544200000', '8517620009', '8471300000'])[line],
    sum(free), 0, 0, 0, 0
FROM bench_group, generate_series(1, 4) AS line, LATERAL (VALUES (importer, 40), (trader, 20)) AS h(holder, free)
GROUP BY 1, 2, 3
"""
DOCUMENTS = """
INSERT INTO keruen_document (id, kind, version, state, movement, issued_on, holder, counterparty, filer, filed_by_user,
    relates_to, due_at, due_transition, channel, attention, released_by, last_event_id, recorded_at, updated_at, salt,
    body, decision, jurisdiction)
SELECT d.id, 'waybill', 1, d.state, d.movement, d.at::date, d.holder, d.other, d.holder, d.holder || '-1', '',
    CASE WHEN d.attention THEN d.at + interval '1 day' END, '',
    CASE WHEN d.movement = 'export' THEN d.channel ELSE '' END,
    d.attention, '', d.id || '@1', d.at, d.last, decode(md5(d.id), 'hex'),
    convert_to(replace(replace(replace(%(body)s, '@ID@', d.id), '@S@', d.holder), '@R@', d.other), 'UTF8'),
    CASE WHEN d.movement = 'export' THEN %(decision)s::json END, 'KZ'
FROM bench_group AS b, LATERAL (VALUES
    (dt, 'confirmed', 'entry', b.at, b.at, importer, '', '', false),
    (a, 'confirmed', 'transfer', sent, moved, importer, trader, '', false),
    (b.b, CASE WHEN open THEN 'held' ELSE 'left' END, 'export', filed, gone, trader, 'UZ-300111222',
     CASE WHEN open THEN 'yellow' ELSE 'green' END, open)
) AS d(id, state, movement, at, last, holder, other, channel, attention)
ORDER BY d.at
"""
EVENTS = """
INSERT INTO keruen_event (recorded_at, event_id, document_id, version, transition, from_state, to_state, user_name,
    organisation, role, reason, effective_at, content_sha256)
SELECT e.at, e.id, e.document, 1, e.what, '', e.state, e.who || '-1', e.who, 'filer', '', e.at, sha256(e.id::bytea)
FROM bench_group AS b, LATERAL (VALUES
    (b.at, dt || '@1', dt, 'file', 'released', importer), (sent, a || '@1', a, 'file', 'sent', importer),
    (sent, a || ':view', a, 'view', 'viewed', trader), (moved, a || ':confirm', a, 'confirm', 'confirmed', trader),
    (filed, b.b || '@1', b.b, 'file', 'released', trader), (gone, 'EXT-' || b.b || '@1', b.b, 'leave', 'left', trader)
) AS e(at, id, document, what, state, who)
ORDER BY e.at
"""
ORGANISATIONS = """
INSERT INTO keruen_organisation (id, name, country, jurisdiction, address, phone, director, first_seen_at)
SELECT 'F' || lpad(n::text, 8, '0'), 'Firm ' || n, 'KZ', 'KZ', '', '', '', now() FROM generate_series(0, %s) AS n
"""
DECISION = (
    '{"channel": "green", "author": "keruen", "rules": "1", "decided_at": "2025-03-04T12:00:00+00:00", '
    '"editions": {}, "findings": []}'
)
FILLED = ("organisation", "lot", "posting", "balance", "document", "event")


def fill(ground: Ground, postings: int) -> int:
    """Empty the book and fill it.

    Returns:
        How many groups it holds.
    """
    ground.empty()
    groups = postings // POSTINGS_A_GROUP
    firms = max(FEWEST_FIRMS, groups // GROUPS_A_FIRM)
    with ground.connect() as raw:
        for month in range(12):
            raw.execute("SELECT keruen_ensure_month(%s)", (START.replace(month=month + 1),))
        raw.execute(ORGANISATIONS, (firms,))
        for first in range(0, groups, CHUNK):
            ground.show(f"a book of {postings:,} postings", first, groups)
            _chunk(raw, first, min(first + CHUNK, groups) - 1, groups, firms)
        for name in FILLED:
            ground.show(f"VACUUM ANALYZE {name}")
            raw.execute(f"VACUUM ANALYZE keruen_{name}")
    return groups


def _chunk(raw: psycopg.Connection[Any], first: int, last: int, groups: int, firms: int) -> None:
    raw.execute("DROP TABLE IF EXISTS bench_group")
    # By the client, since a table cannot be made of a statement with server-side parameters.
    psycopg.ClientCursor(raw).execute(
        GROUPS, {"first": first, "last": last, "groups": groups, "firms": firms, "every": max(1, groups // OPEN)}
    )
    for statement in (LOTS, POSTINGS, BALANCES, EVENTS):
        raw.execute(statement)
    psycopg.ClientCursor(raw).execute(DOCUMENTS, {"body": _body(), "decision": DECISION})


def _body() -> str:
    """A waybill's canonical bytes, with marks where ids go."""
    return waybill(1, "@S@", "@R@", 1, 4, NOON).body.decode().replace("SNT-00000001", "@ID@")
