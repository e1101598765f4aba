-- A pause says until when it is meant to last, its last day included. NULL: nobody said, or the plan is not paused.
ALTER TABLE iom ADD COLUMN paused_until DATE;
