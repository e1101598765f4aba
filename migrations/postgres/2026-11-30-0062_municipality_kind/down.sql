ALTER TABLE unit DROP COLUMN municipality_kind;
