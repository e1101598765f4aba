-- A version of the questionnaire of the self-assessment: its text as it was read, and the procedure that its results are of.
CREATE TABLE questionnaire (
    id BIGINT NOT NULL PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    procedure_id BIGINT NOT NULL,
    valid_from DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    UNIQUE (code, version),
    FOREIGN KEY (procedure_id) REFERENCES procedure (id) ON DELETE RESTRICT
);
CREATE INDEX questionnaire_by_procedure_id ON questionnaire (procedure_id);

-- A person's way through a version; one of a version at a time is begun. A finished one has the passage that it became.
CREATE TABLE own_attempt (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    questionnaire_id BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('begun', 'finished')),
    begun_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    diagnosis_id BIGINT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, person_id) REFERENCES person (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (questionnaire_id) REFERENCES questionnaire (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, diagnosis_id) REFERENCES diagnosis (region_id, id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX own_attempt_begun_once ON own_attempt (person_id, questionnaire_id, region_id) WHERE state = 'begun';
CREATE INDEX own_attempt_by_person_id ON own_attempt (person_id, region_id);
CREATE INDEX own_attempt_by_questionnaire_id ON own_attempt (questionnaire_id);
CREATE INDEX own_attempt_by_diagnosis_id ON own_attempt (diagnosis_id);

-- The anchor that was chosen for a statement, from 0; empty: the statement is not about this person's work.
CREATE TABLE own_answer (
    region_id BIGINT NOT NULL,
    attempt_id BIGINT NOT NULL,
    statement TEXT COLLATE "C" NOT NULL,
    value INTEGER CHECK (value BETWEEN 0 AND 3),
    answered_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, attempt_id, statement),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, attempt_id) REFERENCES own_attempt (region_id, id) ON DELETE CASCADE
);
