-- How to call someone who is on no staff list: a tutor, a curator, an operator.
ALTER TABLE account ADD COLUMN name TEXT;
