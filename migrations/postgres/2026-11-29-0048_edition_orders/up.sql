-- A release that somebody asked for on a page: where it stands, and what came of it. seen_id is the edition of the pack and
-- period that stood last when it was asked for.
CREATE TABLE edition_order (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    pack TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    seen_id BIGINT,
    account_id BIGINT NOT NULL,
    on_behalf_of_id BIGINT,
    by_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'working', 'done', 'failed')),
    edition_id BIGINT,
    problem TEXT,
    recorded_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (seen_id) REFERENCES edition (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (edition_id) REFERENCES edition (id) ON DELETE RESTRICT
);
CREATE INDEX edition_order_by_region_id ON edition_order (region_id);
CREATE INDEX edition_order_by_seen_id ON edition_order (seen_id);
CREATE INDEX edition_order_by_account_id ON edition_order (account_id);
CREATE INDEX edition_order_by_on_behalf_of_id ON edition_order (on_behalf_of_id);
CREATE INDEX edition_order_by_edition_id ON edition_order (edition_id);
