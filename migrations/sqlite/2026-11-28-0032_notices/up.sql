-- What an account is told: questions that wait for it and news. A question leaves the list when it is answered, whoever
-- answers it; `told_at` says that a letter told of it. The words are made from kind and body, as those of letters.
CREATE TABLE notice (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT,
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    item INTEGER,
    dedup_key TEXT NOT NULL,
    body TEXT NOT NULL,
    due_on DATE,
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP,
    settled_at TIMESTAMP,
    settled TEXT CHECK (settled IN ('done', 'returned', 'taken_back', 'handed_over', 'plan_closed', 'replaced', 'read')),
    told_at TIMESTAMP,
    CHECK ((settled IS NULL) = (settled_at IS NULL)),
    UNIQUE (kind, subject_id, dedup_key),
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
CREATE INDEX notice_by_account_id ON notice (account_id, settled_at, seen_at);
CREATE INDEX notice_open_by_subject_id ON notice (subject_id) WHERE settled_at IS NULL;
CREATE INDEX notice_untold_by_region_id ON notice (region_id, account_id) WHERE settled_at IS NULL AND told_at IS NULL;

-- How often letters of a group of kinds come to an account; without a row as is usual for the group.
CREATE TABLE notice_choice (
    account_id BIGINT NOT NULL,
    kinds TEXT NOT NULL,
    frequency TEXT NOT NULL CHECK (frequency IN ('off', 'at_once', 'daily', 'weekly')),
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, kinds),
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
