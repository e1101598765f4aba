ALTER TABLE iom_act DROP COLUMN on_behalf_of_id;
ALTER TABLE session DROP COLUMN delegation_id;
DROP INDEX delegation_by_region_id;
DROP INDEX delegation_by_from_account_id;
DROP INDEX delegation_by_to_account_id;
DROP TABLE delegation;
