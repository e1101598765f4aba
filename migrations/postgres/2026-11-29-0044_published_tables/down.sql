DROP TABLE published_table;
