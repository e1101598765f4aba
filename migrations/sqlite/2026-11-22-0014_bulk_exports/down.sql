DROP TABLE bulk_export;
