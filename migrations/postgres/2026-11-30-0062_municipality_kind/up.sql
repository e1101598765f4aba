-- What a municipality is: a district, a town, a closed town, a settlement.
ALTER TABLE unit ADD COLUMN municipality_kind TEXT
    CHECK (municipality_kind IN ('district', 'municipal_district', 'municipal_okrug', 'town', 'closed_town', 'settlement'));
