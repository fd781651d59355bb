CREATE TABLE forecast_weekly (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    level TEXT NOT NULL,
    member_id TEXT NOT NULL,
    week_start_date DATE NOT NULL,
    lead_weeks BIGINT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    low_offered_contacts DOUBLE PRECISION NOT NULL,
    high_offered_contacts DOUBLE PRECISION NOT NULL,
    band_probability_fraction DOUBLE PRECISION NOT NULL,
    basis TEXT NOT NULL,
    history_weeks BIGINT NOT NULL,
    note TEXT,
    CONSTRAINT pk_forecast_weekly PRIMARY KEY (plan_date, version, level, member_id, week_start_date),
    CONSTRAINT ck_forecast_weekly_version CHECK (version >= 1),
    CONSTRAINT ck_forecast_weekly_level CHECK (level IN ('queue', 'channel', 'line_of_business', 'enterprise')),
    CONSTRAINT ck_forecast_weekly_lead_weeks CHECK (lead_weeks >= 1),
    CONSTRAINT ck_forecast_weekly_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_weekly_low_offered_contacts CHECK (low_offered_contacts >= 0 AND low_offered_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_weekly_high_offered_contacts CHECK (high_offered_contacts >= 0 AND high_offered_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_weekly_band_probability_fraction CHECK (band_probability_fraction >= 0 AND band_probability_fraction <= 1),
    CONSTRAINT ck_forecast_weekly_history_weeks CHECK (history_weeks >= 0),
    CONSTRAINT fk_forecast_weekly_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

COMMENT ON TABLE forecast_weekly IS 'Contacts expected per week for a year and a half, for capacity plans: level, damped trend and yearly season. Means add up over the levels; bands do not, because queues do not all stray the same way at once. One row: one plan, one member of a level of the enterprise and one week.';

COMMENT ON COLUMN forecast_weekly.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN forecast_weekly.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN forecast_weekly.level IS 'Level of the enterprise that the row adds up to. Unit: text.';

COMMENT ON COLUMN forecast_weekly.member_id IS 'Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text.';

COMMENT ON COLUMN forecast_weekly.week_start_date IS 'Monday of the week; the first one lies wholly after the plan date. Unit: date.';

COMMENT ON COLUMN forecast_weekly.lead_weeks IS '1 is the first whole week after the plan date. Unit: weeks.';

COMMENT ON COLUMN forecast_weekly.mean_offered_contacts IS 'Expected contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_weekly.low_offered_contacts IS 'Low scenario: lower end of the band. Unit: contacts.';

COMMENT ON COLUMN forecast_weekly.high_offered_contacts IS 'High scenario: upper end of the band. Unit: contacts.';

COMMENT ON COLUMN forecast_weekly.band_probability_fraction IS 'Probability with which the week lies between the low and the high scenario. Unit: fraction.';

COMMENT ON COLUMN forecast_weekly.basis IS 'Whether the week is the sum of the plan''s days or comes from the long-term forecast. Unit: text.';

COMMENT ON COLUMN forecast_weekly.history_weeks IS 'Weeks of history it rests on; of a level, the least of its queues''. Unit: weeks.';

COMMENT ON COLUMN forecast_weekly.note IS 'What is not known for want of history; missing when all is well. Unit: text.';
