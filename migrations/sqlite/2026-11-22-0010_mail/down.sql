CREATE TABLE outbox_mail_old (
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
INSERT INTO outbox_mail_old
SELECT id, region_id, kind, account_id, subject_id, dedup_key, body,
    CASE state WHEN 'no_address' THEN 'dead' ELSE state END, attempts, next_try_at, message_id, last_error, created_at,
    sent_at
FROM outbox_mail;
DROP TABLE outbox_mail;
ALTER TABLE outbox_mail_old RENAME TO outbox_mail;
CREATE INDEX outbox_mail_by_state_next_try_at ON outbox_mail (state, next_try_at);
ALTER TABLE account DROP COLUMN email_verified_at;
ALTER TABLE account DROP COLUMN email;
