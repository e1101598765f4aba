-- A release of the values of a pack in a period for a region: it never changes. Numbers go on within the region; before_id
-- is the edition of the same pack and period that it follows. The digest is over everything that it says.
CREATE TABLE edition (
    id BIGINT NOT NULL,
    region_id BIGINT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    pack TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    released_at TIMESTAMP NOT NULL,
    account_id BIGINT,
    on_behalf_of_id BIGINT,
    released_by TEXT NOT NULL,
    as_of DATE NOT NULL,
    pack_version INTEGER NOT NULL,
    pack_digest TEXT NOT NULL,
    before_id BIGINT,
    salt TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (region_id, number),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (before_id) REFERENCES edition (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX edition_by_before_id ON edition (before_id) WHERE before_id IS NOT NULL;
CREATE INDEX edition_by_period ON edition (region_id, pack, period);
CREATE INDEX edition_by_account_id ON edition (account_id);
CREATE INDEX edition_by_on_behalf_of_id ON edition (on_behalf_of_id);

-- What an edition says, in parts: texts are deflated, the digest is over the text itself.
CREATE TABLE edition_part (
    id BIGINT NOT NULL,
    edition_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('pack', 'rules', 'units', 'values', 'people', 'lists', 'book')),
    name TEXT COLLATE "C" NOT NULL,
    place INTEGER NOT NULL,
    digest TEXT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (edition_id, kind, name),
    FOREIGN KEY (edition_id) REFERENCES edition (id) ON DELETE RESTRICT
);

-- What was done with an edition after its release: approved by the ministry, opened to everyone, closed again.
CREATE TABLE edition_act (
    id BIGINT NOT NULL,
    edition_id BIGINT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('approve', 'open', 'close')),
    account_id BIGINT NOT NULL,
    on_behalf_of_id BIGINT,
    by_name TEXT NOT NULL,
    remark TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (edition_id) REFERENCES edition (id) ON DELETE RESTRICT,
    FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE RESTRICT,
    FOREIGN KEY (on_behalf_of_id) REFERENCES account (id) ON DELETE RESTRICT
);
CREATE INDEX edition_act_by_edition_id ON edition_act (edition_id);
CREATE INDEX edition_act_by_account_id ON edition_act (account_id);
CREATE INDEX edition_act_by_on_behalf_of_id ON edition_act (on_behalf_of_id);

-- Whoever changes a row must first take these away, and the digests tell of it all the same.
CREATE FUNCTION editions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an edition never changes'; END;
$$;
CREATE TRIGGER edition_keeps_its_rows BEFORE UPDATE ON edition
FOR EACH STATEMENT EXECUTE FUNCTION editions_stay();
CREATE TRIGGER edition_loses_no_row BEFORE DELETE OR TRUNCATE ON edition
FOR EACH STATEMENT EXECUTE FUNCTION editions_stay();
CREATE TRIGGER edition_part_keeps_its_rows BEFORE UPDATE ON edition_part
FOR EACH STATEMENT EXECUTE FUNCTION editions_stay();
CREATE TRIGGER edition_part_loses_no_row BEFORE DELETE OR TRUNCATE ON edition_part
FOR EACH STATEMENT EXECUTE FUNCTION editions_stay();
CREATE TRIGGER edition_act_keeps_its_rows BEFORE UPDATE ON edition_act
FOR EACH STATEMENT EXECUTE FUNCTION editions_stay();
CREATE TRIGGER edition_act_loses_no_row BEFORE DELETE OR TRUNCATE ON edition_act
FOR EACH STATEMENT EXECUTE FUNCTION editions_stay();
