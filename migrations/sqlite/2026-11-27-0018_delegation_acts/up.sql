-- What of a role is given to a substitute; a delegation without rows gives all of it.
CREATE TABLE delegated_work (
    delegation_id BIGINT NOT NULL,
    work TEXT NOT NULL,
    PRIMARY KEY (delegation_id, work),
    CHECK (work IN ('accompany', 'review', 'applications', 'approve', 'enrol', 'plans', 'draft', 'diagnostics', 'assign', 'staff', 'registers', 'numbers')),
    FOREIGN KEY (delegation_id) REFERENCES delegation (id) ON DELETE RESTRICT
);

-- The address that an account had before somebody else changed it: for a day links that open the account go there.
CREATE TABLE former_address (
    account_id BIGINT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
