DROP TABLE notice_choice;
DROP TABLE notice;
