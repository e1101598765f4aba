-- A yearly examination of units by experts. What is scored, by how many points at most, is taken from the pack when it is opened
-- and stays as it was; the sheet is JSON. Where it stands follows from its days and from what was done with its units.
CREATE TABLE examination (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    pack TEXT NOT NULL,
    period TEXT NOT NULL,
    title TEXT NOT NULL,
    order_id BIGINT,
    letter_id BIGINT,
    documents_until DATE NOT NULL,
    scoring_until DATE NOT NULL,
    appeals_until DATE NOT NULL,
    divergence_milli BIGINT NOT NULL CHECK (divergence_milli >= 0),
    sheet TEXT NOT NULL,
    version INTEGER NOT NULL,
    account_id BIGINT,
    on_behalf_of_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (order_id) REFERENCES regulation (id) ON DELETE RESTRICT,
    FOREIGN KEY (letter_id) REFERENCES regulation (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX examination_one_of_period ON examination (region_id, pack, period);
CREATE INDEX examination_by_order_id ON examination (order_id);
CREATE INDEX examination_by_letter_id ON examination (letter_id);
CREATE INDEX examination_by_account_id ON examination (account_id);
CREATE INDEX examination_by_on_behalf_of_id ON examination (on_behalf_of_id);

-- A unit that is examined; announced_on is the day on which it was told its points.
CREATE TABLE examination_unit (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    examination_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    announced_on DATE,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (examination_id) REFERENCES examination (id) ON DELETE RESTRICT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX examination_unit_one ON examination_unit (region_id, examination_id, unit_id);
CREATE INDEX examination_unit_by_examination_id ON examination_unit (examination_id, region_id);
CREATE INDEX examination_unit_by_unit_id ON examination_unit (unit_id);

-- An expert of a unit: sections are codes with commas between them; done_on is set while the expert has finished.
CREATE TABLE examination_expert (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    examination_unit_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    sections TEXT NOT NULL,
    done_on DATE,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (examination_unit_id) REFERENCES examination_unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX examination_expert_one ON examination_expert (region_id, examination_unit_id, account_id) WHERE ended_at IS NULL;
CREATE INDEX examination_expert_by_examination_unit_id ON examination_expert (examination_unit_id, region_id);
CREATE INDEX examination_expert_by_account_id ON examination_expert (account_id);

-- What a unit shows for a criterion: a document, or the word that there is none, which is not the same as no word.
CREATE TABLE examination_document (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    examination_unit_id BIGINT NOT NULL,
    criterion TEXT NOT NULL,
    is_absent BOOLEAN NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    number TEXT NOT NULL,
    issued_on DATE,
    link TEXT,
    regulation_id BIGINT,
    account_id BIGINT NOT NULL,
    on_behalf_of_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (examination_unit_id) REFERENCES examination_unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (regulation_id) REFERENCES regulation (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX examination_document_by_examination_unit_id ON examination_document (examination_unit_id, region_id);
CREATE INDEX examination_document_by_regulation_id ON examination_document (regulation_id);
CREATE INDEX examination_document_by_account_id ON examination_document (account_id);
CREATE INDEX examination_document_by_on_behalf_of_id ON examination_document (on_behalf_of_id);
