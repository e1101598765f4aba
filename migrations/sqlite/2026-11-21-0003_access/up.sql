-- Who may sign in or act. A teacher's account names the person.
CREATE TABLE account (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT,
    login TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    person_id BIGINT,
    state TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
    auth_version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (login)
);
CREATE INDEX account_by_person_id ON account (person_id);

-- A role of an account over a unit and everything below it, dated.
CREATE TABLE role_grant (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    unit_id BIGINT,
    valid_from DATE,
    valid_to DATE,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX role_grant_by_account_id ON role_grant (account_id);
