-- Lists of records and of pairs begin with the last ones. The day stands before the region: a file holds a region or two,
-- and a planner without statistics takes an index that begins with the region for every search of one person.
CREATE INDEX activity_by_starts_on ON activity (starts_on, region_id, withdrawn_at) WHERE superseded_at IS NULL;
CREATE INDEX mentoring_pair_by_valid_from ON mentoring_pair (valid_from, region_id, withdrawn_at) WHERE superseded_at IS NULL;
