DROP TABLE examination_document;
DROP TABLE examination_expert;
DROP TABLE examination_unit;
DROP TABLE examination;
