-- A version of the drafting rules: what was loaded, kept as it was.
CREATE TABLE rule_set (
    id INTEGER NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    source TEXT NOT NULL,
    loaded_at TIMESTAMP NOT NULL,
    UNIQUE (code, version)
);

-- An individual educational route (ИОМ).
CREATE TABLE iom (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    number TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('cnppm', 'course', 'federal_academy', 'school')),
    state TEXT NOT NULL CHECK (state IN ('draft', 'on_agreement', 'returned', 'approved', 'active', 'paused', 'closed')),
    outcome TEXT CHECK (outcome IN ('completed', 'expired', 'terminated')),
    close_reason TEXT CHECK (close_reason IN ('dismissal', 'parental_leave', 'transfer', 'refusal', 'error', 'replaced')),
    procedure_id BIGINT,
    rule_set_id BIGINT,
    starts_on DATE NOT NULL,
    ends_on DATE,
    first_visible_on DATE,
    agreed_on DATE,
    closed_on DATE,
    revision INTEGER NOT NULL,
    on_platform BOOLEAN NOT NULL,
    follow_up_diagnosis_id BIGINT,
    conclusion TEXT,
    author_id BIGINT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    UNIQUE (number, region_id),
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT,
    FOREIGN KEY (procedure_id) REFERENCES procedure (id) ON DELETE RESTRICT,
    FOREIGN KEY (rule_set_id) REFERENCES rule_set (id) ON DELETE RESTRICT
);
CREATE INDEX iom_by_person_id ON iom (person_id);
CREATE INDEX iom_by_procedure_id ON iom (procedure_id);
-- One plan in work per person: two drafting runs at once cannot make two.
CREATE UNIQUE INDEX iom_one_in_work ON iom (person_id, region_id) WHERE state <> 'closed' AND origin = 'cnppm';

-- The states of a plan with the dates of the acts that caused them.
CREATE TABLE iom_state (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'on_agreement', 'returned', 'approved', 'active', 'paused', 'closed')),
    outcome TEXT CHECK (outcome IN ('completed', 'expired', 'terminated')),
    reason TEXT,
    on_date DATE NOT NULL,
    account_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE CASCADE
);
CREATE INDEX iom_state_by_iom_id ON iom_state (iom_id, region_id);

-- A frozen version of an approved plan.
CREATE TABLE iom_revision (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    reason TEXT NOT NULL,
    on_date DATE NOT NULL,
    account_id BIGINT,
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    UNIQUE (iom_id, number, region_id),
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE CASCADE
);

-- The deficits a plan was drafted from (the snapshot of the profile) and the outcome of each.
CREATE TABLE iom_deficit (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    competence_id BIGINT NOT NULL,
    result_id BIGINT,
    level TEXT NOT NULL,
    severity INTEGER NOT NULL,
    raw_milli INTEGER NOT NULL,
    max_milli INTEGER NOT NULL,
    outcome TEXT CHECK (outcome IN ('closed', 'reduced', 'remained')),
    outcome_on DATE,
    outcome_by_id BIGINT,
    UNIQUE (iom_id, competence_id, region_id),
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE CASCADE,
    FOREIGN KEY (competence_id) REFERENCES competence (id) ON DELETE RESTRICT,
    FOREIGN KEY (result_id) REFERENCES diagnosis_result (id) ON DELETE RESTRICT
);
CREATE INDEX iom_deficit_by_result_id ON iom_deficit (result_id);

-- What a plan is for.
CREATE TABLE iom_goal (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('deficit', 'prospective_task', 'individual_request')),
    deficit_id BIGINT,
    title TEXT NOT NULL,
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE CASCADE,
    FOREIGN KEY (deficit_id) REFERENCES iom_deficit (id) ON DELETE RESTRICT
);
CREATE INDEX iom_goal_by_iom_id ON iom_goal (iom_id, region_id);

-- A step of a plan. `rule` and `deficit_id` answer «Почему здесь».
CREATE TABLE iom_item (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'in_progress', 'submitted', 'accepted', 'returned', 'waived', 'cancelled')),
    title TEXT NOT NULL,
    programme_id BIGINT,
    education_form TEXT NOT NULL CHECK (education_form IN ('formal', 'non_formal', 'informal')),
    level TEXT CHECK (level IN ('school', 'municipal', 'regional', 'federal')),
    mandatory BOOLEAN NOT NULL,
    hours INTEGER NOT NULL,
    due_on DATE,
    topics TEXT NOT NULL,
    rule TEXT,
    rule_set_id BIGINT,
    deficit_id BIGINT,
    settled_on DATE,
    document_id BIGINT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    UNIQUE (iom_id, number, region_id),
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE CASCADE,
    FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
    FOREIGN KEY (rule_set_id) REFERENCES rule_set (id) ON DELETE RESTRICT,
    FOREIGN KEY (deficit_id) REFERENCES iom_deficit (id) ON DELETE RESTRICT
);

-- A person who accompanies a plan, in a kind, dated.
CREATE TABLE supporter (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('curator', 'tutor', 'regional_methodist', 'municipal_methodist', 'mentor', 'supervisor')),
    valid_from DATE NOT NULL,
    valid_to DATE,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE CASCADE,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX supporter_by_iom_id ON supporter (iom_id, region_id);
CREATE INDEX supporter_by_account_id ON supporter (account_id);

-- Every act on a plan with its own date: marks, reviews, help, moves. Append-only; the plan's timeline.
CREATE TABLE iom_act (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    item_id BIGINT,
    act TEXT NOT NULL,
    on_date DATE NOT NULL,
    account_id BIGINT,
    value TEXT,
    reason TEXT,
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE CASCADE,
    FOREIGN KEY (item_id) REFERENCES iom_item (id) ON DELETE RESTRICT
);
CREATE INDEX iom_act_by_iom_id ON iom_act (iom_id, region_id);

-- A document on training; one document may close many steps.
CREATE TABLE qualification_document (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('certificate', 'retraining_diploma', 'other')),
    issuer_id BIGINT,
    programme_id BIGINT,
    number TEXT NOT NULL,
    issued_on DATE NOT NULL,
    hours INTEGER,
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT,
    FOREIGN KEY (issuer_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT
);
CREATE INDEX qualification_document_by_person_id ON qualification_document (person_id);

-- A person's way to a course: application, agreement, seat, completion.
CREATE TABLE enrolment (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    programme_id BIGINT NOT NULL,
    item_id BIGINT,
    state TEXT NOT NULL CHECK (state IN ('applied', 'agreed', 'refused', 'waitlisted', 'enrolled', 'completed', 'expelled', 'withdrawn')),
    applied_on DATE NOT NULL,
    changed_on DATE NOT NULL,
    reason TEXT,
    document_id BIGINT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT,
    FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
    FOREIGN KEY (item_id) REFERENCES iom_item (id) ON DELETE RESTRICT,
    FOREIGN KEY (document_id) REFERENCES qualification_document (id) ON DELETE RESTRICT
);
CREATE INDEX enrolment_by_person_id ON enrolment (person_id);
CREATE INDEX enrolment_by_item_id ON enrolment (item_id, region_id);
