-- What units undertake: sites, projects, programmes, agreements, platforms, banks of materials. `level` and the days are its
-- own; `checked_by` and `checked_on` say who opened the link and when.
CREATE TABLE undertaking (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    search_key TEXT NOT NULL,
    about TEXT,
    subject TEXT,
    level TEXT NOT NULL CHECK (level IN ('school', 'municipal', 'regional', 'federal')),
    unit_id BIGINT,
    starts_on DATE NOT NULL,
    ends_on DATE,
    state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'finished', 'stopped')),
    act TEXT,
    act_on DATE,
    link TEXT,
    checked_by BIGINT,
    checked_on DATE,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    batch_id BIGINT,
    CHECK (ends_on IS NULL OR starts_on <= ends_on),
    UNIQUE (region_id, code),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (checked_by) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX undertaking_by_unit_id ON undertaking (unit_id);
CREATE INDEX undertaking_by_checked_by ON undertaking (checked_by);

-- Bodies that are parties to it or partners in it.
CREATE TABLE undertaking_party (
    undertaking_id BIGINT NOT NULL,
    body_id BIGINT NOT NULL,
    PRIMARY KEY (undertaking_id, body_id),
    FOREIGN KEY (undertaking_id) REFERENCES undertaking (id) ON DELETE CASCADE,
    FOREIGN KEY (body_id) REFERENCES body (id) ON DELETE RESTRICT
) WITHOUT ROWID;
CREATE INDEX undertaking_party_by_body_id ON undertaking_party (body_id);

-- Units that take part in it beside its own.
CREATE TABLE undertaking_unit (
    undertaking_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    PRIMARY KEY (undertaking_id, unit_id),
    FOREIGN KEY (undertaking_id) REFERENCES undertaking (id) ON DELETE CASCADE,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT
) WITHOUT ROWID;
CREATE INDEX undertaking_unit_by_unit_id ON undertaking_unit (unit_id);

-- What a body said of it: expertise with day, outcome and level.
CREATE TABLE expertise (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    undertaking_id BIGINT NOT NULL,
    body_id BIGINT NOT NULL,
    held_on DATE NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('school', 'municipal', 'regional', 'federal')),
    outcome TEXT NOT NULL CHECK (outcome IN ('approved', 'revise', 'declined')),
    note TEXT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (undertaking_id) REFERENCES undertaking (id) ON DELETE RESTRICT,
    FOREIGN KEY (body_id) REFERENCES body (id) ON DELETE RESTRICT
);
CREATE INDEX expertise_by_undertaking_id ON expertise (undertaking_id);
CREATE INDEX expertise_by_body_id ON expertise (body_id);

-- People who take part in it, from day to day; valid_to is exclusive, NULL is open.
CREATE TABLE undertaking_person (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    undertaking_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('leader', 'member', 'author', 'expert')),
    valid_from DATE NOT NULL,
    valid_to DATE,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    CHECK (valid_to IS NULL OR valid_from < valid_to),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (undertaking_id) REFERENCES undertaking (id) ON DELETE RESTRICT,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT
);
CREATE INDEX undertaking_person_by_person_id ON undertaking_person (person_id);
CREATE INDEX undertaking_person_by_undertaking_id ON undertaking_person (undertaking_id);

-- A publication or material; `addressees` is a set of codes of the dictionary.
CREATE TABLE publication (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    search_key TEXT NOT NULL,
    year INTEGER NOT NULL CHECK (year BETWEEN 1950 AND 2100),
    journal TEXT,
    subject TEXT,
    addressees TEXT NOT NULL,
    unit_id BIGINT,
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
CREATE INDEX publication_by_unit_id ON publication (unit_id);

-- Its authors in their order: somebody of the staff, or the name of an outsider.
CREATE TABLE publication_author (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    publication_id BIGINT NOT NULL,
    place INTEGER NOT NULL,
    person_id BIGINT,
    name TEXT,
    CHECK ((person_id IS NULL) <> (name IS NULL)),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (publication_id) REFERENCES publication (id) ON DELETE CASCADE,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT
);
CREATE INDEX publication_author_by_person_id ON publication_author (person_id);
CREATE INDEX publication_author_by_publication_id ON publication_author (publication_id);

-- The personnel reserve of leaders: from which day, by which version of which rule and why; how it ended. valid_to is
-- exclusive, NULL is open.
CREATE TABLE reserve_member (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('in_reserve', 'appointed', 'left', 'excluded')),
    valid_from DATE NOT NULL,
    valid_to DATE,
    rule TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    why TEXT NOT NULL,
    note TEXT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    CHECK (valid_to IS NULL OR valid_from < valid_to),
    CHECK ((state = 'in_reserve') = (valid_to IS NULL)),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT
);
CREATE INDEX reserve_member_by_person_id ON reserve_member (person_id);
CREATE UNIQUE INDEX reserve_member_in_force ON reserve_member (person_id, region_id) WHERE valid_to IS NULL AND withdrawn_at IS NULL;

-- Files of the two registers.
ALTER TABLE import_batch RENAME COLUMN kind TO kind_before;
ALTER TABLE import_batch ADD COLUMN kind TEXT NOT NULL DEFAULT 'units' CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results', 'activities', 'events', 'bodies', 'members', 'pairs', 'mentors', 'forms', 'undertakings', 'publications'));
UPDATE import_batch SET kind = kind_before;
ALTER TABLE import_batch DROP COLUMN kind_before;
ALTER TABLE upload RENAME COLUMN kind TO kind_before;
ALTER TABLE upload ADD COLUMN kind TEXT NOT NULL DEFAULT 'units' CHECK (kind IN ('units', 'staff', 'competences', 'programmes', 'procedures', 'results', 'activities', 'events', 'bodies', 'members', 'pairs', 'mentors', 'forms', 'undertakings', 'publications'));
UPDATE upload SET kind = kind_before;
ALTER TABLE upload DROP COLUMN kind_before;
