-- What the units of a region were at their last change: another number with every change of a unit or a link, whoever
-- writes it. Trees that were read once are kept under these numbers (`units/kept.rs`).
CREATE TABLE unit_stamp (
    region_id BIGINT NOT NULL PRIMARY KEY,
    stamp BIGINT NOT NULL
);

CREATE FUNCTION any_stamp() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT ('x' || replace(left(gen_random_uuid()::text, 13), '-', '') || right(gen_random_uuid()::text, 4))::bit(64)::bigint $$;

INSERT INTO unit_stamp (region_id, stamp) SELECT region_id, any_stamp() FROM (SELECT DISTINCT region_id FROM unit) AS regions;

-- Once a statement, not once a row: a row that one transaction writes thousands of times is slow to write.
CREATE FUNCTION units_are_stamped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unit_stamp (region_id, stamp)
    SELECT region_id, any_stamp() FROM (SELECT DISTINCT region_id FROM touched) AS regions
    ON CONFLICT (region_id) DO UPDATE SET stamp = excluded.stamp;
    RETURN NULL;
END $$;

CREATE TRIGGER unit_stamps_new AFTER INSERT ON unit
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION units_are_stamped();
CREATE TRIGGER unit_stamps_changed AFTER UPDATE ON unit
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION units_are_stamped();
CREATE TRIGGER unit_stamps_gone AFTER DELETE ON unit
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION units_are_stamped();
CREATE TRIGGER unit_link_stamps_new AFTER INSERT ON unit_link
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION units_are_stamped();
CREATE TRIGGER unit_link_stamps_changed AFTER UPDATE ON unit_link
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION units_are_stamped();
CREATE TRIGGER unit_link_stamps_gone AFTER DELETE ON unit_link
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION units_are_stamped();
