-- A file brought by a page: its columns looked at, tried without writing, then loaded as a batch. The file itself is
-- removed when it has been loaded, or a day after it was brought.
CREATE TABLE upload (
    id BIGINT NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results')),
    mode TEXT NOT NULL CHECK (mode IN ('add', 'merge')),
    file_name TEXT NOT NULL,
    file_digest TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('columns', 'checking', 'checked', 'loading', 'loaded', 'failed', 'dropped')),
    chosen TEXT NOT NULL,
    preview TEXT NOT NULL,
    report TEXT,
    problem TEXT,
    batch_code TEXT COLLATE "C",
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX upload_by_region_id ON upload (region_id);
CREATE INDEX upload_by_state_changed_at ON upload (state, changed_at);

-- A file that a teacher handed in with a step: what was sent for review. The bytes lie in the data folder under a name
-- of their own; the digest says that they are the same.
CREATE TABLE iom_evidence (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    act_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    media TEXT NOT NULL CHECK (media IN ('jpeg', 'png', 'pdf')),
    size INTEGER NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    stored_as TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id, iom_id) REFERENCES iom (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, item_id) REFERENCES iom_item (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, act_id) REFERENCES iom_act (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, person_id) REFERENCES person (region_id, id) ON DELETE RESTRICT
);
CREATE INDEX iom_evidence_by_iom_id ON iom_evidence (iom_id, region_id);
