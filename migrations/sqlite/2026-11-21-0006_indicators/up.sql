-- A period over which facts are kept, with the reference date and the counting parameter that packs share.
CREATE TABLE fact_period (
    id INTEGER NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    basis TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('academic_year', 'calendar_year', 'half_year', 'custom')),
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    reference_on DATE NOT NULL,
    external_part BOOLEAN NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    UNIQUE (basis, code)
);

-- What is known of a person in a period: recomputed whenever something it rests on changes. Derived rows hold no
-- link to the person: they are written in bulk, go with the person in the same transaction, and are checked as a whole.
CREATE TABLE person_fact (
    region_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    pedagogical BOOLEAN NOT NULL,
    leader BOOLEAN NOT NULL,
    young BOOLEAN NOT NULL,
    first_three_years BOOLEAN NOT NULL,
    diagnosed_kinds TEXT NOT NULL,
    deficits INTEGER NOT NULL,
    deficit_groups TEXT NOT NULL,
    iom_formed BOOLEAN NOT NULL,
    iom_live BOOLEAN NOT NULL,
    iom_realised BOOLEAN NOT NULL,
    supported BOOLEAN NOT NULL,
    supported_by_regional_methodist BOOLEAN NOT NULL,
    trained BOOLEAN NOT NULL,
    topics_formed TEXT NOT NULL,
    topics_realised TEXT NOT NULL,
    topics_trained TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (region_id, period_id, person_id),
    FOREIGN KEY (period_id) REFERENCES fact_period (id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Where a person counts in a period: an organisation and in which population there.
CREATE TABLE person_place (
    region_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    pedagogical BOOLEAN NOT NULL,
    leader BOOLEAN NOT NULL,
    bridged BOOLEAN NOT NULL,
    PRIMARY KEY (region_id, period_id, person_id, organisation_id),
    FOREIGN KEY (period_id) REFERENCES fact_period (id) ON DELETE CASCADE,
    FOREIGN KEY (organisation_id) REFERENCES unit (id) ON DELETE RESTRICT
) WITHOUT ROWID;
CREATE INDEX person_place_by_period_id_organisation_id ON person_place (period_id, organisation_id);
-- The few persons with several places, read beside the counters.
CREATE INDEX person_place_bridged ON person_place (period_id, region_id) WHERE bridged;

-- What is known of a plan in a period.
CREATE TABLE iom_fact (
    region_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    iom_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    formed BOOLEAN NOT NULL,
    live BOOLEAN NOT NULL,
    realised BOOLEAN NOT NULL,
    supporter_kinds TEXT NOT NULL,
    topics TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (region_id, period_id, iom_id),
    FOREIGN KEY (period_id) REFERENCES fact_period (id) ON DELETE CASCADE,
    FOREIGN KEY (iom_id) REFERENCES iom (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX iom_fact_by_period_id_person_id ON iom_fact (period_id, person_id, region_id);

-- Leaf counts of an organisation in a period: persons and plans of one organisation only, packed in leaf order.
CREATE TABLE counter (
    region_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    leaves TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (region_id, period_id, organisation_id),
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (period_id) REFERENCES fact_period (id) ON DELETE CASCADE,
    FOREIGN KEY (organisation_id) REFERENCES unit (id) ON DELETE RESTRICT
) WITHOUT ROWID;

-- A leaf that loaded packs need: its canonical text and its place in the packed array.
CREATE TABLE leaf (
    id INTEGER NOT NULL PRIMARY KEY,
    basis TEXT NOT NULL,
    number INTEGER NOT NULL,
    canonical TEXT NOT NULL,
    UNIQUE (basis, canonical),
    UNIQUE (basis, number)
);

-- A methodology pack as loaded.
CREATE TABLE pack (
    id INTEGER NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    loaded_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP,
    UNIQUE (code, version)
);

-- A value entered or reported for a unit in a period; never overwritten by what is computed.
CREATE TABLE measure_value (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    measure TEXT NOT NULL,
    period TEXT NOT NULL,
    value_milli BIGINT,
    value_text TEXT,
    source TEXT NOT NULL CHECK (source IN ('computed', 'form', 'federal_form', 'outside_register', 'reported', 'expert')),
    account_id BIGINT,
    submission_id BIGINT,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    batch_id BIGINT,
    FOREIGN KEY (region_id) REFERENCES unit (id) ON DELETE RESTRICT,
    FOREIGN KEY (unit_id) REFERENCES unit (id) ON DELETE RESTRICT
);
CREATE INDEX measure_value_by_measure_period ON measure_value (region_id, measure, period);
