-- Templates of plans by version, each kept as it was made. A plan names the template that it follows and the version that it
-- has taken or declined last: where a newer one stands, there is a proposal, computed from the two versions and the plan.
CREATE TABLE iom_template (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    account_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    UNIQUE (region_id, code, version),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX iom_template_by_record_id ON iom_template (record_id, version, region_id);
CREATE INDEX iom_template_by_account_id ON iom_template (account_id);

ALTER TABLE iom ADD COLUMN template_id BIGINT;
ALTER TABLE iom ADD COLUMN template_version INTEGER;
CREATE INDEX iom_by_template ON iom (region_id, template_id) WHERE template_id IS NOT NULL;

-- Which step of the template it was taken from.
ALTER TABLE iom_item ADD COLUMN template_step TEXT;
