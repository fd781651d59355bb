CREATE TABLE planner_override (
    override_id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    level TEXT,
    member_id TEXT,
    first_date DATE,
    last_date DATE,
    start_time TEXT,
    end_time TEXT,
    value DOUBLE PRECISION,
    event_name TEXT,
    withdraws BIGINT,
    reason TEXT NOT NULL,
    valid_until_date DATE,
    first_plan_date DATE,
    entered_by TEXT DEFAULT SESSION_USER NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT pk_planner_override PRIMARY KEY (override_id),
    CONSTRAINT ck_planner_override_override_id CHECK (override_id >= 1),
    CONSTRAINT ck_planner_override_kind CHECK (kind IN ('contacts_factor', 'contacts_total', 'contacts_added', 'handle_time_factor', 'handle_seconds', 'closed', 'opened', 'event', 'withdrawal')),
    CONSTRAINT ck_planner_override_level CHECK (level IN ('queue', 'channel', 'line_of_business', 'enterprise')),
    CONSTRAINT ck_planner_override_value CHECK (value > '-Infinity' AND value < 'Infinity'),
    CONSTRAINT ck_planner_override_withdraws CHECK (withdraws >= 1),
    CONSTRAINT ck_planner_override_taken_back CHECK ((kind = 'withdrawal') = (withdraws IS NOT NULL)),
    CONSTRAINT ck_planner_override_said_what CHECK (kind = 'withdrawal' OR num_nulls(level, member_id, first_date, last_date) = 0),
    CONSTRAINT ck_planner_override_dates CHECK (last_date >= first_date),
    CONSTRAINT ck_planner_override_times CHECK ((start_time IS NULL) = (end_time IS NULL) AND start_time < end_time),
    CONSTRAINT ck_planner_override_clock CHECK (start_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' AND end_time ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'),
    CONSTRAINT ck_planner_override_value_said CHECK (kind IN ('closed', 'event', 'withdrawal') OR value IS NOT NULL),
    CONSTRAINT ck_planner_override_not_negative CHECK (kind = 'contacts_added' OR value >= 0),
    CONSTRAINT ck_planner_override_event_named CHECK (kind <> 'event' OR event_name IS NOT NULL),
    CONSTRAINT ck_planner_override_reason_said CHECK (length(trim(reason)) BETWEEN 1 AND 500)
);

COMMENT ON TABLE planner_override IS 'The planners'' door: what they enter here, or by `leadline override`, changes the next night''s plan. Rows stay. One row: one change that a planner entered, or took back.';

COMMENT ON COLUMN planner_override.override_id IS 'Number of the entry, from 1. Unit: number.';

COMMENT ON COLUMN planner_override.kind IS 'What is changed: contacts_factor (times value), contacts_total (value contacts a day), contacts_added (value contacts a day more, or fewer), handle_time_factor, handle_seconds, closed, opened (value contacts come), event (a special day by its name), withdrawal (takes the entry `withdraws` back). Unit: text.';

COMMENT ON COLUMN planner_override.level IS 'Level of the enterprise that the row adds up to. Unit: text.';

COMMENT ON COLUMN planner_override.member_id IS 'Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text.';

COMMENT ON COLUMN planner_override.first_date IS 'First day that is changed. Unit: date.';

COMMENT ON COLUMN planner_override.last_date IS 'Last day that is changed. Unit: date.';

COMMENT ON COLUMN planner_override.start_time IS 'Local time from which each of the days is changed, as 08:30; missing for the whole day. Unit: text.';

COMMENT ON COLUMN planner_override.end_time IS 'Local time until which each of the days is changed, as 17:00 or 24:00. Unit: text.';

COMMENT ON COLUMN planner_override.value IS 'How much: a factor, contacts a day or seconds, as the kind says. Unit: by kind.';

COMMENT ON COLUMN planner_override.event_name IS 'Name of a special event: days of the same name are taken to be alike. Unit: text.';

COMMENT ON COLUMN planner_override.withdraws IS 'Number of the entry that a withdrawal takes back. Unit: number.';

COMMENT ON COLUMN planner_override.reason IS 'Why, in the planner''s words. Unit: text.';

COMMENT ON COLUMN planner_override.valid_until_date IS 'Last night whose plan heeds it; missing for all nights before the last day. Unit: date.';

COMMENT ON COLUMN planner_override.first_plan_date IS 'First night whose plan heeds it; missing for the day of the entry. Unit: date.';

COMMENT ON COLUMN planner_override.entered_by IS 'Who entered it. Unit: text.';

COMMENT ON COLUMN planner_override.entered_at IS 'When it was entered. Unit: instant UTC.';

CREATE TABLE model_forecast_daily (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    level TEXT NOT NULL,
    member_id TEXT NOT NULL,
    business_date DATE NOT NULL,
    lead_days BIGINT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    offered_contacts_q05 DOUBLE PRECISION NOT NULL,
    offered_contacts_q10 DOUBLE PRECISION NOT NULL,
    offered_contacts_q25 DOUBLE PRECISION NOT NULL,
    offered_contacts_q50 DOUBLE PRECISION NOT NULL,
    offered_contacts_q75 DOUBLE PRECISION NOT NULL,
    offered_contacts_q90 DOUBLE PRECISION NOT NULL,
    offered_contacts_q95 DOUBLE PRECISION NOT NULL,
    mean_handle_seconds DOUBLE PRECISION,
    mean_handle_seconds_q05 DOUBLE PRECISION,
    mean_handle_seconds_q10 DOUBLE PRECISION,
    mean_handle_seconds_q25 DOUBLE PRECISION,
    mean_handle_seconds_q50 DOUBLE PRECISION,
    mean_handle_seconds_q75 DOUBLE PRECISION,
    mean_handle_seconds_q90 DOUBLE PRECISION,
    mean_handle_seconds_q95 DOUBLE PRECISION,
    base_contacts DOUBLE PRECISION NOT NULL,
    weekday_contacts DOUBLE PRECISION NOT NULL,
    calendar_contacts DOUBLE PRECISION NOT NULL,
    holiday_contacts DOUBLE PRECISION NOT NULL,
    trend_contacts DOUBLE PRECISION NOT NULL,
    claims_lead_contacts DOUBLE PRECISION NOT NULL,
    event_contacts DOUBLE PRECISION NOT NULL,
    override_contacts DOUBLE PRECISION NOT NULL,
    champion_model TEXT NOT NULL,
    fallback_reason TEXT,
    data_until_date DATE,
    data_warning TEXT,
    driver_lead_contacts DOUBLE PRECISION,
    CONSTRAINT pk_model_forecast_daily PRIMARY KEY (plan_date, version, level, member_id, business_date),
    CONSTRAINT ck_model_forecast_daily_version CHECK (version >= 1),
    CONSTRAINT ck_model_forecast_daily_level CHECK (level IN ('queue', 'channel', 'line_of_business', 'enterprise')),
    CONSTRAINT ck_model_forecast_daily_lead_days CHECK (lead_days >= 1),
    CONSTRAINT ck_model_forecast_daily_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_offered_contacts_q05 CHECK (offered_contacts_q05 >= 0 AND offered_contacts_q05 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_offered_contacts_q10 CHECK (offered_contacts_q10 >= 0 AND offered_contacts_q10 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_offered_contacts_q25 CHECK (offered_contacts_q25 >= 0 AND offered_contacts_q25 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_offered_contacts_q50 CHECK (offered_contacts_q50 >= 0 AND offered_contacts_q50 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_offered_contacts_q75 CHECK (offered_contacts_q75 >= 0 AND offered_contacts_q75 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_offered_contacts_q90 CHECK (offered_contacts_q90 >= 0 AND offered_contacts_q90 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_offered_contacts_q95 CHECK (offered_contacts_q95 >= 0 AND offered_contacts_q95 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_mean_handle_seconds CHECK (mean_handle_seconds >= 0 AND mean_handle_seconds < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_mean_handle_seconds_q05 CHECK (mean_handle_seconds_q05 >= 0 AND mean_handle_seconds_q05 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_mean_handle_seconds_q10 CHECK (mean_handle_seconds_q10 >= 0 AND mean_handle_seconds_q10 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_mean_handle_seconds_q25 CHECK (mean_handle_seconds_q25 >= 0 AND mean_handle_seconds_q25 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_mean_handle_seconds_q50 CHECK (mean_handle_seconds_q50 >= 0 AND mean_handle_seconds_q50 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_mean_handle_seconds_q75 CHECK (mean_handle_seconds_q75 >= 0 AND mean_handle_seconds_q75 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_mean_handle_seconds_q90 CHECK (mean_handle_seconds_q90 >= 0 AND mean_handle_seconds_q90 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_mean_handle_seconds_q95 CHECK (mean_handle_seconds_q95 >= 0 AND mean_handle_seconds_q95 < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_base_contacts CHECK (base_contacts > '-Infinity' AND base_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_weekday_contacts CHECK (weekday_contacts > '-Infinity' AND weekday_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_calendar_contacts CHECK (calendar_contacts > '-Infinity' AND calendar_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_holiday_contacts CHECK (holiday_contacts > '-Infinity' AND holiday_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_trend_contacts CHECK (trend_contacts > '-Infinity' AND trend_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_claims_lead_contacts CHECK (claims_lead_contacts > '-Infinity' AND claims_lead_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_event_contacts CHECK (event_contacts > '-Infinity' AND event_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_override_contacts CHECK (override_contacts > '-Infinity' AND override_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_daily_driver_lead_contacts CHECK (driver_lead_contacts > '-Infinity' AND driver_lead_contacts < 'Infinity'),
    CONSTRAINT fk_model_forecast_daily_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_model_forecast_daily_business_date ON model_forecast_daily (business_date, plan_date, version);

COMMENT ON TABLE model_forecast_daily IS 'The model''s own numbers of days that planners changed, of every level. What is not in here was not changed. One row: one plan, one member of a level of the enterprise and one day.';

COMMENT ON COLUMN model_forecast_daily.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN model_forecast_daily.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN model_forecast_daily.level IS 'Level of the enterprise that the row adds up to. Unit: text.';

COMMENT ON COLUMN model_forecast_daily.member_id IS 'Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text.';

COMMENT ON COLUMN model_forecast_daily.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN model_forecast_daily.lead_days IS 'Days from the plan date to the business date; 1 is tomorrow. Unit: days.';

COMMENT ON COLUMN model_forecast_daily.mean_offered_contacts IS 'Expected contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.offered_contacts_q05 IS '5 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.offered_contacts_q10 IS '10 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.offered_contacts_q25 IS '25 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.offered_contacts_q50 IS '50 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.offered_contacts_q75 IS '75 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.offered_contacts_q90 IS '90 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.offered_contacts_q95 IS '95 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.mean_handle_seconds IS 'Expected mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_daily.mean_handle_seconds_q05 IS '5 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_daily.mean_handle_seconds_q10 IS '10 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_daily.mean_handle_seconds_q25 IS '25 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_daily.mean_handle_seconds_q50 IS '50 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_daily.mean_handle_seconds_q75 IS '75 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_daily.mean_handle_seconds_q90 IS '90 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_daily.mean_handle_seconds_q95 IS '95 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_daily.base_contacts IS 'Level of an average open day. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.weekday_contacts IS 'What the weekday adds or takes. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.calendar_contacts IS 'What the business calendar (month start and end, pay days) adds or takes. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.holiday_contacts IS 'What holidays, their eves and catch-up after closures add or take. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.trend_contacts IS 'What trend and season add or take. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.claims_lead_contacts IS 'What claims already reported or expected add. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.event_contacts IS 'What known events add or take. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.override_contacts IS 'What planners changed. Unit: contacts.';

COMMENT ON COLUMN model_forecast_daily.champion_model IS 'Model whose forecast is published. Unit: text.';

COMMENT ON COLUMN model_forecast_daily.fallback_reason IS 'Why a simpler model was used than usual; missing when all was well. Unit: text.';

COMMENT ON COLUMN model_forecast_daily.data_until_date IS 'Last day whose contacts the forecast rests on; of a level above, the earliest of its queues''. Unit: date.';

COMMENT ON COLUMN model_forecast_daily.data_warning IS 'Why recent days were left out, or a former forecast stands in: people look at this first. Missing when all is well. Unit: text.';

COMMENT ON COLUMN model_forecast_daily.driver_lead_contacts IS 'What other declared drivers (mailings, web visits) add, known or expected; missing in plans older than this column. Unit: contacts.';

CREATE TABLE model_forecast_interval (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    lead_days BIGINT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    offered_contacts_q05 DOUBLE PRECISION NOT NULL,
    offered_contacts_q10 DOUBLE PRECISION NOT NULL,
    offered_contacts_q25 DOUBLE PRECISION NOT NULL,
    offered_contacts_q50 DOUBLE PRECISION NOT NULL,
    offered_contacts_q75 DOUBLE PRECISION NOT NULL,
    offered_contacts_q90 DOUBLE PRECISION NOT NULL,
    offered_contacts_q95 DOUBLE PRECISION NOT NULL,
    mean_handle_seconds DOUBLE PRECISION,
    mean_handle_seconds_q05 DOUBLE PRECISION,
    mean_handle_seconds_q10 DOUBLE PRECISION,
    mean_handle_seconds_q25 DOUBLE PRECISION,
    mean_handle_seconds_q50 DOUBLE PRECISION,
    mean_handle_seconds_q75 DOUBLE PRECISION,
    mean_handle_seconds_q90 DOUBLE PRECISION,
    mean_handle_seconds_q95 DOUBLE PRECISION,
    champion_model TEXT NOT NULL,
    CONSTRAINT pk_model_forecast_interval PRIMARY KEY (plan_date, version, queue_id, interval_start_utc),
    CONSTRAINT ck_model_forecast_interval_version CHECK (version >= 1),
    CONSTRAINT ck_model_forecast_interval_lead_days CHECK (lead_days >= 1),
    CONSTRAINT ck_model_forecast_interval_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_offered_contacts_q05 CHECK (offered_contacts_q05 >= 0 AND offered_contacts_q05 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_offered_contacts_q10 CHECK (offered_contacts_q10 >= 0 AND offered_contacts_q10 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_offered_contacts_q25 CHECK (offered_contacts_q25 >= 0 AND offered_contacts_q25 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_offered_contacts_q50 CHECK (offered_contacts_q50 >= 0 AND offered_contacts_q50 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_offered_contacts_q75 CHECK (offered_contacts_q75 >= 0 AND offered_contacts_q75 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_offered_contacts_q90 CHECK (offered_contacts_q90 >= 0 AND offered_contacts_q90 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_offered_contacts_q95 CHECK (offered_contacts_q95 >= 0 AND offered_contacts_q95 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_mean_handle_seconds CHECK (mean_handle_seconds >= 0 AND mean_handle_seconds < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_mean_handle_seconds_q05 CHECK (mean_handle_seconds_q05 >= 0 AND mean_handle_seconds_q05 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_mean_handle_seconds_q10 CHECK (mean_handle_seconds_q10 >= 0 AND mean_handle_seconds_q10 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_mean_handle_seconds_q25 CHECK (mean_handle_seconds_q25 >= 0 AND mean_handle_seconds_q25 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_mean_handle_seconds_q50 CHECK (mean_handle_seconds_q50 >= 0 AND mean_handle_seconds_q50 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_mean_handle_seconds_q75 CHECK (mean_handle_seconds_q75 >= 0 AND mean_handle_seconds_q75 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_mean_handle_seconds_q90 CHECK (mean_handle_seconds_q90 >= 0 AND mean_handle_seconds_q90 < 'Infinity'),
    CONSTRAINT ck_model_forecast_interval_mean_handle_seconds_q95 CHECK (mean_handle_seconds_q95 >= 0 AND mean_handle_seconds_q95 < 'Infinity'),
    CONSTRAINT fk_model_forecast_interval_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_model_forecast_interval_business_date ON model_forecast_interval (business_date, plan_date, version);

COMMENT ON TABLE model_forecast_interval IS 'The model''s own numbers of intervals that planners changed. What is not in here was not changed. One row: one plan, queue and interval.';

COMMENT ON COLUMN model_forecast_interval.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN model_forecast_interval.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN model_forecast_interval.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN model_forecast_interval.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN model_forecast_interval.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN model_forecast_interval.lead_days IS 'Days from the plan date to the business date; 1 is tomorrow. Unit: days.';

COMMENT ON COLUMN model_forecast_interval.mean_offered_contacts IS 'Expected contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_interval.offered_contacts_q05 IS '5 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_interval.offered_contacts_q10 IS '10 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_interval.offered_contacts_q25 IS '25 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_interval.offered_contacts_q50 IS '50 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_interval.offered_contacts_q75 IS '75 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_interval.offered_contacts_q90 IS '90 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_interval.offered_contacts_q95 IS '95 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN model_forecast_interval.mean_handle_seconds IS 'Expected mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_interval.mean_handle_seconds_q05 IS '5 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_interval.mean_handle_seconds_q10 IS '10 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_interval.mean_handle_seconds_q25 IS '25 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_interval.mean_handle_seconds_q50 IS '50 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_interval.mean_handle_seconds_q75 IS '75 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_interval.mean_handle_seconds_q90 IS '90 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_interval.mean_handle_seconds_q95 IS '95 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN model_forecast_interval.champion_model IS 'Model whose forecast is published. Unit: text.';

CREATE TABLE override_effect (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    business_date DATE NOT NULL,
    override_id BIGINT NOT NULL,
    changed_contacts DOUBLE PRECISION NOT NULL,
    changed_handle_seconds DOUBLE PRECISION NOT NULL,
    in_words TEXT NOT NULL,
    CONSTRAINT pk_override_effect PRIMARY KEY (plan_date, version, queue_id, business_date, override_id),
    CONSTRAINT ck_override_effect_version CHECK (version >= 1),
    CONSTRAINT ck_override_effect_override_id CHECK (override_id >= 1),
    CONSTRAINT ck_override_effect_changed_contacts CHECK (changed_contacts > '-Infinity' AND changed_contacts < 'Infinity'),
    CONSTRAINT ck_override_effect_changed_handle_seconds CHECK (changed_handle_seconds > '-Infinity' AND changed_handle_seconds < 'Infinity'),
    CONSTRAINT fk_override_effect_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_override_effect_business_date ON override_effect (business_date, plan_date, version);

COMMENT ON TABLE override_effect IS 'What each planners'' change did to each queue''s day: the changes of a day add up to its override_contacts. One row: one plan, entry, queue and day that it changed.';

COMMENT ON COLUMN override_effect.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN override_effect.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN override_effect.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN override_effect.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN override_effect.override_id IS 'Number of the entry, from 1. Unit: number.';

COMMENT ON COLUMN override_effect.changed_contacts IS 'Contacts that it adds or takes. Unit: contacts.';

COMMENT ON COLUMN override_effect.changed_handle_seconds IS 'Mean handle time that it adds or takes. Unit: seconds.';

COMMENT ON COLUMN override_effect.in_words IS 'What was changed, by whom and why. Unit: text.';

CREATE TABLE override_status (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    override_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    level TEXT NOT NULL,
    member_id TEXT NOT NULL,
    first_date DATE,
    last_date DATE,
    start_time TEXT,
    end_time TEXT,
    value DOUBLE PRECISION,
    event_name TEXT,
    reason TEXT NOT NULL,
    valid_until_date DATE,
    first_plan_date DATE,
    entered_by TEXT NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status TEXT NOT NULL,
    status_reason TEXT NOT NULL,
    CONSTRAINT pk_override_status PRIMARY KEY (plan_date, version, override_id),
    CONSTRAINT ck_override_status_version CHECK (version >= 1),
    CONSTRAINT ck_override_status_override_id CHECK (override_id >= 1),
    CONSTRAINT ck_override_status_kind CHECK (kind IN ('contacts_factor', 'contacts_total', 'contacts_added', 'handle_time_factor', 'handle_seconds', 'closed', 'opened', 'event', 'withdrawal')),
    CONSTRAINT ck_override_status_level CHECK (level IN ('queue', 'channel', 'line_of_business', 'enterprise')),
    CONSTRAINT ck_override_status_value CHECK (value > '-Infinity' AND value < 'Infinity'),
    CONSTRAINT ck_override_status_status CHECK (status IN ('applied', 'waiting', 'done', 'expired', 'withdrawn', 'refused')),
    CONSTRAINT fk_override_status_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

COMMENT ON TABLE override_status IS 'What each plan did with the planners'' changes, and why one was refused. The plan of a night knows no later entry. One row: one plan and entry that was known by its night.';

COMMENT ON COLUMN override_status.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN override_status.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN override_status.override_id IS 'Number of the entry, from 1. Unit: number.';

COMMENT ON COLUMN override_status.kind IS 'What is changed: contacts_factor (times value), contacts_total (value contacts a day), contacts_added (value contacts a day more, or fewer), handle_time_factor, handle_seconds, closed, opened (value contacts come), event (a special day by its name), withdrawal (takes the entry `withdraws` back). Unit: text.';

COMMENT ON COLUMN override_status.level IS 'Level of the enterprise that the row adds up to. Unit: text.';

COMMENT ON COLUMN override_status.member_id IS 'Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text.';

COMMENT ON COLUMN override_status.first_date IS 'First day that is changed. Unit: date.';

COMMENT ON COLUMN override_status.last_date IS 'Last day that is changed. Unit: date.';

COMMENT ON COLUMN override_status.start_time IS 'Local time from which each of the days is changed, as 08:30; missing for the whole day. Unit: text.';

COMMENT ON COLUMN override_status.end_time IS 'Local time until which each of the days is changed, as 17:00 or 24:00. Unit: text.';

COMMENT ON COLUMN override_status.value IS 'How much: a factor, contacts a day or seconds, as the kind says. Unit: by kind.';

COMMENT ON COLUMN override_status.event_name IS 'Name of a special event: days of the same name are taken to be alike. Unit: text.';

COMMENT ON COLUMN override_status.reason IS 'Why, in the planner''s words. Unit: text.';

COMMENT ON COLUMN override_status.valid_until_date IS 'Last night whose plan heeds it; missing for all nights before the last day. Unit: date.';

COMMENT ON COLUMN override_status.first_plan_date IS 'First night whose plan heeds it; missing for the day of the entry. Unit: date.';

COMMENT ON COLUMN override_status.entered_by IS 'Who entered it. Unit: text.';

COMMENT ON COLUMN override_status.entered_at IS 'When it was entered. Unit: instant UTC.';

COMMENT ON COLUMN override_status.status IS 'What the plan did: applied, waiting (its days lie beyond the plan), done (its days are over), expired (its valid_until_date has passed), withdrawn, or refused. Unit: text.';

COMMENT ON COLUMN override_status.status_reason IS 'Why it is not applied: what was expected, and what to do. Unit: text.';
