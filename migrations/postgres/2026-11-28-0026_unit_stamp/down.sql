DROP TRIGGER unit_link_stamps_gone ON unit_link;
DROP TRIGGER unit_link_stamps_changed ON unit_link;
DROP TRIGGER unit_link_stamps_new ON unit_link;
DROP TRIGGER unit_stamps_gone ON unit;
DROP TRIGGER unit_stamps_changed ON unit;
DROP TRIGGER unit_stamps_new ON unit;
DROP FUNCTION units_are_stamped();
DROP FUNCTION any_stamp();
DROP TABLE unit_stamp;
