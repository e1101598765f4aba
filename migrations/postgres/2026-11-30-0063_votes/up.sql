-- A vote of colleagues for a title of a year: who works in a unit votes and is voted for. level is that of the award.
CREATE TABLE vote (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    title_key TEXT COLLATE "C" NOT NULL,
    year INTEGER NOT NULL,
    level TEXT COLLATE "C" NOT NULL CHECK (level IN ('municipal', 'regional')),
    opens_on DATE NOT NULL,
    closes_on DATE NOT NULL,
    version INTEGER NOT NULL,
    account_id BIGINT,
    on_behalf_of_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX vote_one_of_title ON vote (region_id, unit_id, year, title_key) WHERE withdrawn_at IS NULL;
CREATE INDEX vote_by_unit_id ON vote (unit_id);
CREATE INDEX vote_by_account_id ON vote (account_id);
CREATE INDEX vote_by_on_behalf_of_id ON vote (on_behalf_of_id);

-- Who has voted. For whom is not here, and nothing in the database leads from one to the other.
CREATE TABLE vote_voter (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    vote_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, vote_id) REFERENCES vote (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, person_id) REFERENCES person (region_id, id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX vote_voter_once ON vote_voter (region_id, vote_id, person_id);
CREATE INDEX vote_voter_by_vote_id ON vote_voter (vote_id, region_id);
CREATE INDEX vote_voter_by_person_id ON vote_voter (person_id, region_id);

-- A voice: for whom. Its id is drawn by lot and it has no time. tag is a digest of the voter under a key that lies outside the
-- database: by it alone a voter changes the own voice; it is taken away when the title is awarded.
CREATE TABLE vote_voice (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    vote_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    tag TEXT COLLATE "C",
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, vote_id) REFERENCES vote (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, person_id) REFERENCES person (region_id, id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX vote_voice_of_tag ON vote_voice (region_id, vote_id, tag);
CREATE INDEX vote_voice_by_vote_id ON vote_voice (vote_id, region_id);
CREATE INDEX vote_voice_by_person_id ON vote_voice (person_id, region_id);

-- A record of an award that was made by a vote. record_id is the record through all its versions, whose first one has its id.
CREATE TABLE vote_award (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    vote_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, vote_id) REFERENCES vote (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, record_id) REFERENCES activity (region_id, id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX vote_award_once ON vote_award (region_id, record_id);
CREATE INDEX vote_award_by_vote_id ON vote_award (vote_id, region_id);
CREATE INDEX vote_award_by_record_id ON vote_award (record_id, region_id);
