CREATE TABLE chase_rate (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    contacted_queue_id TEXT NOT NULL,
    stated_rate DOUBLE PRECISION NOT NULL,
    overdue_contacts BIGINT NOT NULL,
    overdue_item_days DOUBLE PRECISION NOT NULL,
    other_contacts BIGINT NOT NULL,
    other_item_days DOUBLE PRECISION NOT NULL,
    used_rate DOUBLE PRECISION NOT NULL,
    used_rate_low DOUBLE PRECISION NOT NULL,
    used_rate_high DOUBLE PRECISION NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_chase_rate PRIMARY KEY (plan_date, version, queue_id),
    CONSTRAINT ck_chase_rate_version CHECK (version >= 1),
    CONSTRAINT ck_chase_rate_stated_rate CHECK (stated_rate >= 0 AND stated_rate < 'Infinity'),
    CONSTRAINT ck_chase_rate_overdue_contacts CHECK (overdue_contacts >= 0),
    CONSTRAINT ck_chase_rate_overdue_item_days CHECK (overdue_item_days >= 0 AND overdue_item_days < 'Infinity'),
    CONSTRAINT ck_chase_rate_other_contacts CHECK (other_contacts >= 0),
    CONSTRAINT ck_chase_rate_other_item_days CHECK (other_item_days >= 0 AND other_item_days < 'Infinity'),
    CONSTRAINT ck_chase_rate_used_rate CHECK (used_rate >= 0 AND used_rate < 'Infinity'),
    CONSTRAINT ck_chase_rate_used_rate_low CHECK (used_rate_low >= 0 AND used_rate_low < 'Infinity'),
    CONSTRAINT ck_chase_rate_used_rate_high CHECK (used_rate_high >= 0 AND used_rate_high < 'Infinity'),
    CONSTRAINT fk_chase_rate_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

COMMENT ON TABLE chase_rate IS 'Contacts that an overdue item raises on each day on which the queue that customers reach is open: by the settings, and from customers who called while an item of theirs was overdue against those whose item was not yet due. One row: one plan and deferred queue with a rule for chase contacts.';

COMMENT ON COLUMN chase_rate.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN chase_rate.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN chase_rate.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN chase_rate.contacted_queue_id IS 'Queue that customers reach, as named in the settings. Unit: text.';

COMMENT ON COLUMN chase_rate.stated_rate IS 'What the settings say. Unit: contacts per overdue item and day.';

COMMENT ON COLUMN chase_rate.overdue_contacts IS 'Contacts of customers while an item of theirs was overdue. Unit: contacts.';

COMMENT ON COLUMN chase_rate.overdue_item_days IS 'Open days of all items together on which they were overdue. Unit: days.';

COMMENT ON COLUMN chase_rate.other_contacts IS 'Contacts of customers while an item of theirs was open and not yet due. Unit: contacts.';

COMMENT ON COLUMN chase_rate.other_item_days IS 'Open days of all items together on which they were open and not yet due. Unit: days.';

COMMENT ON COLUMN chase_rate.used_rate IS 'What the plan uses: the excess while overdue, drawn to the settings where data is thin. Unit: contacts per overdue item and day.';

COMMENT ON COLUMN chase_rate.used_rate_low IS 'Lower end of its 95 % interval. Unit: contacts per overdue item and day.';

COMMENT ON COLUMN chase_rate.used_rate_high IS 'Upper end of it. Unit: contacts per overdue item and day.';

COMMENT ON COLUMN chase_rate.source IS 'Where what is used comes from, in words. Unit: text.';

CREATE TABLE shrinkage_hours (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    lost_fraction DOUBLE PRECISION NOT NULL,
    lost_hours DOUBLE PRECISION NOT NULL,
    lost_cost DOUBLE PRECISION NOT NULL,
    planned_by_shifts BOOLEAN NOT NULL,
    CONSTRAINT pk_shrinkage_hours PRIMARY KEY (plan_date, version, queue_id, kind),
    CONSTRAINT ck_shrinkage_hours_version CHECK (version >= 1),
    CONSTRAINT ck_shrinkage_hours_lost_fraction CHECK (lost_fraction >= 0 AND lost_fraction <= 1),
    CONSTRAINT ck_shrinkage_hours_lost_hours CHECK (lost_hours >= 0 AND lost_hours < 'Infinity'),
    CONSTRAINT ck_shrinkage_hours_lost_cost CHECK (lost_cost >= 0 AND lost_cost < 'Infinity'),
    CONSTRAINT fk_shrinkage_hours_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

COMMENT ON TABLE shrinkage_hours IS 'Scheduled hours that are not worked, by kind: each kind takes its share of what the kinds before it leave. With the hours at work they are all hours to schedule. One row: one plan, queue and kind of shrinkage.';

COMMENT ON COLUMN shrinkage_hours.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN shrinkage_hours.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN shrinkage_hours.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN shrinkage_hours.kind IS 'Kind of loss (holiday, illness, training, breaks), as named in the settings. Unit: text.';

COMMENT ON COLUMN shrinkage_hours.lost_fraction IS 'Share that the kind takes of what the others leave, by the settings. Unit: fraction.';

COMMENT ON COLUMN shrinkage_hours.lost_hours IS 'Hours that it takes over the whole plan. Unit: hours.';

COMMENT ON COLUMN shrinkage_hours.lost_cost IS 'Their cost. Unit: currency.';

COMMENT ON COLUMN shrinkage_hours.planned_by_shifts IS 'Whether the shifts of the queue''s group plan it themselves, so that it is not taken off there. Unit: flag.';
