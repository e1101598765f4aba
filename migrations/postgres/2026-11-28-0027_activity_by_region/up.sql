-- Lists of the records and of the pairs of a region begin with the last ones.
CREATE INDEX activity_by_starts_on ON activity (region_id, starts_on, withdrawn_at) WHERE superseded_at IS NULL;
CREATE INDEX mentoring_pair_by_valid_from ON mentoring_pair (region_id, valid_from, withdrawn_at) WHERE superseded_at IS NULL;
