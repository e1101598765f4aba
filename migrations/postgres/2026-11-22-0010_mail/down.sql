ALTER TABLE outbox_mail DROP COLUMN leased_until;
ALTER TABLE outbox_mail DROP COLUMN claim;
UPDATE outbox_mail SET state = 'dead' WHERE state = 'no_address';
ALTER TABLE outbox_mail DROP CONSTRAINT outbox_mail_state_check;
ALTER TABLE outbox_mail ADD CONSTRAINT outbox_mail_state_check CHECK (state IN ('waiting', 'sent', 'dead'));
ALTER TABLE account DROP COLUMN email_verified_at;
ALTER TABLE account DROP COLUMN email;
