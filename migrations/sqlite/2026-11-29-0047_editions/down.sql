DROP TABLE edition_act;
DROP TABLE edition_part;
DROP TABLE edition;
