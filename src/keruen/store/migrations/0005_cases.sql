-- Cases: how each stands, everything that was done to it, the findings that joined it, and decisions that wait to be
-- looked at. A case's row is written over; its events and findings are only ever added to.

CREATE SEQUENCE keruen_case_number;

CREATE TABLE keruen_case (
    number bigint PRIMARY KEY,
    jurisdiction text NOT NULL,
    subject_kind text NOT NULL,
    subject_key text NOT NULL,
    state text NOT NULL,
    queue text NOT NULL,
    team text NOT NULL,
    priority integer NOT NULL,
    assignee text NOT NULL,
    lock_holder text NOT NULL,
    locked_until timestamptz,
    diary_on date,
    due_at timestamptz,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    result text NOT NULL,
    asked text NOT NULL,
    filers text[] NOT NULL,
    revision integer NOT NULL,
    body json NOT NULL
);
-- One open case a subject: two followers that open at once cannot both.
CREATE UNIQUE INDEX keruen_case_one_open ON keruen_case (jurisdiction, subject_kind, subject_key) WHERE state <> 'closed';
CREATE INDEX keruen_case_by_urgency ON keruen_case (priority, due_at, number) WHERE state <> 'closed';
CREATE INDEX keruen_case_by_subject ON keruen_case (subject_key);
CREATE INDEX keruen_case_asked ON keruen_case (asked) WHERE asked <> '';

CREATE TABLE keruen_case_event (
    number bigint NOT NULL REFERENCES keruen_case,
    revision integer NOT NULL,
    name text NOT NULL,
    user_name text NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    at timestamptz NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    data json NOT NULL,
    key text NOT NULL,
    PRIMARY KEY (number, revision)
);
CREATE UNIQUE INDEX keruen_case_event_key ON keruen_case_event (key) WHERE key <> '';

CREATE TABLE keruen_case_finding (
    number bigint NOT NULL REFERENCES keruen_case,
    revision integer NOT NULL,
    document_id text NOT NULL,
    version integer NOT NULL,
    event_id text NOT NULL,
    code text NOT NULL,
    severity integer NOT NULL,
    path text NOT NULL,
    params json NOT NULL,
    source text NOT NULL,
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (number, revision)
);
CREATE INDEX keruen_case_finding_document ON keruen_case_finding (document_id);

CREATE FUNCTION keruen_case_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done to a case is never changed (%)', TG_TABLE_NAME;
END $$;
CREATE TRIGGER keruen_case_event_kept BEFORE UPDATE OR DELETE ON keruen_case_event
    FOR EACH ROW EXECUTE FUNCTION keruen_case_only_added();
CREATE TRIGGER keruen_case_finding_kept BEFORE UPDATE OR DELETE ON keruen_case_finding
    FOR EACH ROW EXECUTE FUNCTION keruen_case_only_added();

CREATE TABLE keruen_case_bulk (
    token text PRIMARY KEY,
    user_name text NOT NULL,
    at timestamptz NOT NULL,
    items json NOT NULL
);

-- Written with the decision, taken away with the case it led to.
CREATE TABLE keruen_case_waiting (
    recorded_at timestamptz NOT NULL,
    event_id text NOT NULL,
    PRIMARY KEY (recorded_at, event_id)
);
INSERT INTO keruen_case_waiting
    SELECT recorded_at, event_id FROM keruen_decision WHERE author = 'keruen' AND channel <> 'green';
