-- Facts are made anew by the first command that asks for a period, or by loading a pack again.
DROP TABLE counter;
DELETE FROM iom_fact;
DELETE FROM person_place;
DELETE FROM person_fact;
DELETE FROM fact_period;

-- Counts of an organisation, or what seeing several together adds: `together` holds the ids of the others, with commas.
CREATE TABLE counter (
    region_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    together TEXT COLLATE "C" NOT NULL,
    leaves TEXT COLLATE "C" NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (region_id, period_id, organisation_id, together),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (period_id) REFERENCES fact_period (id) ON DELETE CASCADE,
    FOREIGN KEY (organisation_id) REFERENCES unit (id) ON DELETE RESTRICT
);

-- One of more than three places: left out of the counters, read beside them.
DROP INDEX person_place_bridged;
ALTER TABLE person_place ADD COLUMN scattered BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX person_place_scattered ON person_place (period_id, region_id) WHERE scattered;
