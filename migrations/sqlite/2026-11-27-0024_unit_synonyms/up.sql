-- How else tables name units: every name of a unit of a pack in force, as a key, with the key of the unit's own name there.
CREATE TABLE unit_synonym (
    pack TEXT NOT NULL,
    name_key TEXT NOT NULL,
    own_key TEXT NOT NULL,
    PRIMARY KEY (pack, name_key)
);
