-- Where letters to an account go; confirmed by its holder or not yet.
ALTER TABLE account ADD COLUMN email TEXT;
ALTER TABLE account ADD COLUMN email_verified_at TIMESTAMP;

-- A letter on its way belongs to whoever claimed it until the lease runs out; one to an account without an address is
-- kept and not sent.
ALTER TABLE outbox_mail DROP CONSTRAINT outbox_mail_state_check;
ALTER TABLE outbox_mail ADD CONSTRAINT outbox_mail_state_check
    CHECK (state IN ('waiting', 'sent', 'dead', 'no_address'))
;
ALTER TABLE outbox_mail ADD COLUMN claim BIGINT;
ALTER TABLE outbox_mail ADD COLUMN leased_until TIMESTAMP;
