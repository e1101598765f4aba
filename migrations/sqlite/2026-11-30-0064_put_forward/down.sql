DROP INDEX procedure_person_by_asked_by_id;
ALTER TABLE procedure_person DROP COLUMN asked_by_id;
