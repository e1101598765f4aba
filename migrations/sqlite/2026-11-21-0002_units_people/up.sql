-- Secondary indexes name region_id last: PostgreSQL plans its foreign-key checks while the tables are still empty, and an
-- index that began with the region would then look as good as the primary key (region_id, id), and stay in use.

-- A region, a zone (educational district), a municipality or an organisation. `region_id` of a region is its own id.
CREATE TABLE unit (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('region', 'zone', 'municipality', 'organisation')),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    search_key TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    org_kind TEXT CHECK (org_kind IN ('school', 'preschool', 'extracurricular', 'vocational', 'dpo')),
    locality TEXT CHECK (locality IN ('urban', 'rural', 'remote_rural')),
    oktmo TEXT,
    inn TEXT,
    valid_from DATE,
    valid_to DATE,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    batch_id BIGINT,
    UNIQUE (code)
);
CREATE INDEX unit_by_kind ON unit (region_id, kind);

-- Dated tree: which unit a unit stands in. valid_to is exclusive, NULL is open.
CREATE TABLE unit_link (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    valid_from DATE,
    valid_to DATE,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    batch_id BIGINT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (parent_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX unit_link_by_unit_id ON unit_link (unit_id);
CREATE INDEX unit_link_by_parent_id ON unit_link (parent_id);

-- Ids are unique by themselves here, so indexes for links of persons and jobs begin with the id: checks of links use
-- them too.
-- A teacher or leader. СНИЛС is unique within the region when present; keys are made in Rust.
CREATE TABLE person (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    snils TEXT,
    last_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    patronymic TEXT,
    birth_date DATE,
    sex TEXT CHECK (sex IN ('female', 'male')),
    email TEXT,
    search_key TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    batch_id BIGINT,
    UNIQUE (snils, region_id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX person_by_search_key ON person (search_key, region_id);

-- Earlier names of a person.
CREATE TABLE person_name (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    last_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    patronymic TEXT,
    replaced_at TIMESTAMP NOT NULL,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT
);
CREATE INDEX person_name_by_person_id ON person_name (person_id);

-- Persons found to be one: `old_person_id` lives on in `person_id`; undone when `undone_at` is set.
CREATE TABLE person_alias (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    old_person_id BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    undone_at TIMESTAMP,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT
);
CREATE INDEX person_alias_by_old_person_id ON person_alias (old_person_id, region_id);

-- One job of a person in an organisation. valid_to is exclusive (the day after dismissal), NULL is open.
CREATE TABLE employment (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    position TEXT NOT NULL,
    staff_kind TEXT NOT NULL CHECK (staff_kind IN ('teaching', 'managing')),
    kind TEXT NOT NULL CHECK (kind IN ('main', 'internal_part', 'external_part', 'civil_contract')),
    rate_milli INTEGER,
    hours_milli INTEGER,
    teaching_since DATE,
    category TEXT,
    education TEXT,
    valid_from DATE NOT NULL,
    valid_to DATE,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    batch_id BIGINT,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX employment_by_person_id ON employment (person_id);
CREATE INDEX employment_by_organisation_id ON employment (organisation_id);
-- One record in force per job.
CREATE UNIQUE INDEX employment_in_force ON employment (person_id, organisation_id, staff_kind, position, valid_from, region_id) WHERE superseded_at IS NULL;

-- Subjects taught within a job, with the match of education to the subject.
CREATE TABLE employment_subject (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    employment_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    profile_match BOOLEAN,
    FOREIGN KEY (employment_id) REFERENCES employment (id) ON DELETE CASCADE
);
CREATE INDEX employment_subject_by_employment_id ON employment_subject (employment_id);
