CREATE TABLE staff_group_interval (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    staff_group TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    siloed_positions BIGINT NOT NULL,
    pooled_positions BIGINT NOT NULL,
    positions BIGINT NOT NULL,
    saved_positions DOUBLE PRECISION NOT NULL,
    sharing_fraction DOUBLE PRECISION NOT NULL,
    simulated_goal_margin DOUBLE PRECISION,
    CONSTRAINT pk_staff_group_interval PRIMARY KEY (plan_date, version, staff_group, interval_start_utc),
    CONSTRAINT ck_staff_group_interval_version CHECK (version >= 1),
    CONSTRAINT ck_staff_group_interval_siloed_positions CHECK (siloed_positions >= 0),
    CONSTRAINT ck_staff_group_interval_pooled_positions CHECK (pooled_positions >= 0),
    CONSTRAINT ck_staff_group_interval_positions CHECK (positions >= 0),
    CONSTRAINT ck_staff_group_interval_saved_positions CHECK (saved_positions > '-Infinity' AND saved_positions < 'Infinity'),
    CONSTRAINT ck_staff_group_interval_sharing_fraction CHECK (sharing_fraction > '-Infinity' AND sharing_fraction <= 1),
    CONSTRAINT ck_staff_group_interval_simulated_goal_margin CHECK (simulated_goal_margin >= -1 AND simulated_goal_margin <= 1),
    CONSTRAINT fk_staff_group_interval_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_staff_group_interval_business_date ON staff_group_interval (business_date, plan_date, version);

COMMENT ON TABLE staff_group_interval IS 'Positions of teams that share voice queues: between one team for everything and people of its own for each queue. One row: one plan, staff group with teams and interval.';

COMMENT ON COLUMN staff_group_interval.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN staff_group_interval.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN staff_group_interval.staff_group IS 'Group of people that share queues, by its name in the settings. Unit: text.';

COMMENT ON COLUMN staff_group_interval.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN staff_group_interval.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN staff_group_interval.siloed_positions IS 'Positions if every queue had people of its own: the sum of its queues'' positions. Unit: positions.';

COMMENT ON COLUMN staff_group_interval.pooled_positions IS 'Positions if everybody could take every call, each queue''s goal kept. Unit: positions.';

COMMENT ON COLUMN staff_group_interval.positions IS 'Positions with the teams as they are; what the group''s shifts cover. Unit: positions.';

COMMENT ON COLUMN staff_group_interval.saved_positions IS 'Siloed less needed; negative where the teams'' shares fit badly. Unit: positions.';

COMMENT ON COLUMN staff_group_interval.sharing_fraction IS 'How much of the way from siloed to pooled the teams come, learnt by simulation. Unit: fraction.';

COMMENT ON COLUMN staff_group_interval.simulated_goal_margin IS 'In the intervals that are audited by simulation: how far the worst queue is above its goal; negative if it misses. Unit: fraction.';
