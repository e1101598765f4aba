DROP TABLE tool_column;
DROP TABLE tool;
ALTER TABLE diagnosis_result DROP COLUMN tool_level;
