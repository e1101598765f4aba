-- Somebody acts in another one's stead, in one role and from day to day; both days are included.
CREATE TABLE delegation (
    id BIGINT NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    from_account_id BIGINT NOT NULL,
    to_account_id BIGINT NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    version INTEGER NOT NULL,
    CHECK (from_account_id <> to_account_id),
    CHECK (starts_on <= ends_on),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (from_account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (to_account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX delegation_by_to_account_id ON delegation (to_account_id);
CREATE INDEX delegation_by_from_account_id ON delegation (from_account_id);
CREATE INDEX delegation_by_region_id ON delegation (region_id);

-- In whose stead a session works, and an act was done.
ALTER TABLE session ADD COLUMN delegation_id BIGINT;
ALTER TABLE iom_act ADD COLUMN on_behalf_of_id BIGINT;
