DROP INDEX audit_event_by_region_id_at;
DROP TRIGGER audit_seal_loses_no_row;
DROP TRIGGER audit_seal_keeps_its_rows;
DROP TRIGGER audit_event_loses_no_row;
DROP TRIGGER audit_event_keeps_its_rows;
