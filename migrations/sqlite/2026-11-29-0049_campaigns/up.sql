-- A collection window of a region: which units answer by which days, and what they are asked. What is asked is taken from the
-- pack when the campaign is opened and stays as it was; the fields are JSON.
CREATE TABLE campaign (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    pack TEXT NOT NULL,
    template TEXT NOT NULL,
    title TEXT NOT NULL,
    period TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('municipality', 'organisation')),
    opens_on DATE NOT NULL,
    due_on DATE NOT NULL,
    locks_on DATE NOT NULL,
    tolerance_milli BIGINT NOT NULL CHECK (tolerance_milli >= 0),
    guide TEXT NOT NULL,
    fields TEXT NOT NULL,
    account_id BIGINT,
    on_behalf_of_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX campaign_one_of_code ON campaign (region_id, code);
CREATE INDEX campaign_by_account_id ON campaign (account_id);
CREATE INDEX campaign_by_on_behalf_of_id ON campaign (on_behalf_of_id);
