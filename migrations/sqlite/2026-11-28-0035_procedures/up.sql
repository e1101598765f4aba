-- What a person says of a procedure: who made it, whom it is for, what for, by what papers, when it is told to others.
ALTER TABLE procedure ADD COLUMN region_id BIGINT REFERENCES unit (id) ON DELETE RESTRICT;
ALTER TABLE procedure ADD COLUMN audience TEXT;
ALTER TABLE procedure ADD COLUMN framework TEXT;
ALTER TABLE procedure ADD COLUMN scale_id BIGINT REFERENCES scale (id) ON DELETE RESTRICT;
ALTER TABLE procedure ADD COLUMN purpose TEXT;
ALTER TABLE procedure ADD COLUMN consent_text TEXT;
ALTER TABLE procedure ADD COLUMN released_on DATE;
ALTER TABLE procedure ADD COLUMN previous_id BIGINT REFERENCES procedure (id) ON DELETE RESTRICT;
ALTER TABLE procedure ADD COLUMN statute_link TEXT;
ALTER TABLE procedure ADD COLUMN instrument_link TEXT;
ALTER TABLE procedure ADD COLUMN tool TEXT;
ALTER TABLE procedure ADD COLUMN state TEXT NOT NULL DEFAULT 'held' CHECK (state IN ('planned', 'open', 'held', 'withdrawn'));

-- Who is invited to a procedure, what was answered, who came. Of a consent stays the digest of the text that was read.
CREATE TABLE procedure_person (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    procedure_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('audience', 'expired', 'follow_up', 'own_request', 'named')),
    answer TEXT CHECK (answer IN ('agreed', 'refused')),
    answered_at TIMESTAMP,
    consent_digest TEXT,
    came BOOLEAN,
    first_seen_at TIMESTAMP,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    UNIQUE (procedure_id, person_id, region_id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (procedure_id) REFERENCES procedure (id) ON DELETE RESTRICT,
    FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT
);
CREATE INDEX procedure_person_by_person_id ON procedure_person (person_id, region_id);
