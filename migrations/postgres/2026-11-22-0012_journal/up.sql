-- The journal is append-only: whoever changes a row must first take these away, and the chain tells of it all the same.
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the journal is append-only'; END;
$$;
CREATE TRIGGER audit_event_keeps_its_rows BEFORE UPDATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER audit_event_loses_no_row BEFORE DELETE OR TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER audit_seal_keeps_its_rows BEFORE UPDATE ON audit_seal
FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER audit_seal_loses_no_row BEFORE DELETE OR TRUNCATE ON audit_seal
FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
CREATE INDEX audit_event_by_region_id_at ON audit_event (region_id, at);
