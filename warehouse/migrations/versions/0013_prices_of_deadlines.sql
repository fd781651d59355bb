CREATE TABLE deadline_price (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    business_date DATE NOT NULL,
    due_items DOUBLE PRECISION NOT NULL,
    later_open_seconds DOUBLE PRECISION NOT NULL,
    peak_positions DOUBLE PRECISION NOT NULL,
    fewer_peak_positions DOUBLE PRECISION NOT NULL,
    saved_staff_hours DOUBLE PRECISION NOT NULL,
    saved_cost DOUBLE PRECISION NOT NULL,
    fewer_late_items DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_deadline_price PRIMARY KEY (plan_date, version, queue_id, business_date),
    CONSTRAINT ck_deadline_price_version CHECK (version >= 1),
    CONSTRAINT ck_deadline_price_due_items CHECK (due_items >= 0 AND due_items < 'Infinity'),
    CONSTRAINT ck_deadline_price_later_open_seconds CHECK (later_open_seconds >= 0 AND later_open_seconds < 'Infinity'),
    CONSTRAINT ck_deadline_price_peak_positions CHECK (peak_positions >= 0 AND peak_positions < 'Infinity'),
    CONSTRAINT ck_deadline_price_fewer_peak_positions CHECK (fewer_peak_positions >= 0 AND fewer_peak_positions < 'Infinity'),
    CONSTRAINT ck_deadline_price_saved_staff_hours CHECK (saved_staff_hours >= 0 AND saved_staff_hours < 'Infinity'),
    CONSTRAINT ck_deadline_price_saved_cost CHECK (saved_cost >= 0 AND saved_cost < 'Infinity'),
    CONSTRAINT ck_deadline_price_fewer_late_items CHECK (fewer_late_items >= 0 AND fewer_late_items < 'Infinity'),
    CONSTRAINT fk_deadline_price_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_deadline_price_business_date ON deadline_price (business_date, plan_date, version);

COMMENT ON TABLE deadline_price IS 'What an hour more to complete the work due on a day would save, found by planning again with it. One row: one plan, deferred queue and day whose due times cost most (five days a queue at most).';

COMMENT ON COLUMN deadline_price.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN deadline_price.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN deadline_price.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN deadline_price.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN deadline_price.due_items IS 'Items that have to be completed by some time of the day. Unit: items.';

COMMENT ON COLUMN deadline_price.later_open_seconds IS 'By how much business time later they would be due. Unit: seconds.';

COMMENT ON COLUMN deadline_price.peak_positions IS 'People at work at the plan''s peak, before rounding. Unit: positions.';

COMMENT ON COLUMN deadline_price.fewer_peak_positions IS 'By how many the peak would be lower. Unit: positions.';

COMMENT ON COLUMN deadline_price.saved_staff_hours IS 'Hours to schedule that would be saved with the same peak, shrinkage included. Unit: hours.';

COMMENT ON COLUMN deadline_price.saved_cost IS 'Cost of these hours. Unit: currency.';

COMMENT ON COLUMN deadline_price.fewer_late_items IS 'Items that would no longer be late, where the limits allow no plan in time. Unit: items.';

ALTER TABLE staffing_interval ADD chase_contacts DOUBLE PRECISION;

ALTER TABLE staffing_interval ADD CONSTRAINT ck_staffing_interval_chase_contacts CHECK (chase_contacts >= 0 AND chase_contacts < 'Infinity');

COMMENT ON COLUMN staffing_interval.chase_contacts IS 'Of the contacts expected, those that ask after overdue work; missing without a rule for it. Unit: contacts.';

ALTER TABLE backlog_projection ADD overdue_items DOUBLE PRECISION;

ALTER TABLE backlog_projection ADD CONSTRAINT ck_backlog_projection_overdue_items CHECK (overdue_items >= 0 AND overdue_items < 'Infinity');

COMMENT ON COLUMN backlog_projection.overdue_items IS 'Open items past their due time at the end of the interval. Unit: items.';

ALTER TABLE backlog_projection ADD overdue_items_q95 DOUBLE PRECISION;

ALTER TABLE backlog_projection ADD CONSTRAINT ck_backlog_projection_overdue_items_q95 CHECK (overdue_items_q95 >= 0 AND overdue_items_q95 < 'Infinity');

COMMENT ON COLUMN backlog_projection.overdue_items_q95 IS 'The same if arrivals come at their 95 % quantile. Unit: items.';
