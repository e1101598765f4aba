-- A file of more people than a page shows: who took it, what for, and how many it named. The quota of a day is their sum.
CREATE TABLE bulk_export (
    id BIGINT NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    list TEXT COLLATE "C" NOT NULL,
    people INTEGER NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    taken_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX bulk_export_by_account_id_taken_at ON bulk_export (account_id, taken_at);
CREATE INDEX bulk_export_by_region_id ON bulk_export (region_id);
