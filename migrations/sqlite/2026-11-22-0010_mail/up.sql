-- Where letters to an account go; confirmed by its holder or not yet.
ALTER TABLE account ADD COLUMN email TEXT;
ALTER TABLE account ADD COLUMN email_verified_at TIMESTAMP;

-- A letter on its way belongs to whoever claimed it until the lease runs out; one to an account without an address is
-- kept and not sent. A check of SQLite is changed by making the table anew.
CREATE TABLE outbox_mail_new (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT,
    kind TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    dedup_key TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL
    CHECK (state IN ('waiting', 'sent', 'dead', 'no_address')),
    attempts INTEGER NOT NULL,
    next_try_at TIMESTAMP NOT NULL,
    message_id TEXT NOT NULL,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    claim BIGINT,
    leased_until TIMESTAMP,
    UNIQUE (kind, subject_id, dedup_key)
);
INSERT INTO outbox_mail_new
SELECT id, region_id, kind, account_id, subject_id, dedup_key, body, state, attempts, next_try_at, message_id,
    last_error, created_at, sent_at, NULL, NULL
FROM outbox_mail;
DROP TABLE outbox_mail;
ALTER TABLE outbox_mail_new RENAME TO outbox_mail;
CREATE INDEX outbox_mail_by_state_next_try_at ON outbox_mail (state, next_try_at);
