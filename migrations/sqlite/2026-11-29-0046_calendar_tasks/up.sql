-- What a unit has to do by the calendar of a pack, once somebody was reminded of it or marked it: the item, the time it is
-- done for, and when it was done with which act or link.
CREATE TABLE calendar_task (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    pack TEXT NOT NULL,
    item TEXT NOT NULL,
    occurrence TEXT NOT NULL,
    done_on DATE,
    regulation_id BIGINT,
    link TEXT,
    account_id BIGINT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CHECK (done_on IS NOT NULL OR (regulation_id IS NULL AND link IS NULL AND account_id IS NULL)),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (regulation_id) REFERENCES regulation (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX calendar_task_once ON calendar_task (region_id, pack, item, occurrence, unit_id);
CREATE INDEX calendar_task_by_unit_id ON calendar_task (unit_id);
CREATE INDEX calendar_task_by_regulation_id ON calendar_task (regulation_id);
CREATE INDEX calendar_task_by_account_id ON calendar_task (account_id);
