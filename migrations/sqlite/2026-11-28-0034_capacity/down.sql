DROP TABLE support_note;
DROP TABLE supporter_capacity;
