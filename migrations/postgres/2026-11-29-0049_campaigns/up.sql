-- A collection window of a region: which units answer by which days, and what they are asked. What is asked is taken from the
-- pack when the campaign is opened and stays as it was; the fields are JSON.
CREATE TABLE campaign (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    pack TEXT COLLATE "C" NOT NULL,
    template TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    level TEXT COLLATE "C" NOT NULL CHECK (level IN ('municipality', 'organisation')),
    opens_on DATE NOT NULL,
    due_on DATE NOT NULL,
    locks_on DATE NOT NULL,
    tolerance_milli BIGINT NOT NULL CHECK (tolerance_milli >= 0),
    guide TEXT COLLATE "C" NOT NULL,
    fields TEXT COLLATE "C" NOT NULL,
    account_id BIGINT,
    on_behalf_of_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX campaign_one_of_code ON campaign (region_id, code);
CREATE INDEX campaign_by_account_id ON campaign (account_id);
CREATE INDEX campaign_by_on_behalf_of_id ON campaign (on_behalf_of_id);
