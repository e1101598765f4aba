-- Documents are looked up by their number: one number on two people is an alarm.
CREATE INDEX qualification_document_by_number ON qualification_document (number, region_id);
