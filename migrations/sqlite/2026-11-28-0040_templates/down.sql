ALTER TABLE iom_item DROP COLUMN template_step;
DROP INDEX iom_by_template;
ALTER TABLE iom DROP COLUMN template_version;
ALTER TABLE iom DROP COLUMN template_id;
DROP TABLE iom_template;
