-- A survey of people of a region. What is asked is taken from the pack when it is opened and stays as it was; the questions are
-- JSON. regulation_id is the act that approves it.
CREATE TABLE survey (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    pack TEXT COLLATE "C" NOT NULL,
    template TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    guide TEXT COLLATE "C" NOT NULL,
    audience TEXT COLLATE "C" NOT NULL,
    opens_on DATE NOT NULL,
    closes_on DATE NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes > 0),
    questions TEXT COLLATE "C" NOT NULL,
    regulation_id BIGINT,
    version INTEGER NOT NULL,
    account_id BIGINT,
    on_behalf_of_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (regulation_id) REFERENCES regulation (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX survey_one_of_days ON survey (region_id, pack, template, opens_on);
CREATE INDEX survey_by_regulation_id ON survey (regulation_id);
CREATE INDEX survey_by_account_id ON survey (account_id);
CREATE INDEX survey_by_on_behalf_of_id ON survey (on_behalf_of_id);

-- Who has answered, and where the person worked then. What was answered is not here: nothing leads from one to the
-- other.
CREATE TABLE survey_participant (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    survey_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, survey_id) REFERENCES survey (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, person_id) REFERENCES person (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX survey_participant_once ON survey_participant (region_id, survey_id, person_id);
CREATE INDEX survey_participant_by_survey_id ON survey_participant (survey_id, region_id);
CREATE INDEX survey_participant_by_person_id ON survey_participant (person_id, region_id);
CREATE INDEX survey_participant_by_organisation_id ON survey_participant (organisation_id);

-- The answers of one person together. Its id is drawn by lot and it has no time, so that its place tells nothing.
CREATE TABLE survey_sheet (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    survey_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, survey_id) REFERENCES survey (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX survey_sheet_by_survey_id ON survey_sheet (survey_id, region_id);
CREATE INDEX survey_sheet_by_organisation_id ON survey_sheet (organisation_id);

-- What was answered to a question: the place of an option from 0, one row each, or words.
CREATE TABLE survey_answer (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    survey_sheet_id BIGINT NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    choice INTEGER CHECK (choice >= 0),
    words TEXT COLLATE "C",
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, survey_sheet_id) REFERENCES survey_sheet (region_id, id) ON DELETE RESTRICT
);
CREATE INDEX survey_answer_by_survey_sheet_id ON survey_answer (survey_sheet_id, region_id);
