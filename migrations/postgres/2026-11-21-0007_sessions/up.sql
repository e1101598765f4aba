-- A sign-in. The cookie carries a signed pointer; what holds is this row, read at every request. Only the digest of
-- the session's random name is kept, so a copy of the database opens no session.
CREATE TABLE session (
    sid_digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    auth_version INTEGER NOT NULL,
    role TEXT,
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
CREATE INDEX session_by_account_id ON session (account_id);
CREATE INDEX session_by_ends_at ON session (ends_at);
