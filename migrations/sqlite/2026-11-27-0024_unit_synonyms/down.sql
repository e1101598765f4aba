DROP TABLE unit_synonym;
