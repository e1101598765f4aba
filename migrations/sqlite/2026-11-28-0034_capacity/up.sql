-- What part of a full rate an account works as a supporter of a role in a region, and its own limit of open plans; without
-- a row it is a full rate and the norm of the role. A change supersedes the row before.
CREATE TABLE supporter_capacity (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('curator', 'tutor', 'regional_methodist', 'municipal_methodist', 'mentor', 'supervisor')),
    rate_milli INTEGER NOT NULL CHECK (rate_milli > 0 AND rate_milli <= 2000),
    most INTEGER CHECK (most > 0),
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX supporter_capacity_by_account_id ON supporter_capacity (account_id);
CREATE UNIQUE INDEX supporter_capacity_one_in_force ON supporter_capacity (region_id, account_id, role) WHERE superseded_at IS NULL;

-- What a supporter writes down of the work on a plan: a note of one's own, or a meeting, a call, a visit with its result. The
-- supporters of the plan read it; the teacher only what is shared.
CREATE TABLE support_note (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('note', 'meeting', 'call', 'visit')),
    on_date DATE NOT NULL,
    text TEXT NOT NULL,
    result TEXT,
    shared BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX support_note_by_iom_id ON support_note (iom_id, region_id);
CREATE INDEX support_note_by_account_id ON support_note (account_id);
