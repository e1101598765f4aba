-- Lists of the people behind a number begin with the first names.
CREATE INDEX person_by_sort_key ON person (region_id, sort_key);
