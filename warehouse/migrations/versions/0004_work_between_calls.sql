CREATE TABLE staffing_blended (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    staff_group TEXT NOT NULL,
    useful_idle_hours DOUBLE PRECISION NOT NULL,
    gap_hours DOUBLE PRECISION NOT NULL,
    separate_positions BIGINT NOT NULL,
    ring_fenced_positions DOUBLE PRECISION NOT NULL,
    separate_staff BIGINT NOT NULL,
    ring_fenced_staff DOUBLE PRECISION NOT NULL,
    saved_staff_hours DOUBLE PRECISION NOT NULL,
    saved_cost DOUBLE PRECISION NOT NULL,
    answered_fraction DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_staffing_blended PRIMARY KEY (plan_date, version, queue_id, interval_start_utc),
    CONSTRAINT ck_staffing_blended_version CHECK (version >= 1),
    CONSTRAINT ck_staffing_blended_useful_idle_hours CHECK (useful_idle_hours >= 0 AND useful_idle_hours < 'Infinity'),
    CONSTRAINT ck_staffing_blended_gap_hours CHECK (gap_hours >= 0 AND gap_hours < 'Infinity'),
    CONSTRAINT ck_staffing_blended_separate_positions CHECK (separate_positions >= 0),
    CONSTRAINT ck_staffing_blended_ring_fenced_positions CHECK (ring_fenced_positions >= 0 AND ring_fenced_positions < 'Infinity'),
    CONSTRAINT ck_staffing_blended_separate_staff CHECK (separate_staff >= 0),
    CONSTRAINT ck_staffing_blended_ring_fenced_staff CHECK (ring_fenced_staff >= 0 AND ring_fenced_staff < 'Infinity'),
    CONSTRAINT ck_staffing_blended_saved_staff_hours CHECK (saved_staff_hours > '-Infinity' AND saved_staff_hours < 'Infinity'),
    CONSTRAINT ck_staffing_blended_saved_cost CHECK (saved_cost > '-Infinity' AND saved_cost < 'Infinity'),
    CONSTRAINT ck_staffing_blended_answered_fraction CHECK (answered_fraction >= 0 AND answered_fraction <= 1),
    CONSTRAINT fk_staffing_blended_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_staffing_blended_business_date ON staffing_blended (business_date, plan_date, version);

COMMENT ON TABLE staffing_blended IS 'Deferred work in the idle time of a group''s calls and chats: what gaps do, and who is needed beside them. The work can be put aside at once, so customers on the phone or in chat wait as in the separate plan. One row: one plan, blended deferred queue and open interval.';

COMMENT ON COLUMN staffing_blended.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN staffing_blended.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN staffing_blended.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN staffing_blended.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN staffing_blended.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN staffing_blended.staff_group IS 'Group of people that share queues, by its name in the settings. Unit: text.';

COMMENT ON COLUMN staffing_blended.useful_idle_hours IS 'Idle time above the reserve and the set-up of each gap that the queue can have. Unit: hours.';

COMMENT ON COLUMN staffing_blended.gap_hours IS 'Of it, what the queue''s items are expected to take. Unit: hours.';

COMMENT ON COLUMN staffing_blended.separate_positions IS 'People at work needed if the queue is staffed by itself. Unit: positions.';

COMMENT ON COLUMN staffing_blended.ring_fenced_positions IS 'People at work needed for it beside the gaps; not rounded, as they are shared. Unit: positions.';

COMMENT ON COLUMN staffing_blended.separate_staff IS 'People to schedule for the separate positions, shrinkage included. Unit: people.';

COMMENT ON COLUMN staffing_blended.ring_fenced_staff IS 'People to schedule for the ring-fenced positions, shrinkage included. Unit: people.';

COMMENT ON COLUMN staffing_blended.saved_staff_hours IS 'Separate less ring-fenced hours; below 0 on a day that needs more. Unit: hours.';

COMMENT ON COLUMN staffing_blended.saved_cost IS 'Cost of these hours. Unit: currency.';

COMMENT ON COLUMN staffing_blended.answered_fraction IS 'Predicted share of the day''s items completed in time with gaps and ring-fenced people. Unit: fraction.';

ALTER TABLE staffing_daily ADD blended_staff_hours DOUBLE PRECISION;

UPDATE staffing_daily SET blended_staff_hours = staff_hours;

ALTER TABLE staffing_daily ALTER blended_staff_hours SET NOT NULL;

ALTER TABLE staffing_daily ADD CONSTRAINT ck_staffing_daily_blended_staff_hours CHECK (blended_staff_hours >= 0 AND blended_staff_hours < 'Infinity');

COMMENT ON COLUMN staffing_daily.blended_staff_hours IS 'Hours to schedule where groups work deferred items between calls and chats. Unit: hours.';

ALTER TABLE staffing_daily ADD blended_cost DOUBLE PRECISION;

UPDATE staffing_daily SET blended_cost = cost;

ALTER TABLE staffing_daily ALTER blended_cost SET NOT NULL;

ALTER TABLE staffing_daily ADD CONSTRAINT ck_staffing_daily_blended_cost CHECK (blended_cost >= 0 AND blended_cost < 'Infinity');

COMMENT ON COLUMN staffing_daily.blended_cost IS 'Cost of these hours; beside cost, that of every queue staffed separately. Unit: currency.';

ALTER TABLE staffing_weekly ADD blended_staff_hours DOUBLE PRECISION;

UPDATE staffing_weekly SET blended_staff_hours = staff_hours;

ALTER TABLE staffing_weekly ALTER blended_staff_hours SET NOT NULL;

ALTER TABLE staffing_weekly ADD CONSTRAINT ck_staffing_weekly_blended_staff_hours CHECK (blended_staff_hours >= 0 AND blended_staff_hours < 'Infinity');

COMMENT ON COLUMN staffing_weekly.blended_staff_hours IS 'Hours to schedule where groups work deferred items between calls and chats. Unit: hours.';

ALTER TABLE staffing_weekly ADD blended_cost DOUBLE PRECISION;

UPDATE staffing_weekly SET blended_cost = cost;

ALTER TABLE staffing_weekly ALTER blended_cost SET NOT NULL;

ALTER TABLE staffing_weekly ADD CONSTRAINT ck_staffing_weekly_blended_cost CHECK (blended_cost >= 0 AND blended_cost < 'Infinity');

COMMENT ON COLUMN staffing_weekly.blended_cost IS 'Cost of these hours; beside cost, that of every queue staffed separately. Unit: currency.';
