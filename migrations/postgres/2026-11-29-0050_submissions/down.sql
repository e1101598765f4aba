DROP TABLE submission_act;
DROP TABLE submission_value;
DROP TABLE submission;
