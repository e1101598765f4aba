DROP TABLE edition_order;
