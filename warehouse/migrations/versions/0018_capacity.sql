CREATE TABLE capacity_plan (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    staff_group TEXT NOT NULL,
    week_start_date DATE NOT NULL,
    scenario TEXT NOT NULL,
    staff_group_name TEXT NOT NULL,
    lead_weeks BIGINT NOT NULL,
    offered_contacts DOUBLE PRECISION NOT NULL,
    required_full_time_equivalents DOUBLE PRECISION NOT NULL,
    available_full_time_equivalents DOUBLE PRECISION,
    missing_full_time_equivalents DOUBLE PRECISION,
    close_gap_by_date DATE,
    is_too_late BOOLEAN NOT NULL,
    hires_to_start BIGINT,
    begin_recruiting_date DATE,
    hired_full_time_equivalents DOUBLE PRECISION,
    still_missing_full_time_equivalents DOUBLE PRECISION,
    paid_full_time_equivalents DOUBLE PRECISION,
    cost DOUBLE PRECISION,
    missing_cost DOUBLE PRECISION,
    note TEXT NOT NULL,
    CONSTRAINT pk_capacity_plan PRIMARY KEY (plan_date, version, staff_group, week_start_date, scenario),
    CONSTRAINT ck_capacity_plan_version CHECK (version >= 1),
    CONSTRAINT ck_capacity_plan_scenario CHECK (scenario IN ('low', 'base', 'high')),
    CONSTRAINT ck_capacity_plan_lead_weeks CHECK (lead_weeks >= 1),
    CONSTRAINT ck_capacity_plan_offered_contacts CHECK (offered_contacts >= 0 AND offered_contacts < 'Infinity'),
    CONSTRAINT ck_capacity_plan_required_full_time_equivalents CHECK (required_full_time_equivalents >= 0 AND required_full_time_equivalents < 'Infinity'),
    CONSTRAINT ck_capacity_plan_available_full_time_equivalents CHECK (available_full_time_equivalents >= 0 AND available_full_time_equivalents < 'Infinity'),
    CONSTRAINT ck_capacity_plan_missing_full_time_equivalents CHECK (missing_full_time_equivalents > '-Infinity' AND missing_full_time_equivalents < 'Infinity'),
    CONSTRAINT ck_capacity_plan_hires_to_start CHECK (hires_to_start >= 0),
    CONSTRAINT ck_capacity_plan_hired_full_time_equivalents CHECK (hired_full_time_equivalents >= 0 AND hired_full_time_equivalents < 'Infinity'),
    CONSTRAINT ck_capacity_plan_still_missing_full_time_equivalents CHECK (still_missing_full_time_equivalents >= 0 AND still_missing_full_time_equivalents < 'Infinity'),
    CONSTRAINT ck_capacity_plan_paid_full_time_equivalents CHECK (paid_full_time_equivalents >= 0 AND paid_full_time_equivalents < 'Infinity'),
    CONSTRAINT ck_capacity_plan_cost CHECK (cost >= 0 AND cost < 'Infinity'),
    CONSTRAINT ck_capacity_plan_missing_cost CHECK (missing_cost >= 0 AND missing_cost < 'Infinity'),
    CONSTRAINT fk_capacity_plan_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

COMMENT ON TABLE capacity_plan IS 'Full-time equivalents needed and there for a year and a half, what is missing, whom to hire when, and the cost. One row: one plan, staff group, week and scenario.';

COMMENT ON COLUMN capacity_plan.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN capacity_plan.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN capacity_plan.staff_group IS 'Group of people that share queues, by its name in the settings. Unit: text.';

COMMENT ON COLUMN capacity_plan.week_start_date IS 'Monday of the week. Unit: date.';

COMMENT ON COLUMN capacity_plan.scenario IS 'Every queue of the group at the low, mean or high contacts of forecast_weekly. Unit: text.';

COMMENT ON COLUMN capacity_plan.staff_group_name IS 'Name of the group. Unit: text.';

COMMENT ON COLUMN capacity_plan.lead_weeks IS '1 is the first whole week after the plan date. Unit: weeks.';

COMMENT ON COLUMN capacity_plan.offered_contacts IS 'Contacts and items of the group''s queues in the week. Unit: contacts.';

COMMENT ON COLUMN capacity_plan.required_full_time_equivalents IS 'Paid hours needed, shrinkage and what shifts cannot fit included, over those of a full-timer. Unit: full-time equivalents.';

COMMENT ON COLUMN capacity_plan.available_full_time_equivalents IS 'What the people known today do then: leavers gone, new people as far as they are trained; missing where nobody knows who is there. Unit: full-time equivalents.';

COMMENT ON COLUMN capacity_plan.missing_full_time_equivalents IS 'Required less available without any new hire; negative where people are to spare. Unit: full-time equivalents.';

COMMENT ON COLUMN capacity_plan.close_gap_by_date IS 'Last day to begin recruiting people who are fully trained by that week; missing where nobody is missing. Unit: date.';

COMMENT ON COLUMN capacity_plan.is_too_late IS 'Whether people are missing and that day is over: overtime, an agency or a lower goal remain. Unit: flag.';

COMMENT ON COLUMN capacity_plan.hires_to_start IS 'People whose first day should be in the week, by the cheapest plan of hires. Unit: people.';

COMMENT ON COLUMN capacity_plan.begin_recruiting_date IS 'Day on which recruiting of these people begins; missing where none start. Unit: date.';

COMMENT ON COLUMN capacity_plan.hired_full_time_equivalents IS 'What the people hired so far by this plan do. Unit: full-time equivalents.';

COMMENT ON COLUMN capacity_plan.still_missing_full_time_equivalents IS 'What remains missing with them. Unit: full-time equivalents.';

COMMENT ON COLUMN capacity_plan.paid_full_time_equivalents IS 'People on the pay-roll, those in training included. Unit: full-time equivalents.';

COMMENT ON COLUMN capacity_plan.cost IS 'Their pay in the week, and the cost of those who are hired in it. Unit: currency.';

COMMENT ON COLUMN capacity_plan.missing_cost IS 'Price of the hours that remain missing. Unit: currency.';

COMMENT ON COLUMN capacity_plan.note IS 'What the row rests on and what is not known, in words. Unit: text.';
