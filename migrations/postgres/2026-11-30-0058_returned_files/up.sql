-- A workbook of a round trip that was brought back: what it says waits for an answer and is forgotten in a day.
CREATE TABLE returned_file (
    id BIGINT NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    list TEXT COLLATE "C" NOT NULL,
    file_name TEXT NOT NULL,
    file_digest TEXT COLLATE "C" NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done')),
    outcome TEXT,
    recorded_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX returned_file_by_region_id ON returned_file (region_id);
CREATE INDEX returned_file_by_account_id ON returned_file (account_id);
CREATE INDEX returned_file_by_changed_at ON returned_file (changed_at);
