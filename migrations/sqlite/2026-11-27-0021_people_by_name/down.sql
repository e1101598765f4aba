DROP INDEX person_by_sort_key;
