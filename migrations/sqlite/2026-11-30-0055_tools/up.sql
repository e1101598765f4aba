-- The level that a platform itself gave with a result, word for word: it stands beside ours and rules nothing.
ALTER TABLE diagnosis_result ADD COLUMN tool_level TEXT;

-- A platform of diagnostics as procedures name it, with what the columns of its wide files hold. version grows with each change.
CREATE TABLE tool (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX tool_one_of_name ON tool (region_id, name);

-- What a column holds: the score, the percentage or the level of a competence. header_key is the header without case, signs and
-- spaces.
CREATE TABLE tool_column (
    id INTEGER NOT NULL PRIMARY KEY,
    tool_id BIGINT NOT NULL,
    header TEXT NOT NULL,
    header_key TEXT NOT NULL,
    competence_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('raw', 'percent', 'level')),
    max_milli INTEGER CHECK (max_milli > 0),
    recorded_at TIMESTAMP NOT NULL,
    CHECK ((part = 'raw') = (max_milli IS NOT NULL)),
    FOREIGN KEY (tool_id) REFERENCES tool (id) ON DELETE RESTRICT,
    FOREIGN KEY (competence_id) REFERENCES competence (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX tool_column_one_header ON tool_column (tool_id, header_key);
CREATE INDEX tool_column_by_competence_id ON tool_column (competence_id);
