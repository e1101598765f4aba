DROP TABLE supporter_capacity;
