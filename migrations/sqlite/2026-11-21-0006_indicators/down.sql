DROP TABLE measure_value;
DROP TABLE pack;
DROP TABLE leaf;
DROP TABLE counter;
DROP TABLE iom_fact;
DROP TABLE person_place;
DROP TABLE person_fact;
DROP TABLE fact_period;
