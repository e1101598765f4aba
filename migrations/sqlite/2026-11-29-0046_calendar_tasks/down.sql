DROP TABLE calendar_task;
