DROP INDEX person_place_scattered;
DROP TABLE counter;
DELETE FROM iom_fact;
DELETE FROM person_place;
DELETE FROM person_fact;
DELETE FROM fact_period;
CREATE TABLE counter (
    region_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    leaves TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (region_id, period_id, organisation_id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (period_id) REFERENCES fact_period (id) ON DELETE CASCADE,
    FOREIGN KEY (organisation_id) REFERENCES unit (id) ON DELETE RESTRICT
) WITHOUT ROWID;
ALTER TABLE person_place DROP COLUMN scattered;
CREATE INDEX person_place_bridged ON person_place (period_id, region_id) WHERE bridged;
