-- What a supporter saw of the learning in the work afterwards: the step at which it was learnt, and how far it is carried over.
ALTER TABLE support_note ADD COLUMN item_id BIGINT;
ALTER TABLE support_note ADD FOREIGN KEY (region_id, item_id) REFERENCES iom_item (region_id, id) ON DELETE RESTRICT;
ALTER TABLE support_note ADD COLUMN transfer TEXT CHECK (transfer IN ('applied', 'partly', 'not_yet'));
CREATE INDEX support_note_by_item_id ON support_note (item_id, region_id);
