DROP TABLE rescale;
DROP INDEX scale_by_region_id;
ALTER TABLE scale DROP COLUMN withdrawn_at;
ALTER TABLE scale DROP COLUMN name;
ALTER TABLE scale DROP COLUMN region_id;
