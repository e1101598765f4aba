DROP TABLE first_code;
