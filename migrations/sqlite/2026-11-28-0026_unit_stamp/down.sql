DROP TRIGGER unit_link_stamps_gone;
DROP TRIGGER unit_link_stamps_changed;
DROP TRIGGER unit_link_stamps_new;
DROP TRIGGER unit_stamps_gone;
DROP TRIGGER unit_stamps_changed;
DROP TRIGGER unit_stamps_new;
DROP TABLE unit_stamp;
