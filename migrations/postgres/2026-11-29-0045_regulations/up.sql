-- Acts and orders: who issued them, from which day they hold, which act they replace, and the stage of which cycle they
-- belong to. unit_id is whose act it is; the issuer is that unit, a body or somebody outside. valid_to is exclusive, NULL is
-- open.
CREATE TABLE regulation (
    id BIGINT NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    body_id BIGINT,
    issuer TEXT,
    issuer_key TEXT COLLATE "C" NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('school', 'municipal', 'regional', 'federal')),
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    number_key TEXT COLLATE "C" NOT NULL,
    issued_on DATE NOT NULL,
    title TEXT NOT NULL,
    search_key TEXT COLLATE "C" NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    replaces_id BIGINT,
    link TEXT,
    is_public BOOLEAN NOT NULL,
    pack TEXT,
    period TEXT,
    stage TEXT,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    CHECK (valid_to IS NULL OR valid_from < valid_to),
    CHECK (replaces_id IS NULL OR replaces_id <> id),
    CHECK (stage IS NULL OR (pack IS NOT NULL AND period IS NOT NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL)),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (body_id) REFERENCES body (id) ON DELETE RESTRICT,
    FOREIGN KEY (replaces_id) REFERENCES regulation (id) ON DELETE RESTRICT
);
CREATE INDEX regulation_by_region_id ON regulation (region_id, issued_on);
CREATE INDEX regulation_by_unit_id ON regulation (unit_id);
CREATE INDEX regulation_by_body_id ON regulation (body_id);
CREATE UNIQUE INDEX regulation_replaces ON regulation (replaces_id) WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX regulation_once ON regulation (region_id, kind, issuer_key, number_key, issued_on) WHERE withdrawn_at IS NULL AND number_key <> '';
