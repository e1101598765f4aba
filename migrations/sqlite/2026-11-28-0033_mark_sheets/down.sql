DROP TABLE mark_row;
DROP TABLE mark_sheet;
