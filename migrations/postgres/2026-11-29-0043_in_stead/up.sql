-- What is done in another one's stead names both wherever it is read: the author of a note is whoever is stood in for,
-- of a revision and of a value of a form whoever did it.
ALTER TABLE support_note ADD COLUMN written_by_id BIGINT REFERENCES account (id) ON DELETE RESTRICT;
CREATE INDEX support_note_by_written_by_id ON support_note (written_by_id);
ALTER TABLE iom_revision ADD COLUMN on_behalf_of_id BIGINT REFERENCES account (id) ON DELETE RESTRICT;
CREATE INDEX iom_revision_by_on_behalf_of_id ON iom_revision (on_behalf_of_id);
ALTER TABLE measure_value ADD COLUMN on_behalf_of_id BIGINT REFERENCES account (id) ON DELETE RESTRICT;
CREATE INDEX measure_value_by_on_behalf_of_id ON measure_value (on_behalf_of_id);
