DROP TABLE vacancy;
ALTER TABLE upload RENAME COLUMN kind TO kind_before;
ALTER TABLE upload ADD COLUMN kind TEXT NOT NULL DEFAULT 'units' CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results', 'activities', 'events', 'bodies', 'members', 'pairs', 'mentors', 'forms', 'undertakings', 'publications'));
UPDATE upload SET kind = kind_before;
ALTER TABLE upload DROP COLUMN kind_before;
ALTER TABLE import_batch RENAME COLUMN kind TO kind_before;
ALTER TABLE import_batch ADD COLUMN kind TEXT NOT NULL DEFAULT 'units' CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results', 'activities', 'events', 'bodies', 'members', 'pairs', 'mentors', 'forms', 'undertakings', 'publications'));
UPDATE import_batch SET kind = kind_before;
ALTER TABLE import_batch DROP COLUMN kind_before;
