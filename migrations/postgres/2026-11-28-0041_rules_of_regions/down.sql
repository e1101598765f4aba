DROP INDEX rule_set_by_region_id;
ALTER TABLE rule_set DROP COLUMN reason;
ALTER TABLE rule_set DROP COLUMN account_id;
ALTER TABLE rule_set DROP COLUMN region_id;
