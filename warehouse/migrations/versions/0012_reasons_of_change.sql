CREATE TABLE forecast_change (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    level TEXT NOT NULL,
    member_id TEXT NOT NULL,
    business_date DATE NOT NULL,
    reason TEXT NOT NULL,
    former_plan_date DATE NOT NULL,
    former_mean_offered_contacts DOUBLE PRECISION NOT NULL,
    former_work_hours DOUBLE PRECISION NOT NULL,
    change_contacts DOUBLE PRECISION NOT NULL,
    change_work_hours DOUBLE PRECISION NOT NULL,
    words TEXT NOT NULL,
    CONSTRAINT pk_forecast_change PRIMARY KEY (plan_date, version, level, member_id, business_date, reason),
    CONSTRAINT ck_forecast_change_version CHECK (version >= 1),
    CONSTRAINT ck_forecast_change_level CHECK (level IN ('queue', 'channel', 'line_of_business', 'enterprise')),
    CONSTRAINT ck_forecast_change_reason CHECK (reason IN ('level', 'claims', 'drivers', 'calendar', 'champion', 'events', 'planners', 'handle_time')),
    CONSTRAINT ck_forecast_change_former_mean_offered_contacts CHECK (former_mean_offered_contacts >= 0 AND former_mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_change_former_work_hours CHECK (former_work_hours >= 0 AND former_work_hours < 'Infinity'),
    CONSTRAINT ck_forecast_change_change_contacts CHECK (change_contacts > '-Infinity' AND change_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_change_change_work_hours CHECK (change_work_hours > '-Infinity' AND change_work_hours < 'Infinity'),
    CONSTRAINT fk_forecast_change_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_forecast_change_business_date ON forecast_change (business_date, plan_date, version);

COMMENT ON TABLE forecast_change IS 'What changed since the last plan, and why: the contacts of a day''s reasons add up to the difference of the two plans'' means, their hours to that of the work (contacts times handle time). Levels are sums of queues in both plans. One row: one plan, one member of a level of the enterprise, one day and one reason.';

COMMENT ON COLUMN forecast_change.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN forecast_change.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN forecast_change.level IS 'Level of the enterprise that the row adds up to. Unit: text.';

COMMENT ON COLUMN forecast_change.member_id IS 'Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text.';

COMMENT ON COLUMN forecast_change.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN forecast_change.reason IS 'Why: see words. Unit: text.';

COMMENT ON COLUMN forecast_change.former_plan_date IS 'Night of the plan compared with: the last one before. Unit: date.';

COMMENT ON COLUMN forecast_change.former_mean_offered_contacts IS 'What that plan expected of the day. Unit: contacts.';

COMMENT ON COLUMN forecast_change.former_work_hours IS 'Work that it expected: contacts times mean handle time. Unit: hours.';

COMMENT ON COLUMN forecast_change.change_contacts IS 'Contacts that the reason adds or takes. Unit: contacts.';

COMMENT ON COLUMN forecast_change.change_work_hours IS 'Work that the reason adds or takes. Unit: hours.';

COMMENT ON COLUMN forecast_change.words IS 'The reason in words. Unit: text.';
