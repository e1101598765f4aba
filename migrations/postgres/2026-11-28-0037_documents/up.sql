-- What the papers of a plan say beside the plan: who approves and who agrees from a day on (an empty name: the line is left
-- for a pen), which blocks a region prints, and detached signatures with the digest of the text that was signed. The file
-- that was signed is kept beside its signature: the plan goes on, and nobody could make that file again.
CREATE TABLE signer (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    place TEXT COLLATE "C" NOT NULL CHECK (place IN ('approves', 'agrees')),
    post TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    valid_from DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX signer_from ON signer (region_id, place, valid_from) WHERE superseded_at IS NULL;

CREATE TABLE paper_setting (
    region_id BIGINT NOT NULL PRIMARY KEY,
    blocks TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT
);

CREATE TABLE signature_file (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT COLLATE "C" NOT NULL CHECK (document IN ('plan', 'correction', 'report', 'summary')),
    body_digest TEXT COLLATE "C" NOT NULL,
    paper_as TEXT COLLATE "C" NOT NULL,
    paper_digest TEXT COLLATE "C" NOT NULL,
    stored_as TEXT COLLATE "C" NOT NULL,
    file_digest TEXT COLLATE "C" NOT NULL,
    size INTEGER NOT NULL CHECK (size > 0),
    signer TEXT COLLATE "C" NOT NULL,
    signed_on DATE,
    account_id BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    UNIQUE (iom_id, file_digest, region_id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, iom_id) REFERENCES iom (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX signature_file_by_account_id ON signature_file (account_id);
