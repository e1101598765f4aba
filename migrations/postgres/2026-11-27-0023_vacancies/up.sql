-- A vacancy as one list names it: own data of organisations, the list of a municipality, the official list of the region.
-- valid_to is exclusive, NULL is open. A replaced record stays, superseded.
CREATE TABLE vacancy (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    position TEXT NOT NULL,
    position_key TEXT COLLATE "C" NOT NULL,
    subject TEXT NOT NULL,
    subject_key TEXT COLLATE "C" NOT NULL,
    rate_milli INTEGER,
    valid_from DATE NOT NULL,
    valid_to DATE,
    source TEXT NOT NULL CHECK (source IN ('own', 'municipal', 'official')),
    link TEXT,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    batch_id BIGINT,
    PRIMARY KEY (region_id, id),
    CHECK (valid_to IS NULL OR valid_from < valid_to),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX vacancy_by_source ON vacancy (source, region_id);
CREATE INDEX vacancy_by_organisation_id ON vacancy (organisation_id);
CREATE UNIQUE INDEX vacancy_in_force ON vacancy (organisation_id, position_key, subject_key, source, valid_from, region_id) WHERE superseded_at IS NULL;

-- Files of vacancies.
ALTER TABLE import_batch RENAME COLUMN kind TO kind_before;
ALTER TABLE import_batch ADD COLUMN kind TEXT NOT NULL DEFAULT 'units' CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results', 'activities', 'events', 'bodies', 'members', 'pairs', 'mentors', 'forms', 'undertakings', 'publications', 'vacancies'));
UPDATE import_batch SET kind = kind_before;
ALTER TABLE import_batch DROP COLUMN kind_before;
ALTER TABLE upload RENAME COLUMN kind TO kind_before;
ALTER TABLE upload ADD COLUMN kind TEXT NOT NULL DEFAULT 'units' CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results', 'activities', 'events', 'bodies', 'members', 'pairs', 'mentors', 'forms', 'undertakings', 'publications', 'vacancies'));
UPDATE upload SET kind = kind_before;
ALTER TABLE upload DROP COLUMN kind_before;
