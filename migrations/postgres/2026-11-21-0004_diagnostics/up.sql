-- Groups of competences: reference data.
CREATE TABLE competence_group (
    code TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (code)
);

-- A node of the tree of competences.
CREATE TABLE competence (
    id BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    group_code TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    parent_id BIGINT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    batch_id BIGINT,
    PRIMARY KEY (id),
    UNIQUE (code),
    FOREIGN KEY (group_code) REFERENCES competence_group (code) ON DELETE RESTRICT
);

-- A scale of levels: a score in per cent falls into one of its bands.
CREATE TABLE scale (
    id BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('deficit', 'competence')),
    valid_from DATE,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (code)
);

-- A band of a scale; bounds in thousandths of a per cent, each inclusive or not.
CREATE TABLE scale_band (
    id BIGINT NOT NULL,
    scale_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    level TEXT COLLATE "C" NOT NULL,
    label TEXT NOT NULL,
    lower_milli INTEGER NOT NULL,
    upper_milli INTEGER NOT NULL,
    lower_incl BOOLEAN NOT NULL,
    upper_incl BOOLEAN NOT NULL,
    is_deficit BOOLEAN NOT NULL,
    severity INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (scale_id, number),
    FOREIGN KEY (scale_id) REFERENCES scale (id) ON DELETE CASCADE
);

-- An additional professional programme (ДПП ПК or ПП).
CREATE TABLE programme (
    id BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    search_key TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('upskilling', 'retraining')),
    hours INTEGER NOT NULL,
    form TEXT CHECK (form IN ('full_time', 'mixed', 'extramural')),
    provider_id BIGINT,
    federal_ref TEXT,
    distance BOOLEAN NOT NULL,
    e_learning BOOLEAN NOT NULL,
    deficit_based BOOLEAN NOT NULL,
    priority_federal BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    batch_id BIGINT,
    PRIMARY KEY (id),
    UNIQUE (code),
    FOREIGN KEY (provider_id) REFERENCES unit (id) ON DELETE RESTRICT
);

-- Competences that a programme develops.
CREATE TABLE programme_competence (
    programme_id BIGINT NOT NULL,
    competence_id BIGINT NOT NULL,
    PRIMARY KEY (programme_id, competence_id),
    FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE CASCADE,
    FOREIGN KEY (competence_id) REFERENCES competence (id) ON DELETE RESTRICT
);
CREATE INDEX programme_competence_by_competence_id ON programme_competence (competence_id);

-- Topics of a programme (dictionary of topics).
CREATE TABLE programme_topic (
    programme_id BIGINT NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (programme_id, topic),
    FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE CASCADE
);

-- An assessment procedure as held: version, organiser, dates, how long its results stay valid.
CREATE TABLE procedure (
    id BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'self', 'entry', 'corporate_order', 'follow_up')),
    level TEXT CHECK (level IN ('federal', 'regional', 'municipal', 'school')),
    organiser_id BIGINT,
    starts_on DATE,
    ends_on DATE,
    valid_days INTEGER,
    described BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    batch_id BIGINT,
    PRIMARY KEY (id),
    UNIQUE (code),
    FOREIGN KEY (organiser_id) REFERENCES unit (id) ON DELETE RESTRICT
);

-- One person's passage of a procedure.
CREATE TABLE diagnosis (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    procedure_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'self', 'entry', 'corporate_order', 'follow_up')),
    level TEXT CHECK (level IN ('federal', 'regional', 'municipal', 'school')),
    held_on DATE NOT NULL,
    organiser_id BIGINT,
    consent TEXT,
    withdrawn_at TIMESTAMP,
    recorded_at TIMESTAMP NOT NULL,
    batch_id BIGINT,
    PRIMARY KEY (region_id, id),
    UNIQUE (person_id, procedure_id, kind, held_on, region_id),
    FOREIGN KEY (region_id, person_id) REFERENCES person (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (procedure_id) REFERENCES procedure (id) ON DELETE RESTRICT,
    FOREIGN KEY (organiser_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX diagnosis_by_procedure_id ON diagnosis (procedure_id);

-- A result of a passage by competence: scores in thousandths. A replaced result stays, superseded.
CREATE TABLE diagnosis_result (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    diagnosis_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    competence_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    raw_milli INTEGER NOT NULL,
    max_milli INTEGER NOT NULL,
    scale_id BIGINT NOT NULL,
    source_sheet TEXT NOT NULL,
    source_row INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    batch_id BIGINT,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id, diagnosis_id) REFERENCES diagnosis (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, person_id) REFERENCES person (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (competence_id) REFERENCES competence (id) ON DELETE RESTRICT,
    FOREIGN KEY (scale_id) REFERENCES scale (id) ON DELETE RESTRICT
);
CREATE INDEX diagnosis_result_by_person_id ON diagnosis_result (person_id, region_id);
CREATE INDEX diagnosis_result_by_diagnosis_id ON diagnosis_result (diagnosis_id, region_id);
-- One result in force per passage, competence and subject.
CREATE UNIQUE INDEX diagnosis_result_in_force ON diagnosis_result (diagnosis_id, competence_id, subject, region_id) WHERE superseded_at IS NULL;
