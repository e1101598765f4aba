DROP INDEX campaign_by_regulation_id;
ALTER TABLE campaign DROP COLUMN regulation_id;
