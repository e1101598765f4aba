DROP TABLE former_address;
DROP TABLE delegated_work;
