-- A step with everything its row of the plan says; `added_on` is empty for steps that are there since the drafting.
ALTER TABLE iom_item ADD COLUMN category TEXT;
ALTER TABLE iom_item ADD COLUMN study_form TEXT CHECK (study_form IN ('full_time', 'extramural', 'distance', 'mixed'));
ALTER TABLE iom_item ADD COLUMN organiser TEXT;
ALTER TABLE iom_item ADD COLUMN accompaniment TEXT;
ALTER TABLE iom_item ADD COLUMN expected TEXT;
ALTER TABLE iom_item ADD COLUMN after_item_id BIGINT REFERENCES iom_item (id) ON DELETE RESTRICT;
ALTER TABLE iom_item ADD COLUMN added_on DATE;
ALTER TABLE iom_item ADD COLUMN reason TEXT;

-- A goal with its task and the result that is expected; one that was taken away stays as a row.
ALTER TABLE iom_goal ADD COLUMN number INTEGER NOT NULL DEFAULT 1;
ALTER TABLE iom_goal ADD COLUMN task TEXT;
ALTER TABLE iom_goal ADD COLUMN expected TEXT;
ALTER TABLE iom_goal ADD COLUMN removed_at TIMESTAMP;

-- What the teacher asks for, in the teacher's words.
ALTER TABLE iom ADD COLUMN request TEXT;

-- What a revision was made by; empty for those made before.
ALTER TABLE iom_revision ADD COLUMN basis TEXT CHECK (basis IN ('approval', 'change', 'cancel', 'template', 'extension'));

-- A frozen version is never changed and never lost: whoever must do so first takes these away.
CREATE TRIGGER iom_revision_keeps_its_rows BEFORE UPDATE ON iom_revision
BEGIN SELECT RAISE(ABORT, 'a revision of a plan is never changed'); END;
CREATE TRIGGER iom_revision_loses_no_row BEFORE DELETE ON iom_revision
BEGIN SELECT RAISE(ABORT, 'a revision of a plan is never changed'); END;

-- The teacher has read a revision: once, as it stood.
CREATE TABLE iom_acquaintance (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    revision INTEGER NOT NULL,
    account_id BIGINT NOT NULL,
    on_date DATE NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('page', 'paper')),
    body_digest TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    UNIQUE (iom_id, revision, region_id),
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE CASCADE,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
