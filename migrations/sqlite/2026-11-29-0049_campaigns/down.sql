DROP TABLE campaign;
