-- The act that approves the forms of a campaign and how they are processed.
ALTER TABLE campaign ADD COLUMN regulation_id BIGINT REFERENCES regulation (id) ON DELETE RESTRICT;
CREATE INDEX campaign_by_regulation_id ON campaign (regulation_id);
