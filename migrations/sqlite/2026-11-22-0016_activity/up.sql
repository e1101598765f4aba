-- The register of events: a day or more of a series over several units, with participants counted without names.
CREATE TABLE event (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    series TEXT,
    title TEXT NOT NULL,
    search_key TEXT NOT NULL,
    family TEXT NOT NULL CHECK (family IN ('event', 'contest')),
    kind TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('school', 'municipal', 'regional', 'federal')),
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    organiser_id BIGINT,
    organiser TEXT,
    participants INTEGER,
    link TEXT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    batch_id BIGINT,
    CHECK (starts_on <= ends_on),
    UNIQUE (region_id, code),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (organiser_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX event_by_region_id_starts_on ON event (region_id, starts_on);

-- Units that took part in an event, each with its participants counted.
CREATE TABLE event_unit (
    event_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    participants INTEGER,
    PRIMARY KEY (event_id, unit_id),
    FOREIGN KEY (event_id) REFERENCES event (id) ON DELETE CASCADE,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT
) WITHOUT ROWID;
CREATE INDEX event_unit_by_unit_id ON event_unit (unit_id);

-- A body: council, union, association, working group, management team, partner, authority, provider; with its level and home unit.
CREATE TABLE body (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    search_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('school', 'municipal', 'regional', 'federal')),
    unit_id BIGINT,
    duties TEXT,
    link TEXT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    batch_id BIGINT,
    UNIQUE (region_id, code),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX body_by_unit_id ON body (unit_id);

-- One dated record of one person: took part, helped, was an expert, passed, was supported, was awarded. `record_id` stays
-- through its versions; a replaced version stays, superseded.
CREATE TABLE activity (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    family TEXT NOT NULL CHECK (family IN ('event', 'contest', 'help', 'role', 'accompanied', 'support', 'expert', 'exam', 'burnout', 'award')),
    kind TEXT NOT NULL,
    level TEXT CHECK (level IN ('school', 'municipal', 'regional', 'federal')),
    role TEXT CHECK (role IN ('participant', 'speaker', 'organiser', 'jury', 'leader')),
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    category TEXT,
    starts_on DATE NOT NULL,
    ends_on DATE,
    event_id BIGINT,
    body_id BIGINT,
    organiser_id BIGINT,
    organiser TEXT,
    result TEXT CHECK (result IN ('winner', 'prize', 'laureate', 'took_part', 'passed', 'failed')),
    hours_milli INTEGER,
    document TEXT,
    link TEXT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    batch_id BIGINT,
    CHECK (ends_on IS NULL OR starts_on <= ends_on),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT,
    FOREIGN KEY (event_id) REFERENCES event (id) ON DELETE RESTRICT,
    FOREIGN KEY (body_id) REFERENCES body (id) ON DELETE RESTRICT,
    FOREIGN KEY (organiser_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX activity_by_person_id ON activity (person_id);
CREATE INDEX activity_by_event_id ON activity (event_id);
CREATE INDEX activity_by_record_id ON activity (record_id);
-- One record in force of a person, kind, day and title (or event).
CREATE UNIQUE INDEX activity_in_force ON activity (person_id, family, kind, starts_on, title_key, region_id) WHERE superseded_at IS NULL AND withdrawn_at IS NULL;

-- A dated membership of a person in a body. valid_to is exclusive, NULL is open.
CREATE TABLE body_member (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    body_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('member', 'chair', 'deputy', 'secretary')),
    valid_from DATE NOT NULL,
    valid_to DATE,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    batch_id BIGINT,
    CHECK (valid_to IS NULL OR valid_from < valid_to),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (body_id) REFERENCES body (id) ON DELETE RESTRICT,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT
);
CREATE INDEX body_member_by_person_id ON body_member (person_id);
CREATE INDEX body_member_by_body_id ON body_member (body_id);
CREATE INDEX body_member_by_record_id ON body_member (record_id);
CREATE UNIQUE INDEX body_member_in_force ON body_member (body_id, person_id, valid_from, region_id) WHERE superseded_at IS NULL AND withdrawn_at IS NULL;

-- A mentor and a mentee from day to day; `documents` is the set of kinds of documents that the pair has. valid_to is
-- exclusive, NULL is open.
CREATE TABLE mentoring_pair (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    mentor_id BIGINT NOT NULL,
    mentee_id BIGINT NOT NULL,
    form TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    documents TEXT NOT NULL,
    link TEXT,
    outcome TEXT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    batch_id BIGINT,
    CHECK (mentor_id <> mentee_id),
    CHECK (valid_to IS NULL OR valid_from < valid_to),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (mentor_id) REFERENCES person (id) ON DELETE RESTRICT,
    FOREIGN KEY (mentee_id) REFERENCES person (id) ON DELETE RESTRICT
);
CREATE INDEX mentoring_pair_by_mentor_id ON mentoring_pair (mentor_id);
CREATE INDEX mentoring_pair_by_mentee_id ON mentoring_pair (mentee_id);
CREATE INDEX mentoring_pair_by_record_id ON mentoring_pair (record_id);
CREATE UNIQUE INDEX mentoring_pair_in_force ON mentoring_pair (mentor_id, mentee_id, form, valid_from, region_id) WHERE superseded_at IS NULL AND withdrawn_at IS NULL;

-- Somebody in the base of mentors, with the card of qualities. valid_to is exclusive, NULL is open.
CREATE TABLE mentor_card (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    qualities TEXT NOT NULL,
    subject TEXT,
    trained_on DATE,
    valid_from DATE NOT NULL,
    valid_to DATE,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    batch_id BIGINT,
    CHECK (valid_to IS NULL OR valid_from < valid_to),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT
);
CREATE INDEX mentor_card_by_person_id ON mentor_card (person_id);
CREATE INDEX mentor_card_by_record_id ON mentor_card (record_id);
CREATE UNIQUE INDEX mentor_card_in_force ON mentor_card (person_id, region_id) WHERE superseded_at IS NULL AND withdrawn_at IS NULL;

-- Files of the registers, and of reported values.
ALTER TABLE import_batch RENAME COLUMN kind TO kind_before;
ALTER TABLE import_batch ADD COLUMN kind TEXT NOT NULL DEFAULT 'units' CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results', 'activities', 'events', 'bodies', 'members', 'pairs', 'mentors', 'forms'));
UPDATE import_batch SET kind = kind_before;
ALTER TABLE import_batch DROP COLUMN kind_before;
ALTER TABLE upload RENAME COLUMN kind TO kind_before;
ALTER TABLE upload ADD COLUMN kind TEXT NOT NULL DEFAULT 'units' CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results', 'activities', 'events', 'bodies', 'members', 'pairs', 'mentors', 'forms'));
UPDATE upload SET kind = kind_before;
ALTER TABLE upload DROP COLUMN kind_before;
