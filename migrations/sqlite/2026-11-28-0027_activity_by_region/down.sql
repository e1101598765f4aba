DROP INDEX mentoring_pair_by_valid_from;
DROP INDEX activity_by_starts_on;
