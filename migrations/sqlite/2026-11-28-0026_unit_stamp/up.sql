-- What the units of a region were at their last change: another number with every change of a unit or a link, whoever
-- writes it. Trees that were read once are kept under these numbers (`units/kept.rs`).
CREATE TABLE unit_stamp (
    region_id BIGINT NOT NULL PRIMARY KEY,
    stamp BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO unit_stamp (region_id, stamp) SELECT DISTINCT region_id, random() FROM unit;

CREATE TRIGGER unit_stamps_new AFTER INSERT ON unit
BEGIN INSERT OR REPLACE INTO unit_stamp (region_id, stamp) VALUES (NEW.region_id, random()); END;
CREATE TRIGGER unit_stamps_changed AFTER UPDATE ON unit
BEGIN INSERT OR REPLACE INTO unit_stamp (region_id, stamp) VALUES (NEW.region_id, random()), (OLD.region_id, random()); END;
CREATE TRIGGER unit_stamps_gone AFTER DELETE ON unit
BEGIN INSERT OR REPLACE INTO unit_stamp (region_id, stamp) VALUES (OLD.region_id, random()); END;
CREATE TRIGGER unit_link_stamps_new AFTER INSERT ON unit_link
BEGIN INSERT OR REPLACE INTO unit_stamp (region_id, stamp) VALUES (NEW.region_id, random()); END;
CREATE TRIGGER unit_link_stamps_changed AFTER UPDATE ON unit_link
BEGIN INSERT OR REPLACE INTO unit_stamp (region_id, stamp) VALUES (NEW.region_id, random()), (OLD.region_id, random()); END;
CREATE TRIGGER unit_link_stamps_gone AFTER DELETE ON unit_link
BEGIN INSERT OR REPLACE INTO unit_stamp (region_id, stamp) VALUES (OLD.region_id, random()); END;
