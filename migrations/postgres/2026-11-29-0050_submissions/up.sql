-- The answer of a unit in a campaign and where it stands. sent_on is the day of the sending that stands; extended_to is a last
-- day of its own.
CREATE TABLE submission (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    campaign_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('not_started', 'in_work', 'sent', 'returned', 'agreed', 'accepted')),
    extended_to DATE,
    sent_on DATE,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, campaign_id) REFERENCES campaign (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX submission_one_of_unit ON submission (region_id, campaign_id, unit_id);
CREATE INDEX submission_by_campaign_id ON submission (campaign_id, region_id);
CREATE INDEX submission_by_unit_id ON submission (unit_id);

-- What a unit says in a field of its report: a number, or the two parts of a share; no upper part says that there is no value.
-- typed: a person has typed it, else what the platform knew was confirmed. A change supersedes the row before.
CREATE TABLE submission_value (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    submission_id BIGINT NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    upper_milli BIGINT,
    lower_milli BIGINT,
    typed BOOLEAN NOT NULL,
    link TEXT COLLATE "C",
    explanation TEXT COLLATE "C",
    account_id BIGINT NOT NULL,
    on_behalf_of_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, submission_id) REFERENCES submission (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX submission_value_in_force ON submission_value (region_id, submission_id, field) WHERE superseded_at IS NULL;
CREATE INDEX submission_value_by_submission_id ON submission_value (submission_id, region_id);
CREATE INDEX submission_value_by_account_id ON submission_value (account_id);
CREATE INDEX submission_value_by_on_behalf_of_id ON submission_value (on_behalf_of_id);

-- What was done with a report, each with its own day, and from which state to which it took it. Nothing here is changed.
CREATE TABLE submission_act (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    submission_id BIGINT NOT NULL,
    act TEXT COLLATE "C" NOT NULL CHECK (act IN ('begin', 'send', 'withdraw', 'return', 'agree', 'disagree', 'accept', 'reopen', 'extend')),
    state_before TEXT COLLATE "C" NOT NULL CHECK (state_before IN ('not_started', 'in_work', 'sent', 'returned', 'agreed', 'accepted')),
    state_after TEXT COLLATE "C" NOT NULL CHECK (state_after IN ('not_started', 'in_work', 'sent', 'returned', 'agreed', 'accepted')),
    on_date DATE NOT NULL,
    account_id BIGINT NOT NULL,
    on_behalf_of_id BIGINT,
    reason TEXT COLLATE "C",
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, submission_id) REFERENCES submission (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX submission_act_by_submission_id ON submission_act (submission_id, region_id);
CREATE INDEX submission_act_by_account_id ON submission_act (account_id);
CREATE INDEX submission_act_by_on_behalf_of_id ON submission_act (on_behalf_of_id);
