-- Tables of a system as somebody published them, taken as submissions: kept as printed, checked by the rules of the pack.
CREATE TABLE published_table (
    id INTEGER NOT NULL PRIMARY KEY,
    pack TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    content TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP
);
CREATE UNIQUE INDEX published_table_in_force ON published_table (pack, name) WHERE superseded_at IS NULL;
