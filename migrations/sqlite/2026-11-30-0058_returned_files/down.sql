DROP TABLE returned_file;
