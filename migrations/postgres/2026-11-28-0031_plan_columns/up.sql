-- A step with everything its row of the plan says; `added_on` is empty for steps that are there since the drafting.
ALTER TABLE iom_item ADD COLUMN category TEXT;
ALTER TABLE iom_item ADD COLUMN study_form TEXT CHECK (study_form IN ('full_time', 'extramural', 'distance', 'mixed'));
ALTER TABLE iom_item ADD COLUMN organiser TEXT;
ALTER TABLE iom_item ADD COLUMN accompaniment TEXT;
ALTER TABLE iom_item ADD COLUMN expected TEXT;
ALTER TABLE iom_item ADD COLUMN after_item_id BIGINT;
ALTER TABLE iom_item ADD COLUMN added_on DATE;
ALTER TABLE iom_item ADD COLUMN reason TEXT;
ALTER TABLE iom_item ADD FOREIGN KEY (region_id, after_item_id) REFERENCES iom_item (region_id, id) ON DELETE RESTRICT;

-- A goal with its task and the result that is expected; one that was taken away stays as a row.
ALTER TABLE iom_goal ADD COLUMN number INTEGER NOT NULL DEFAULT 1;
ALTER TABLE iom_goal ADD COLUMN task TEXT;
ALTER TABLE iom_goal ADD COLUMN expected TEXT;
ALTER TABLE iom_goal ADD COLUMN removed_at TIMESTAMP;

-- What the teacher asks for, in the teacher's words.
ALTER TABLE iom ADD COLUMN request TEXT;

-- What a revision was made by; empty for those made before.
ALTER TABLE iom_revision ADD COLUMN basis TEXT CHECK (basis IN ('approval', 'change', 'cancel', 'template', 'extension'));

-- A frozen version is never changed and never lost: whoever must do so first takes these away. By rows, since a plan
-- without revisions may go, and takes what it does not have with it.
CREATE FUNCTION iom_revision_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a revision of a plan is never changed'; END;
$$;
CREATE TRIGGER iom_revision_keeps_its_rows BEFORE UPDATE ON iom_revision
FOR EACH ROW EXECUTE FUNCTION iom_revision_is_kept();
CREATE TRIGGER iom_revision_loses_no_row BEFORE DELETE ON iom_revision
FOR EACH ROW EXECUTE FUNCTION iom_revision_is_kept();
CREATE TRIGGER iom_revision_is_not_emptied BEFORE TRUNCATE ON iom_revision
FOR EACH STATEMENT EXECUTE FUNCTION iom_revision_is_kept();

-- The teacher has read a revision: once, as it stood.
CREATE TABLE iom_acquaintance (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    revision INTEGER NOT NULL,
    account_id BIGINT NOT NULL,
    on_date DATE NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('page', 'paper')),
    body_digest TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    UNIQUE (iom_id, revision, region_id),
    FOREIGN KEY (region_id, iom_id) REFERENCES iom (region_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
