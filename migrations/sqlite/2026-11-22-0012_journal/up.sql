-- The journal is append-only: whoever changes a row must first take these away, and the chain tells of it all the same.
CREATE TRIGGER audit_event_keeps_its_rows BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER audit_event_loses_no_row BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER audit_seal_keeps_its_rows BEFORE UPDATE ON audit_seal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER audit_seal_loses_no_row BEFORE DELETE ON audit_seal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE INDEX audit_event_by_region_id_at ON audit_event (region_id, at);
