DROP INDEX support_note_by_item_id;
ALTER TABLE support_note DROP COLUMN transfer;
ALTER TABLE support_note DROP COLUMN item_id;
