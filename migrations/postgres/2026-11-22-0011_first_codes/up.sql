-- The code of a printed sheet: it opens an account without a password once. Only its keyed digest is kept.
CREATE TABLE first_code (
    account_id BIGINT NOT NULL PRIMARY KEY,
    digest TEXT COLLATE "C" NOT NULL,
    issued_by BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
