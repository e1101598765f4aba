-- The school that has put a person forward for a procedure; nothing where whoever runs the procedure has invited.
ALTER TABLE procedure_person ADD COLUMN asked_by_id BIGINT REFERENCES unit (id) ON DELETE RESTRICT;
CREATE INDEX procedure_person_by_asked_by_id ON procedure_person (asked_by_id);
