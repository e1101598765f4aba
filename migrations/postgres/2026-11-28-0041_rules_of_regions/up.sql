-- Rules that a region has put in the place of those of the program: whose they are, who edited them and why.
ALTER TABLE rule_set ADD COLUMN region_id BIGINT REFERENCES unit (id) ON DELETE RESTRICT;
ALTER TABLE rule_set ADD COLUMN account_id BIGINT REFERENCES account (id) ON DELETE RESTRICT;
ALTER TABLE rule_set ADD COLUMN reason TEXT;
CREATE INDEX rule_set_by_region_id ON rule_set (region_id);
