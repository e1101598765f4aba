DROP TABLE employment_subject;
DROP TABLE employment;
DROP TABLE person_alias;
DROP TABLE person_name;
DROP TABLE person;
DROP TABLE unit_link;
DROP TABLE unit;
