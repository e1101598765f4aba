ALTER TABLE iom DROP COLUMN paused_until;
