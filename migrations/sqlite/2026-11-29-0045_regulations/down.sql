DROP TABLE regulation;
