-- Scales that a region makes beside those of the program: what they are called, and when one that nothing was read by was
-- taken back.
ALTER TABLE scale ADD COLUMN region_id BIGINT REFERENCES unit (id) ON DELETE RESTRICT;
ALTER TABLE scale ADD COLUMN name TEXT;
ALTER TABLE scale ADD COLUMN withdrawn_at TIMESTAMP;
CREATE INDEX scale_by_region_id ON scale (region_id);

-- The results of a procedure read by another scale: who, when and why stand in the journal and here.
CREATE TABLE rescale (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    procedure_id BIGINT NOT NULL,
    scale_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    results INTEGER NOT NULL CHECK (results > 0),
    recorded_at TIMESTAMP NOT NULL,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (procedure_id) REFERENCES procedure (id) ON DELETE RESTRICT,
    FOREIGN KEY (scale_id) REFERENCES scale (id) ON DELETE RESTRICT
);
CREATE INDEX rescale_by_procedure_id ON rescale (procedure_id);
CREATE INDEX rescale_by_region_id ON rescale (region_id);
CREATE INDEX rescale_by_scale_id ON rescale (scale_id);
