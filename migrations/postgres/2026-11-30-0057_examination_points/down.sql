DROP INDEX measure_value_by_examination_unit_id;
ALTER TABLE measure_value DROP COLUMN examination_unit_id;
DROP TABLE examination_act;
DROP TABLE examination_appeal;
DROP TABLE examination_point;
