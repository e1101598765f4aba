-- The address under which a calendar program reads the steps of an account's person. Of the address stays a digest: it is
-- shown once, and a new one takes the place of the one before.
CREATE TABLE calendar_feed (
    account_id BIGINT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    made_at TIMESTAMP NOT NULL,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
