-- Facts are made anew by the first command that asks for a period, or by loading a pack again.
DELETE FROM counter;
DELETE FROM iom_fact;
DELETE FROM person_place;
DELETE FROM person_fact;
DELETE FROM fact_period;

-- Full years of age and of teaching on the reference day, hours a week in thousandths; unknown is NULL.
ALTER TABLE person_fact ADD COLUMN age INTEGER;
ALTER TABLE person_fact ADD COLUMN experience INTEGER;
ALTER TABLE person_fact ADD COLUMN workload_milli INTEGER;
-- Subjects taught on the reference day, a line each.
ALTER TABLE person_fact ADD COLUMN subjects TEXT NOT NULL DEFAULT '';
-- What the person took part in: tokens family/kind/level/role[/periods ago].
ALTER TABLE person_fact ADD COLUMN activities TEXT NOT NULL DEFAULT '';
-- What else is known: diagnoses by group, trainings, plans formed, areas of deficits, pension age, education.
ALTER TABLE person_fact ADD COLUMN marks TEXT NOT NULL DEFAULT '';
-- Bits: 1 teacher, 2 education matches, 4 does not match, from 16 on the kind of the organisation.
ALTER TABLE person_place ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;

-- An entered share keeps both of its parts; who gave it, where the proof lies, who looked at it and when.
ALTER TABLE measure_value ADD COLUMN numerator_milli BIGINT;
ALTER TABLE measure_value ADD COLUMN denominator_milli BIGINT;
ALTER TABLE measure_value ADD COLUMN expert TEXT NOT NULL DEFAULT '';
ALTER TABLE measure_value ADD COLUMN link TEXT;
ALTER TABLE measure_value ADD COLUMN checked_by BIGINT;
ALTER TABLE measure_value ADD COLUMN checked_on DATE;

-- Which points a value on the shared edge of two bands gets: recorded by a person, never guessed.
CREATE TABLE edge_choice (
    id BIGINT NOT NULL PRIMARY KEY,
    pack TEXT NOT NULL,
    indicator TEXT NOT NULL,
    edge_milli BIGINT NOT NULL,
    points_milli BIGINT NOT NULL,
    reason TEXT NOT NULL,
    account_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP
);
CREATE INDEX edge_choice_by_pack ON edge_choice (pack, indicator);
