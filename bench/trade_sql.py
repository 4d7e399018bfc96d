"""Each question to the trade statistics in SQL by hand: what an analyst would write for DuckDB, to the same answer.

The same casts and columns as ours. The analyst knows that these files hold countries and six digits alone, and writes no
screen for aggregates and levels; ours reads that in the catalogue. `f` are rows in BACI's layout, `g` rows of both
sides; `families` and `old_codes` are the tables of codes.
"""

from __future__ import annotations

from typing import Final

from keruen.lake.trade.series import EU

MEMBERS: Final = ", ".join(f"'{each}'" for each in sorted(EU))
BEFORE, AFTER = "period = '2021'", "period = '2022'"

DIVERSION: Final = f"""
WITH l AS (
  SELECT CASE WHEN reporter IN ({MEMBERS}) THEN CASE WHEN partner = 'RU' THEN 'a' ELSE 'b' END ELSE 'c' END AS leg,
    CASE WHEN reporter IN ({MEMBERS}) THEN CASE WHEN partner = 'RU' THEN '' ELSE partner END ELSE reporter END AS hub,
    product, CASE WHEN period >= '2022' THEN 'HS2022' ELSE 'HS2017' END AS edition,
    sum(value) FILTER ({BEFORE}) AS x, sum(value) FILTER ({AFTER}) AS y
  FROM f WHERE flow = 'X' AND period BETWEEN '2021' AND '2022'
    AND ((reporter IN ({MEMBERS}) AND partner NOT IN ({MEMBERS})) OR (reporter NOT IN ({MEMBERS}, 'RU') AND partner = 'RU'))
  GROUP BY ALL),
s AS (
  SELECT leg, hub, CASE WHEN coalesce(comparable, false) THEN family ELSE product END AS product,
    coalesce(sum(x), 0)::DOUBLE AS x, coalesce(sum(y), 0)::DOUBLE AS y, bool_and(coalesce(comparable, false)) AS ok
  FROM l LEFT JOIN families ON code = product AND families.edition = l.edition GROUP BY ALL),
j AS (
  SELECT b.hub, b.product, coalesce(a.y - a.x, 0) AS a, b.y - b.x AS b, coalesce(c.y - c.x, 0) AS c,
    a.x AS ax, a.y AS ay, b.x AS bx, b.y AS "by", c.x AS cx, c.y AS cy,
    b.ok AND coalesce(a.ok, true) AND coalesce(c.ok, true) AS ok
  FROM s b LEFT JOIN s a ON a.leg = 'a' AND a.product = b.product
  LEFT JOIN s c ON c.leg = 'c' AND c.product = b.product AND c.hub = b.hub WHERE b.leg = 'b'),
scores AS (
  SELECT hub, product, a, b, c, ax AS to_target_before, ay AS to_target_after, bx AS to_hub_before, "by" AS to_hub_after,
    cx AS from_hub_before, cy AS from_hub_after, NULL::DOUBLE AS control_growth, ok AS comparable,
    CASE WHEN a < 0 THEN b / -a END AS substitution, CASE WHEN b > 0 THEN c / b END AS pass_through,
    CASE WHEN least(b, c) > 0 AND a < 0 THEN least(b, c) / -a END AS combined,
    CASE WHEN NOT ok THEN 'not comparable' WHEN a <= 0 AND b >= 0 AND c >= 0 THEN 'raised' ELSE 'not raised' END AS verdict
  FROM j)
"""

QUESTIONS: Final = {
    "diversion": f"{DIVERSION} SELECT * FROM scores ORDER BY b DESC, hub, product",
    "network": f"""{DIVERSION}, e AS (
        SELECT hub, greatest(b, 0) AS i, greatest(c, 0) AS o, least(greatest(b, 0), greatest(c, 0)) AS t
        FROM scores WHERE comparable),
        h AS (SELECT hub, sum(i) AS rise_in, sum(o) AS rise_out, sum(t) AS through, count(*) FILTER (t > 0) AS products
        FROM e GROUP BY 1),
        w AS (SELECT *, through / nullif(sum(through) OVER (), 0) AS share FROM h)
        SELECT *, sum(share * share) OVER () AS hhi FROM w ORDER BY through DESC, rise_in DESC, hub""",
    "markets": f"""
        WITH s AS (SELECT reporter, partner, product, coalesce(sum(value) FILTER ({BEFORE}), 0)::DOUBLE AS before,
            coalesce(sum(value) FILTER ({AFTER}), 0)::DOUBLE AS after FROM f
            WHERE flow = 'X' AND period BETWEEN '2021' AND '2022' GROUP BY ALL),
        k AS (SELECT product, min(period) AS first FROM f WHERE flow = 'X' GROUP BY 1),
        m AS (SELECT s.*, old_code IS NULL OR first >= '2022' AS new_code FROM s JOIN k USING (product)
            LEFT JOIN old_codes ON old_code = left(product, 6) WHERE after > 1e5 AND after > 2 * before)
        SELECT *, CASE WHEN new_code THEN 'not comparable' ELSE 'surge' END AS verdict FROM m
        ORDER BY after DESC, reporter, partner, product""",
    "links": f"""
        WITH m AS (SELECT reporter AS hub, product, period, coalesce(sum(value), 0)::DOUBLE AS v, bool_or(value > 0) AS there
            FROM f WHERE flow = 'X' AND partner = 'RU' AND period <= '2022' GROUP BY ALL),
        l AS (SELECT hub, product, sum(v) FILTER ({AFTER}) AS value, count(*) FILTER ({AFTER}) AS periods,
            max(v) FILTER ({AFTER}) AS largest FROM m GROUP BY ALL
            HAVING value > 0 AND NOT coalesce(bool_or(there) FILTER (period < '2022'), false))
        SELECT hub, product, value, periods, largest / value AS share, old_code IS NULL AS new_code, false AS one_off,
            CASE WHEN old_code IS NULL THEN 'not comparable' ELSE 'new' END AS verdict
        FROM l LEFT JOIN old_codes ON old_code = left(product, 6) ORDER BY value DESC, hub, product""",
    "unit values": f"""
        WITH u AS (SELECT reporter, partner, product, flow, period, sum(value)::DOUBLE AS value, sum(mass_kg)::DOUBLE AS amount,
            ln(sum(value)::DOUBLE / sum(mass_kg)::DOUBLE) AS l
            FROM f WHERE flow = 'X' AND {AFTER} AND value > 0 AND mass_kg > 0 AND NOT estimated GROUP BY ALL),
        m AS (SELECT product, flow, period, median(l) AS c, count(*) AS peers FROM u GROUP BY ALL HAVING peers >= 5),
        d AS (SELECT u.*, c, peers, abs(l - c) AS a FROM u JOIN m USING (product, flow, period)),
        s AS (SELECT product, flow, period, median(a) AS s FROM d GROUP BY ALL),
        z AS (SELECT d.*, CASE WHEN s > 0 THEN (l - c) / (1.4826 * s) END AS z FROM d JOIN s USING (product, flow, period))
        SELECT reporter, partner, product, flow, period, value, amount, value / amount AS unit_value, exp(c) AS median, z, peers,
            abs(z) >= 3.5 AS far FROM z""",
    "breaks": f"""SELECT period, coalesce(sum(value), 0)::DOUBLE AS value FROM f WHERE flow = 'X'
        AND reporter IN ({MEMBERS}) AND partner = 'RU' GROUP BY 1 ORDER BY 1""",
    "screens": f"""
        WITH m AS (SELECT reporter, partner, product, period, coalesce(sum(value), 0)::DOUBLE AS v, bool_or(estimated) AS e
            FROM f WHERE flow = 'X' AND period BETWEEN '2021' AND '2022' AND partner = 'KZ' GROUP BY ALL),
        c AS (SELECT reporter, partner, product, coalesce(sum(v) FILTER ({BEFORE}), 0) AS before,
            coalesce(sum(v) FILTER ({AFTER}), 0) AS after, coalesce(bool_or(e) FILTER ({AFTER}), false) AS estimated
            FROM m GROUP BY ALL),
        t AS (SELECT reporter, count(DISTINCT period) AS told FROM f
            WHERE flow = 'X' AND {AFTER} AND partner = 'KZ' GROUP BY 1)
        SELECT c.*, before = 0 AND old_code IS NULL AS new_code, left(product, 2) = '27' AS energy,
            left(product, 4) IN ('7108', '7109', '7112') AS gold,
            left(product, 4) IN ('8802', '8905', '8901', '8904', '8906', '8806') AS vessel, false AS one_lot,
            coalesce(told, 0) < 1 AS reporter_gap
        FROM c LEFT JOIN t USING (reporter) LEFT JOIN old_codes ON old_code = left(product, 6)""",
    "surges": """SELECT partner, left(period, 4) AS year, coalesce(sum(value), 0)::DOUBLE AS value,
        bool_or(estimated) AS estimated, count(DISTINCT period) AS months FROM f
        WHERE flow = 'X' AND reporter = 'DE' GROUP BY ALL ORDER BY partner, year""",
    "mirror": f"""
        WITH o AS (SELECT reporter AS exporter, partner AS importer, product, period, coalesce(sum(value), 0)::DOUBLE AS export,
            min(currency) AS oc, min(valuation) AS ov FROM g WHERE flow = 'X' AND reporter IN ({MEMBERS})
            AND partner = 'KZ' GROUP BY ALL),
        i AS (SELECT partner AS exporter, reporter AS importer, product, period, coalesce(sum(value), 0)::DOUBLE AS import,
            min(currency) AS ic, min(valuation) AS iv, min(basis) AS ib FROM g WHERE flow = 'M'
            AND partner IN ({MEMBERS}) AND reporter = 'KZ' GROUP BY ALL)
        SELECT exporter, importer, product, period, export, import, oc AS export_currency, ic AS import_currency,
            ov AS export_valuation, iv AS import_valuation, ib AS import_basis,
            CASE WHEN oc = ic AND export > 0 THEN import / export END AS ratio,
            CASE WHEN oc = ic THEN export - import / CASE WHEN iv = 'CIF' THEN 1.06::DOUBLE ELSE 1.0::DOUBLE END END AS gap
        FROM o FULL JOIN i USING (exporter, importer, product, period) ORDER BY exporter, importer, product, period""",
    "transit": f"""
        WITH o AS (SELECT reporter AS exporter, partner AS importer, product, period, coalesce(sum(value), 0)::DOUBLE AS x
            FROM g WHERE flow = 'X' AND reporter IN ({MEMBERS}) AND partner = 'KZ' GROUP BY ALL),
        i AS (SELECT partner AS exporter, reporter AS importer, product, period, coalesce(sum(value), 0)::DOUBLE AS m
            FROM g WHERE flow = 'M' AND partner IN ({MEMBERS}) AND reporter = 'KZ' GROUP BY ALL),
        b AS (SELECT *, count(x) OVER w AS sent, count(m) OVER w AS came FROM o FULL JOIN i
            USING (exporter, importer, product, period) WINDOW w AS (PARTITION BY exporter, importer, period)),
        c AS (SELECT exporter, importer, product, period, coalesce(x, 0) AS x, coalesce(m, 0) AS m FROM b
            WHERE sent > 0 AND came > 0),
        d AS (SELECT *, greatest(x - m / 1.06::DOUBLE, 0)::DECIMAL(28, 9) AS missing, CASE WHEN x > 0 AND m > 0 THEN ln(m / x)
            WHEN x > 0 THEN -1000.0 ELSE 1000.0 END::DOUBLE AS l FROM c),
        s AS (SELECT exporter, importer, coalesce(sum(missing) FILTER ({BEFORE}), 0)::DOUBLE AS was,
            coalesce(sum(missing) FILTER ({AFTER}), 0)::DOUBLE AS now, count(DISTINCT period) FILTER ({BEFORE}) AS pb,
            count(DISTINCT period) FILTER ({AFTER}) AS pa, median(l) FILTER ({BEFORE}) AS median_before,
            median(l) FILTER ({AFTER}) AS median_after, count(DISTINCT product) AS products FROM d GROUP BY ALL)
        SELECT exporter, importer, was / pb AS lost_before, now / pa AS lost_after, greatest(now / pa - was / pb, 0) AS lost,
            median_before, median_after, products FROM s WHERE pb > 0 AND pa > 0 ORDER BY lost DESC, exporter, importer""",
    "re-exports": f"""
        WITH s AS (SELECT reporter, product, coalesce(sum(value) FILTER (flow = 'X'), 0)::DOUBLE AS exports,
            coalesce(sum(value) FILTER (flow = 'M'), 0)::DOUBLE AS imports FROM g
            WHERE {AFTER} AND flow IN ('X', 'M') GROUP BY ALL)
        SELECT *, least(exports, imports) AS bound, least(exports, imports) / exports AS share FROM s WHERE exports > 0
        ORDER BY bound DESC, reporter, product""",
}
"""By the question's name."""
