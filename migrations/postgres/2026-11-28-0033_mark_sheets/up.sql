-- A printed sheet of steps that waited for review, and its rows: each has a code that is typed back with the mark. The
-- version is the one that was printed; `outcome` is empty until a mark was read back, `why` is the code of the refusal of
-- a mark that is asked about.
CREATE TABLE mark_sheet (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    account_id BIGINT NOT NULL,
    printed_on DATE NOT NULL,
    size INTEGER NOT NULL CHECK (size > 0),
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    UNIQUE (region_id, number),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX mark_sheet_by_account_id ON mark_sheet (account_id);

CREATE TABLE mark_row (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    sheet_id BIGINT NOT NULL,
    place INTEGER NOT NULL,
    iom_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    item_version INTEGER NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    outcome TEXT CHECK (outcome IN ('accepted', 'returned', 'asked')),
    marked_on DATE,
    remark TEXT,
    why TEXT COLLATE "C",
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (region_id, id),
    CHECK ((outcome IS NULL) = (marked_on IS NULL)),
    UNIQUE (region_id, code),
    UNIQUE (sheet_id, place, region_id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, sheet_id) REFERENCES mark_sheet (region_id, id) ON DELETE CASCADE,
    FOREIGN KEY (region_id, iom_id) REFERENCES iom (region_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (region_id, item_id) REFERENCES iom_item (region_id, id) ON DELETE RESTRICT
);
CREATE INDEX mark_row_by_iom_id ON mark_row (iom_id, region_id);
CREATE INDEX mark_row_by_item_id ON mark_row (item_id, region_id);
