DROP INDEX measure_value_by_on_behalf_of_id;
ALTER TABLE measure_value DROP COLUMN on_behalf_of_id;
DROP INDEX iom_revision_by_on_behalf_of_id;
ALTER TABLE iom_revision DROP COLUMN on_behalf_of_id;
DROP INDEX support_note_by_written_by_id;
ALTER TABLE support_note DROP COLUMN written_by_id;
