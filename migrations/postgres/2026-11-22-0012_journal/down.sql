DROP INDEX audit_event_by_region_id_at;
DROP TRIGGER audit_seal_loses_no_row ON audit_seal;
DROP TRIGGER audit_seal_keeps_its_rows ON audit_seal;
DROP TRIGGER audit_event_loses_no_row ON audit_event;
DROP TRIGGER audit_event_keeps_its_rows ON audit_event;
DROP FUNCTION journal_is_append_only();
