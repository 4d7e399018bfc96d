-- The books. Big tables are partitioned by the month in which we learnt of their rows; the lot
-- is the future shard key, so hot queries name a lot, a document or a holder. Amounts are
-- numeric(22,6): a line has at most sixteen digits (n..16,6), a balance may sum many lines.

CREATE SEQUENCE keruen_posting_seq CACHE 1;
CREATE SEQUENCE keruen_event_seq;
CREATE SEQUENCE keruen_leaf_seq;
CREATE SEQUENCE keruen_outbox_seq;

CREATE TABLE keruen_document (
    id text PRIMARY KEY,
    kind text NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    movement text NOT NULL,
    issued_on date NOT NULL,
    holder text NOT NULL,
    counterparty text NOT NULL,
    filer text NOT NULL,
    filed_by_user text NOT NULL,
    relates_to text NOT NULL,
    due_at timestamptz,
    due_transition text NOT NULL,
    channel text NOT NULL,
    attention boolean NOT NULL,
    released_by text NOT NULL,
    last_event_id text NOT NULL,
    recorded_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    salt bytea NOT NULL,
    body bytea NOT NULL,
    decision json,
    jurisdiction text NOT NULL
);
CREATE INDEX keruen_document_attention ON keruen_document (recorded_at, id) WHERE attention;
CREATE INDEX keruen_document_relates ON keruen_document (relates_to) WHERE relates_to <> '';
CREATE INDEX keruen_document_due ON keruen_document (due_at) WHERE due_transition <> '';
CREATE INDEX keruen_document_holder ON keruen_document (holder, recorded_at DESC);
CREATE INDEX keruen_document_counterparty ON keruen_document (counterparty, recorded_at DESC) WHERE counterparty <> '';
CREATE INDEX keruen_document_recorded ON keruen_document (recorded_at DESC, id);

-- Versions that a correction replaced; the one in force stands in keruen_document.
CREATE TABLE keruen_document_version (
    document_id text NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    filed_by_user text NOT NULL,
    recorded_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    salt bytea NOT NULL,
    body bytea NOT NULL,
    decision json,
    PRIMARY KEY (document_id, version)
);

-- What makes repeating safe: one row for each accepted command.
CREATE TABLE keruen_command_key (
    key text PRIMARY KEY,
    content_sha256 bytea NOT NULL,
    document_id text NOT NULL,
    recorded_at timestamptz NOT NULL
);

CREATE TABLE keruen_event (
    recorded_at timestamptz NOT NULL,
    seq bigint NOT NULL DEFAULT nextval('keruen_event_seq'),
    event_id text NOT NULL,
    document_id text NOT NULL,
    version integer NOT NULL,
    transition text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    user_name text NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    reason text NOT NULL,
    effective_at timestamptz NOT NULL,
    content_sha256 bytea NOT NULL,
    PRIMARY KEY (recorded_at, seq)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX keruen_event_document ON keruen_event (document_id);

CREATE TABLE keruen_decision (
    recorded_at timestamptz NOT NULL,
    event_id text NOT NULL,
    document_id text NOT NULL,
    version integer NOT NULL,
    channel text NOT NULL,
    author text NOT NULL,
    decision json NOT NULL,
    PRIMARY KEY (recorded_at, event_id)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX keruen_decision_document ON keruen_decision (document_id);

CREATE TABLE keruen_lot (
    lot_id text PRIMARY KEY,
    commodity_code text NOT NULL,
    unit text NOT NULL,
    origin_country text NOT NULL,
    manufacture_country text NOT NULL,
    manufacturer text NOT NULL,
    description text NOT NULL,
    birth text NOT NULL,
    document_id text NOT NULL,
    line integer NOT NULL,
    owner text NOT NULL,
    born_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    jurisdiction text NOT NULL,
    entered numeric(22, 6) NOT NULL CHECK (entered > 0)
);
CREATE INDEX keruen_lot_document ON keruen_lot (document_id);

CREATE TABLE keruen_lot_edge (
    child text NOT NULL,
    parent text NOT NULL,
    component integer NOT NULL,
    quantity numeric(22, 6) NOT NULL CHECK (quantity > 0),
    unit text NOT NULL,
    share_numerator numeric NOT NULL,
    share_denominator numeric NOT NULL CHECK (share_denominator > 0),
    document_id text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (child, parent, component)
);
CREATE INDEX keruen_lot_edge_parent ON keruen_lot_edge (parent);

CREATE TABLE keruen_posting (
    recorded_at timestamptz NOT NULL,
    posting_id bigint NOT NULL DEFAULT nextval('keruen_posting_seq'),
    event_id text NOT NULL,
    seq integer NOT NULL,
    lot_id text NOT NULL,
    quantity numeric(22, 6) NOT NULL CHECK (quantity > 0),
    unit text NOT NULL,
    from_holder text NOT NULL,
    from_status text NOT NULL,
    to_holder text NOT NULL,
    to_status text NOT NULL,
    document_id text NOT NULL,
    line integer NOT NULL,
    effective_at timestamptz NOT NULL,
    reverses text NOT NULL,
    PRIMARY KEY (recorded_at, posting_id)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX keruen_posting_lot ON keruen_posting (lot_id);
CREATE INDEX keruen_posting_document ON keruen_posting (document_id);

CREATE TABLE keruen_balance (
    lot_id text NOT NULL,
    holder text NOT NULL,
    commodity_code text NOT NULL,
    free numeric(22, 6) NOT NULL CHECK (free >= 0),
    reserved numeric(22, 6) NOT NULL CHECK (reserved >= 0),
    in_transit numeric(22, 6) NOT NULL CHECK (in_transit >= 0),
    held numeric(22, 6) NOT NULL CHECK (held >= 0),
    seized numeric(22, 6) NOT NULL CHECK (seized >= 0),
    PRIMARY KEY (lot_id, holder)
) WITH (fillfactor = 85);
CREATE INDEX keruen_balance_holder ON keruen_balance (holder, commodity_code) WHERE free <> 0;

CREATE TABLE keruen_reservation (
    document_id text NOT NULL,
    line integer NOT NULL,
    lot_id text NOT NULL,
    holder text NOT NULL,
    unit text NOT NULL,
    allotted numeric(22, 6) NOT NULL,
    remaining numeric(22, 6) NOT NULL CHECK (remaining >= 0),
    status text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (document_id, line, lot_id)
) WITH (fillfactor = 85);
CREATE INDEX keruen_reservation_lot ON keruen_reservation (lot_id, holder) WHERE remaining <> 0;

CREATE TABLE keruen_allowance (
    document_id text NOT NULL,
    line integer NOT NULL,
    purpose text NOT NULL,
    commodity_code text NOT NULL,
    unit text NOT NULL,
    granted numeric(22, 6) NOT NULL,
    used numeric(22, 6) NOT NULL,
    withdrawn boolean NOT NULL,
    PRIMARY KEY (document_id, line, purpose),
    CHECK (used >= 0 AND used <= granted)
);

-- Journal entries written with their transaction, waiting for the publisher to number them.
CREATE TABLE keruen_leaf (
    id bigint PRIMARY KEY DEFAULT nextval('keruen_leaf_seq'),
    event_id text NOT NULL,
    part integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    entry bytea NOT NULL
);

-- Numbered entries: the journal as the database has it, without gaps. The tiles are made from it.
CREATE TABLE keruen_log_entry (
    log_index bigint NOT NULL,
    event_id text NOT NULL,
    part integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    entry bytea NOT NULL,
    PRIMARY KEY (log_index)
) PARTITION BY RANGE (log_index);
CREATE INDEX keruen_log_entry_event ON keruen_log_entry (event_id);

CREATE TABLE keruen_outbox (
    recorded_at timestamptz NOT NULL,
    id bigint NOT NULL DEFAULT nextval('keruen_outbox_seq'),
    event_id text NOT NULL,
    topic text NOT NULL,
    document_id text NOT NULL,
    payload bytea NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (recorded_at, id)
) PARTITION BY RANGE (recorded_at);

-- Makes the partition of one month for every table kept by month. A new table is made apart and
-- attached, because that does not keep readers and writers of the parent waiting.
CREATE FUNCTION keruen_ensure_month(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    child text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('keruen_ensure_month'));
    FOREACH parent IN ARRAY ARRAY['keruen_posting', 'keruen_event', 'keruen_decision', 'keruen_outbox'] LOOP
        child := parent || to_char(month, '_YYYY_MM');
        IF to_regclass(child) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child,
                           (date_trunc('month', month)::timestamp AT TIME ZONE 'UTC'),
                           ((date_trunc('month', month) + interval '1 month')::timestamp AT TIME ZONE 'UTC'));
        END IF;
    END LOOP;
END $$;

-- The same for the numbered journal, ten million entries a partition.
CREATE FUNCTION keruen_ensure_log(first bigint, last bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    size constant bigint := 10000000;
    part bigint;
    child text;
BEGIN
    FOR part IN first / size .. last / size LOOP
        child := 'keruen_log_entry_' || part;
        IF to_regclass(child) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE keruen_log_entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child);
            EXECUTE format('ALTER TABLE keruen_log_entry ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                           child, part * size, (part + 1) * size);
        END IF;
    END LOOP;
END $$;
