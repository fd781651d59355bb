CREATE TABLE claims_positions (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    claim_class TEXT NOT NULL,
    reported_date DATE NOT NULL,
    business_date DATE NOT NULL,
    lead_days BIGINT NOT NULL,
    reported_claims DOUBLE PRECISION NOT NULL,
    is_storm BOOLEAN NOT NULL,
    contacts DOUBLE PRECISION NOT NULL,
    peak_positions BIGINT,
    position_hours DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_claims_positions PRIMARY KEY (plan_date, version, queue_id, claim_class, reported_date, business_date),
    CONSTRAINT ck_claims_positions_version CHECK (version >= 1),
    CONSTRAINT ck_claims_positions_lead_days CHECK (lead_days >= 1),
    CONSTRAINT ck_claims_positions_reported_claims CHECK (reported_claims >= 0 AND reported_claims < 'Infinity'),
    CONSTRAINT ck_claims_positions_contacts CHECK (contacts >= 0 AND contacts < 'Infinity'),
    CONSTRAINT ck_claims_positions_peak_positions CHECK (peak_positions >= 0),
    CONSTRAINT ck_claims_positions_position_hours CHECK (position_hours >= 0 AND position_hours < 'Infinity'),
    CONSTRAINT fk_claims_positions_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_claims_positions_business_date ON claims_positions (business_date, plan_date, version, queue_id);

COMMENT ON TABLE claims_positions IS 'Which claims bring how many contacts when, and whom that takes: the plan less the plan without these contacts. One row: one plan, queue, claim class, day of reporting and day of contacts.';

COMMENT ON COLUMN claims_positions.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN claims_positions.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN claims_positions.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN claims_positions.claim_class IS 'Class of claims, by line of business. Unit: text.';

COMMENT ON COLUMN claims_positions.reported_date IS 'Day on which the claims were reported; after the plan date: are expected to be. Unit: date.';

COMMENT ON COLUMN claims_positions.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN claims_positions.lead_days IS 'Days from the plan date to the business date; 1 is tomorrow. Unit: days.';

COMMENT ON COLUMN claims_positions.reported_claims IS 'Claims of the class reported, or expected, on the reported date. Unit: claims.';

COMMENT ON COLUMN claims_positions.is_storm IS 'Whether most of them carry a catastrophe code, or far more came than is usual. Unit: flag.';

COMMENT ON COLUMN claims_positions.contacts IS 'Contacts that these claims bring on the day. Unit: contacts.';

COMMENT ON COLUMN claims_positions.peak_positions IS 'By how much the day''s most positions would be lower without these contacts; missing where work can wait. Unit: positions.';

COMMENT ON COLUMN claims_positions.position_hours IS 'Hours at work that would not be needed without these contacts; where work can wait, the work in them. Unit: hours.';
