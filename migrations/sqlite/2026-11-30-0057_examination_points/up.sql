-- What an expert says of a criterion. is_absent: nothing was presented, which is not zero; neither a value nor this: not scored
-- yet. Errors are codes with commas between them. A change supersedes the row before.
CREATE TABLE examination_point (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    examination_expert_id BIGINT NOT NULL,
    criterion TEXT NOT NULL,
    value_milli BIGINT CHECK (value_milli >= 0),
    is_absent BOOLEAN NOT NULL,
    note TEXT NOT NULL,
    errors TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (examination_expert_id) REFERENCES examination_expert (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX examination_point_in_force ON examination_point (region_id, examination_expert_id, criterion) WHERE superseded_at IS NULL;
CREATE INDEX examination_point_by_examination_expert_id ON examination_point (examination_expert_id, region_id);
CREATE INDEX examination_point_by_account_id ON examination_point (account_id);

-- What a unit does not agree with, once for a criterion, and what was decided: decided_milli is the new value, none where the
-- points were kept.
CREATE TABLE examination_appeal (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    examination_unit_id BIGINT NOT NULL,
    criterion TEXT NOT NULL,
    reason TEXT NOT NULL,
    link TEXT,
    account_id BIGINT NOT NULL,
    on_behalf_of_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    decided_milli BIGINT CHECK (decided_milli >= 0),
    decided_why TEXT,
    decided_by BIGINT,
    decided_in_stead_of BIGINT,
    decided_at TIMESTAMP,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (examination_unit_id) REFERENCES examination_unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (decided_by) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (decided_in_stead_of) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX examination_appeal_one ON examination_appeal (region_id, examination_unit_id, criterion);
CREATE INDEX examination_appeal_by_examination_unit_id ON examination_appeal (examination_unit_id, region_id);
CREATE INDEX examination_appeal_by_account_id ON examination_appeal (account_id);
CREATE INDEX examination_appeal_by_on_behalf_of_id ON examination_appeal (on_behalf_of_id);
CREATE INDEX examination_appeal_by_decided_by ON examination_appeal (decided_by);
CREATE INDEX examination_appeal_by_decided_in_stead_of ON examination_appeal (decided_in_stead_of);

-- What was done with a unit that is examined. Nothing here is changed.
CREATE TABLE examination_act (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    examination_unit_id BIGINT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('assign', 'unassign', 'done', 'give_back', 'look_again', 'leave', 'announce', 'appeal', 'keep', 'change')),
    examination_expert_id BIGINT,
    criterion TEXT,
    reason TEXT,
    on_date DATE NOT NULL,
    account_id BIGINT NOT NULL,
    on_behalf_of_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (examination_unit_id) REFERENCES examination_unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (examination_expert_id) REFERENCES examination_expert (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX examination_act_by_examination_unit_id ON examination_act (examination_unit_id, region_id);
CREATE INDEX examination_act_by_examination_expert_id ON examination_act (examination_expert_id, region_id);
CREATE INDEX examination_act_by_account_id ON examination_act (account_id);
CREATE INDEX examination_act_by_on_behalf_of_id ON examination_act (on_behalf_of_id);

-- The examined unit whose announcement a value came with.
ALTER TABLE measure_value ADD COLUMN examination_unit_id BIGINT REFERENCES examination_unit (id) ON DELETE RESTRICT;
CREATE INDEX measure_value_by_examination_unit_id ON measure_value (examination_unit_id, region_id);
