-- Settings of the installation that the program itself writes: the demo mark, the signed head of the audit chain.
CREATE TABLE setting (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key)
) WITHOUT ROWID;

-- Process numbers for ids made in Rust: a number is leased, never shared by two living processes.
CREATE TABLE process_lease (
    number INTEGER NOT NULL,
    leased_until TIMESTAMP NOT NULL,
    PRIMARY KEY (number)
) WITHOUT ROWID;

-- One row per act that changed something or read personal data. Append-only; `digest` is keyed.
CREATE TABLE audit_event (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT,
    at TIMESTAMP NOT NULL,
    account_id BIGINT,
    on_behalf_of_id BIGINT,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BIGINT,
    person_id BIGINT,
    detail TEXT NOT NULL,
    digest TEXT NOT NULL
);
CREATE INDEX audit_event_by_at ON audit_event (at);
CREATE INDEX audit_event_by_person_id ON audit_event (person_id);

-- The sealer's numbering and chain over audit rows: gapless seq, chain = SHA-256(previous chain, digest).
CREATE TABLE audit_seal (
    seq BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    chain TEXT NOT NULL,
    PRIMARY KEY (seq),
    UNIQUE (event_id)
) WITHOUT ROWID;

-- Background work written in the transaction that asked for it; safe to run twice.
CREATE TABLE job (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    run_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL,
    leased_until TIMESTAMP,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX job_by_state_run_at ON job (state, run_at);

-- Mail written in the transaction of its cause; sent later, once per (kind, subject, dedup key).
CREATE TABLE outbox_mail (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT,
    kind TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    dedup_key TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    attempts INTEGER NOT NULL,
    next_try_at TIMESTAMP NOT NULL,
    message_id TEXT NOT NULL,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    UNIQUE (kind, subject_id, dedup_key)
);
CREATE INDEX outbox_mail_by_state_next_try_at ON outbox_mail (state, next_try_at);

-- Answers to repeated requests: the same key with the same body gets the first answer again.
CREATE TABLE request_key (
    key TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    body_digest TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (key)
) WITHOUT ROWID;

-- One uploaded file: what it was, what came of it, whether it was undone.
CREATE TABLE import_batch (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT,
    code TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results')),
    mode TEXT NOT NULL CHECK (mode IN ('add', 'merge')),
    file_name TEXT NOT NULL,
    file_digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('applied', 'undone')),
    rows_new INTEGER NOT NULL,
    rows_changed INTEGER NOT NULL,
    rows_unchanged INTEGER NOT NULL,
    rows_refused INTEGER NOT NULL,
    rows_quarantined INTEGER NOT NULL,
    account_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    undone_at TIMESTAMP,
    UNIQUE (code)
);

-- What one row of a file did: `previous` is the state that undo brings back; refused rows keep their text.
CREATE TABLE import_row (
    id INTEGER NOT NULL PRIMARY KEY,
    batch_id BIGINT NOT NULL,
    sheet TEXT NOT NULL,
    row_number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'changed', 'refused', 'quarantined')),
    object_kind TEXT,
    object_id BIGINT,
    previous TEXT,
    raw TEXT,
    problem TEXT,
    FOREIGN KEY (batch_id) REFERENCES import_batch (id) ON DELETE RESTRICT
);
CREATE INDEX import_row_by_batch_id ON import_row (batch_id);
CREATE INDEX import_row_by_object_kind_object_id ON import_row (object_kind, object_id);
