CREATE TABLE group_audit (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    staff_group TEXT NOT NULL,
    queue_id TEXT NOT NULL,
    way_of_working TEXT NOT NULL,
    business_date DATE NOT NULL,
    channel TEXT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    position_hours DOUBLE PRECISION NOT NULL,
    goal_fraction DOUBLE PRECISION NOT NULL,
    planned_answered_fraction DOUBLE PRECISION NOT NULL,
    simulated_answered_fraction DOUBLE PRECISION NOT NULL,
    simulated_answered_fraction_low DOUBLE PRECISION NOT NULL,
    simulated_answered_fraction_high DOUBLE PRECISION NOT NULL,
    planned_gap_hours DOUBLE PRECISION,
    simulated_gap_hours DOUBLE PRECISION,
    planned_completed_items DOUBLE PRECISION,
    simulated_completed_items DOUBLE PRECISION,
    simulated_days BIGINT NOT NULL,
    assumptions TEXT NOT NULL,
    CONSTRAINT pk_group_audit PRIMARY KEY (plan_date, version, staff_group, queue_id, way_of_working),
    CONSTRAINT ck_group_audit_version CHECK (version >= 1),
    CONSTRAINT ck_group_audit_way_of_working CHECK (way_of_working IN ('teams', 'put_aside', 'finished_first')),
    CONSTRAINT ck_group_audit_channel CHECK (channel IN ('voice', 'chat', 'email', 'message', 'task', 'cases', 'claims')),
    CONSTRAINT ck_group_audit_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_group_audit_position_hours CHECK (position_hours >= 0 AND position_hours < 'Infinity'),
    CONSTRAINT ck_group_audit_goal_fraction CHECK (goal_fraction >= 0 AND goal_fraction <= 1),
    CONSTRAINT ck_group_audit_planned_answered_fraction CHECK (planned_answered_fraction >= 0 AND planned_answered_fraction <= 1),
    CONSTRAINT ck_group_audit_simulated_answered_fraction CHECK (simulated_answered_fraction >= 0 AND simulated_answered_fraction <= 1),
    CONSTRAINT ck_group_audit_simulated_answered_fraction_low CHECK (simulated_answered_fraction_low >= 0 AND simulated_answered_fraction_low <= 1),
    CONSTRAINT ck_group_audit_simulated_answered_fraction_high CHECK (simulated_answered_fraction_high >= 0 AND simulated_answered_fraction_high <= 1),
    CONSTRAINT ck_group_audit_planned_gap_hours CHECK (planned_gap_hours >= 0 AND planned_gap_hours < 'Infinity'),
    CONSTRAINT ck_group_audit_simulated_gap_hours CHECK (simulated_gap_hours >= 0 AND simulated_gap_hours < 'Infinity'),
    CONSTRAINT ck_group_audit_planned_completed_items CHECK (planned_completed_items >= 0 AND planned_completed_items < 'Infinity'),
    CONSTRAINT ck_group_audit_simulated_completed_items CHECK (simulated_completed_items >= 0 AND simulated_completed_items < 'Infinity'),
    CONSTRAINT ck_group_audit_simulated_days CHECK (simulated_days >= 0),
    CONSTRAINT fk_group_audit_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_group_audit_business_date ON group_audit (business_date, plan_date, version);

COMMENT ON TABLE group_audit IS 'What the plan promises of groups that share queues or work items between calls, beside what an event simulation of one whole day does: real handle times, abandonment, skills, what intervals leave to the next, items in gaps. One row: one plan, staff group, queue and way of working, over one whole day.';

COMMENT ON COLUMN group_audit.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN group_audit.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN group_audit.staff_group IS 'Group of people that share queues, by its name in the settings. Unit: text.';

COMMENT ON COLUMN group_audit.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN group_audit.way_of_working IS 'Teams: calls of shared queues go by skill. Put aside: an item in hand is put aside for the next call or chat, as the plan has it. Finished first: it is finished before, which the plan does not assume. Unit: text.';

COMMENT ON COLUMN group_audit.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN group_audit.channel IS 'Channel of the queue. Unit: text.';

COMMENT ON COLUMN group_audit.mean_offered_contacts IS 'Contacts or items expected on the day. Unit: contacts.';

COMMENT ON COLUMN group_audit.position_hours IS 'Hours of people at work for the queue; with teams the group''s, on every row. Unit: hours.';

COMMENT ON COLUMN group_audit.goal_fraction IS 'Service goal of the queue. Unit: fraction.';

COMMENT ON COLUMN group_audit.planned_answered_fraction IS 'Service level that the plan promises: with teams each queue''s goal, otherwise its own prediction; of work that can wait, the share of the items due on the day that is completed in time. Unit: fraction.';

COMMENT ON COLUMN group_audit.simulated_answered_fraction IS 'The same in the simulation. Unit: fraction.';

COMMENT ON COLUMN group_audit.simulated_answered_fraction_low IS 'Lower end of the 95 % confidence interval of the simulation. Unit: fraction.';

COMMENT ON COLUMN group_audit.simulated_answered_fraction_high IS 'Upper end of it. Unit: fraction.';

COMMENT ON COLUMN group_audit.planned_gap_hours IS 'Work on items in gaps, as planned; missing for calls and chats. Unit: hours.';

COMMENT ON COLUMN group_audit.simulated_gap_hours IS 'The same in the simulation. Unit: hours.';

COMMENT ON COLUMN group_audit.planned_completed_items IS 'Items completed that day, as planned; missing for live queues. Unit: items.';

COMMENT ON COLUMN group_audit.simulated_completed_items IS 'The same in the simulation. Unit: items.';

COMMENT ON COLUMN group_audit.simulated_days IS 'How often the day was simulated. Unit: days.';

COMMENT ON COLUMN group_audit.assumptions IS 'What was simulated, in words. Unit: text.';

ALTER TABLE staffing_blended ADD opening_items DOUBLE PRECISION;

ALTER TABLE staffing_blended ADD CONSTRAINT ck_staffing_blended_opening_items CHECK (opening_items >= 0 AND opening_items < 'Infinity');

COMMENT ON COLUMN staffing_blended.opening_items IS 'Items open at the start, in this plan. Unit: items.';

ALTER TABLE staffing_blended ADD completed_items DOUBLE PRECISION;

ALTER TABLE staffing_blended ADD CONSTRAINT ck_staffing_blended_completed_items CHECK (completed_items >= 0 AND completed_items < 'Infinity');

COMMENT ON COLUMN staffing_blended.completed_items IS 'Items expected to be completed, in gaps and by ring-fenced people. Unit: items.';

ALTER TABLE staffing_blended ADD due_items DOUBLE PRECISION;

ALTER TABLE staffing_blended ADD CONSTRAINT ck_staffing_blended_due_items CHECK (due_items >= 0 AND due_items < 'Infinity');

COMMENT ON COLUMN staffing_blended.due_items IS 'Items that have to be completed by the end of the interval. Unit: items.';

ALTER TABLE staffing_blended ADD breached_items DOUBLE PRECISION;

ALTER TABLE staffing_blended ADD CONSTRAINT ck_staffing_blended_breached_items CHECK (breached_items >= 0 AND breached_items < 'Infinity');

COMMENT ON COLUMN staffing_blended.breached_items IS 'Of these, items expected to be completed later. Unit: items.';
