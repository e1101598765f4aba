-- A one-time link: what it opens, for whom, to which address it goes. The link itself is made at sending from the key of
-- the installation and this row; only its digest is kept.
CREATE TABLE one_time_link (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('invitation', 'reset', 'address')),
    address TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    issued_by BIGINT,
    created_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    UNIQUE (digest)
);
CREATE INDEX one_time_link_by_account_id ON one_time_link (account_id);

-- A letter goes to the address that stands beside it, if one does, else to that of the account; one with a link goes as
-- long as the link stands.
ALTER TABLE outbox_mail ADD COLUMN address TEXT COLLATE "C";
ALTER TABLE outbox_mail ADD COLUMN link_id BIGINT;

-- Failed tries of a secret by the keyed digest of the login, whether there is such an account or not.
CREATE TABLE secret_failure (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at TIMESTAMP NOT NULL
);
CREATE INDEX secret_failure_by_last_at ON secret_failure (last_at);

-- What a person tells their sign-ins apart by, and when the second factor was last shown.
ALTER TABLE session ADD COLUMN address TEXT COLLATE "C";
ALTER TABLE session ADD COLUMN device TEXT COLLATE "C";
ALTER TABLE session ADD COLUMN second_at TIMESTAMP;

-- The second factor of an account. Its secret and the recovery codes are made from the
-- key of the installation and the salts.
CREATE TABLE second_factor (
    account_id BIGINT NOT NULL PRIMARY KEY,
    salt TEXT COLLATE "C" NOT NULL,
    last_step BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    codes_salt TEXT COLLATE "C" NOT NULL,
    codes_at TIMESTAMP NOT NULL,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);

-- Codes for whoever has lost the second factor, each used once, as keyed digests.
CREATE TABLE recovery_code (
    account_id BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, digest),
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
